// The question of the document: other owners have invoices for the same patients.

import { euros } from "../amounts.js";
import { openDialog } from "../dialog.js";
import { h } from "../markup.js";
import { all, say, sayMany } from "../words.js";

/** Return how many invoices there are and for how many patients, in words. */
export function countTold({ invoices, patients, total }) {
  return [sayMany(invoices, "{count} invoice", "{count} invoices"), ", ",
    sayMany(patients, "{count} patient", "{count} patients"), ", ", h("span", { class: "nowrap" }, euros(total))];
}

/** Return the names of owners, as one text. */
export function namesOf(owners) {
  return all(owners.map(({ name }) => name));
}

/** Ask whose invoices are loaded beside those of `owner`, a name. Returns billing numbers, none for no; null when it was closed. */
export function askOthers(others, owner) {
  return new Promise((answer) => {
    const boxes = others.map(({ owner }) => h("input", { type: "checkbox", class: "choice-box", checked: true, "data-owner": owner }));
    const dialog = openDialog(say("Other owners' invoices"), (opened) => [
      h("p", {}, say("Other health professionals have invoices for the same patients. Load them too?")),
      h("fieldset", { class: "choices-group loading-others" }, h("legend", { class: "visually-hidden" }, say("Owners")),
        others.map((each, at) => h("label", { class: "choice-label" }, boxes[at],
          h("span", {}, h("strong", {}, each.name), h("br"), h("span", { class: "quiet" }, countTold(each)))))),
      h("p", { class: "quiet" }, say("No: only the invoices of {owner} are loaded.", { owner })),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => opened.close("no") }, say("No")),
        h("button", { type: "button", class: "button button-primary", autofocus: true, onclick: () => opened.close("yes") }, say("Yes"))),
    ]);
    dialog.addEventListener("close", () => {
      const ticked = boxes.filter((each) => each.checked).map((each) => each.dataset.owner);
      answer({ yes: ticked, no: [] }[dialog.returnValue] ?? null);
    });
  });
}
