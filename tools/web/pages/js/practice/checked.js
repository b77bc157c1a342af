// What is wrong with a draft, in one place: each problem leads to its field.

import { h, put } from "../markup.js";
import { sayMany } from "../words.js";
import { address } from "./address.js";

const MOST = 20;

/**
 * Return a summary of problems. `focus(place)` gives the field at a place the focus if it is here, and says
 * whether it was; `label(place)` is what it is called. Its `show(problems)` tells them in their order, `take()` goes
 * to the field of the first, or to the link that leads there.
 */
export function checkedSummary({ focus, label }) {
  const count = h("p", { class: "edit-checked-title", role: "status" });
  const made = h("section", { class: "edit-checked", hidden: true });
  made.show = (problems) => {
    const had = made.contains(document.activeElement) ? document.activeElement.dataset.place : undefined;
    made.hidden = problems.length === 0;
    put(count, problems.length === 0 ? null : sayMany(problems.length, "{count} problem to mend", "{count} problems to mend"));
    put(made, count, problems.length === 0 ? null : [
      h("ul", {}, problems.slice(0, MOST).map(({ place, told }) => h("li", {},
        h("a", { href: addressOf(place), "data-place": place, onclick: (event) => focus(place) && event.preventDefault() }, label(place)), " ", told))),
      problems.length > MOST ? h("p", {}, "…") : null,
    ]);
    if (had !== undefined) {
      [...made.querySelectorAll("a")].find((each) => each.dataset.place === had)?.focus();
    }
  };
  made.take = () => {
    const first = made.querySelector("a");
    if (first !== null && !focus(first.dataset.place)) {
      first.focus();
    }
  };
  return made;
}

/** Return where a place of a practice file is edited: {section, index, within}. */
export function whereIs(place) {
  const [, section, index, within = ""] = /^(\w+)(?:\[(\d+)\]\.?(.*))?$/s.exec(place) ?? [];
  return { section, index, within };
}

function addressOf(place) {
  const { section, index, within } = whereIs(place);
  return index === undefined ? address("editing", ...(section ? [section] : [])) : address("editing", section, index, ...(within ? [within] : []));
}
