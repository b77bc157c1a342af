// Billing an invoice: the code, the question of a partial certification, and what became of it.

import { post, put as send } from "../api.js";
import { openDialog } from "../dialog.js";
import { h } from "../markup.js";
import { say } from "../words.js";
import { askCode } from "./code_dialog.js";
import { partialMode } from "./partial_mode.js";
import { linkTo } from "./views.js";

const ASKED = "partial-security-asked";

/**
 * Bill the invoice of a summary, "secured" or "degraded". Returns {told, next, nothing, sheet}: what became of it,
 * where it is now, whether nothing was done, and whether its care sheet goes on paper; or null when it was given up. Throws a Problem when it is refused.
 */
export async function billInvoice(summary, mode) {
  const { path, practice, wanted, now } = summary;
  if (mode === "degraded" && wanted.to_load) {
    await send(`${path}/choices`, wanted);
    return { told: say("It is prepared without Vitale, and goes into the TLA with the next loading.") };
  }
  const done = await askCode(practice, {
    title: mode === "degraded" ? say("Bill {number} degraded", { number: now.number }) : say("Bill {number}", { number: now.number }),
    act: mode === "degraded" ? say("Bill it degraded") : say("Bill it"),
    slots: mode === "degraded" ? ["ps"] : ["ps", "vitale"],
    // The choices go with the order: an invoice that is not billed is left as it was.
    order: (how) => billOrAsk(`${path}/bill`, {
      reader: practice.reader.name, choices: mode === "degraded" ? wanted : { degraded: false }, ...(partialMode.on ? { partially: true } : {}), ...how,
    }),
  });
  return done === null ? null : { ...outcome(done, mode), sheet: mode === "degraded" && summary.ticked.on_paper };
}

async function billOrAsk(path, order) {
  try {
    return await post(path, order);
  } catch (problem) {
    if (problem.code !== ASKED) {
      throw problem;
    }
    return post(path, { ...order, partially: await askPartially(problem) });
  }
}

/** Ask the question of the document, at the end of billing. Escape is a no. */
function askPartially({ told, action }) {
  return new Promise((answer) => {
    const dialog = openDialog(say("Partially secured mode"), (opened) => [
      h("p", {}, told),
      h("p", { class: "quiet" }, action),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => opened.close("no") }, say("No")),
        h("button", { type: "button", class: "button button-primary", autofocus: true, onclick: () => opened.close("yes") }, say("Yes"))),
    ]);
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"));
  });
}

function outcome({ billed, number, state, signers, waits_for: owner }, mode) {
  const by = signers.join(", ");
  if (!billed) {
    return { told: say("Nothing was done: invoice {number} is not billed.", { number }), nothing: true };
  }
  if (state === "partial") {
    return {
      told: say("Invoice {number} is partially secured, signed with: {by}. It waits for the final signature of {owner}.", { number, by, owner }),
      next: linkTo("lists", [1], say("It is in the list “FSEs to secure”")),
    };
  }
  return {
    told: mode === "degraded"
      ? say("Invoice {number} is billed degraded, signed with: {by}.", { number, by })
      : say("Invoice {number} is billed, signed with: {by}.", { number, by }),
    next: linkTo("lists", [3], say("It is in the list “FSEs to send”")),
  };
}
