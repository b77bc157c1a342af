// What waits for an owner's final signature, document by document, once somebody wants to see it.

import { day, euros } from "../amounts.js";
import { Problem, get } from "../api.js";
import { h, put } from "../markup.js";
import { say } from "../words.js";
import { linkTo } from "./views.js";

/** Return the documents of an owner behind their heading; they are asked for when it is opened. */
export function dueDocuments({ owner, name }, open) {
  const place = h("div", {}, h("p", { class: "quiet" }, say("Loading…")));
  const made = h("details", { class: "folded", "data-owner": owner, open, ontoggle: () => made.open && show(owner, name, place) },
    h("summary", {}, say("What {name} will sign", { name })), place);
  return made;
}

async function show(owner, name, place) {
  try {
    const { count, documents } = await get(`/v1/practice/signatures-due/${owner}`);
    put(place, table(owner, name, documents),
      count > documents.length ? h("p", { class: "quiet" }, say("The first {shown:,} of {count:,} rows.", { shown: documents.length, count })) : null);
  } catch (error) {
    if (!(error instanceof Problem)) {
      throw error;
    }
    put(place, h("p", { role: "alert" }, error.told));
  }
}

function table(owner, name, documents) {
  return h("table", { class: "table home-table loading-due", "aria-label": say("What {name} will sign", { name }) },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("No.")), h("th", { scope: "col" }, say("Patient")), h("th", { scope: "col" }, say("Date")), h("th", { scope: "col", class: "list-end" }, say("Total")))),
    h("tbody", {}, documents.map((each) => h("tr", {},
      h("th", { scope: "row" }, linkTo("invoices", [owner, each.number], each.number), " ", each.kind.toUpperCase()),
      h("td", {}, each.patient), h("td", {}, day(each.date)), h("td", { class: "list-end" }, euros(each.total))))));
}
