// The amounts of an invoice, computed from its acts and its reimbursement by the server.

import { Problem, post } from "../api.js";
import { h, put } from "../markup.js";
import { say } from "../words.js";

/** Return a button that fills in the amounts of the invoice in a form; what keeps them away stands beside it. */
export function computeAmounts(draft, form) {
  const why = h("p", { class: "edit-problem", role: "status" });
  return h("div", { class: "row" }, h("button", { type: "button", class: "button", onclick: async () => {
    try {
      put(why, await compute(draft, form));
    } catch (error) {
      put(why, error instanceof Problem ? error.told : say("The page failed: {error}", { error }));
    }
  } }, say("Compute the amounts")), why);
}

async function compute(draft, form) {
  const invoice = form.root;
  const { totals } = await post("/v1/practice/invoices/totals", { invoice });
  if (totals === null) {
    return say("Write the acts and the reimbursement first, without errors");
  }
  const place = `${form.place}.totals`;
  for (const [at, field] of form.fields) {
    const name = at.startsWith(`${place}.`) ? at.slice(place.length + 1) : null;
    if (name !== null && name in totals) {
      field.take(totals[name]);
    } else if (name !== null) {
      delete invoice.totals[name];
      field.show(undefined);
    }
  }
  draft.edited(place);
  return null;
}
