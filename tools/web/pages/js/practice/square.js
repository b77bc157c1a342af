// The squares of the lists: green, half, red, none or an empty box, told by their shape and a text as well as by colour.

import { h } from "../markup.js";

const SIGNS = { green: "✓", half: "½", red: "✕", none: "–", empty: "" };

/** The square of how a prescription or a care sheet travels; where there is none, the document has an empty box. */
export const TRAVEL_LOOKS = { digital: "green", paper: "red", none: "empty" };

/**
 * Return a square. `told` says in words what it means; `text`, such as a day, stands beside it.
 */
export function square(look, told, text = null) {
  return h("span", { class: "square-cell", title: told },
    h("span", { class: `square square-${look}`, "aria-hidden": "true" }, SIGNS[look]),
    text === null ? null : h("span", {}, text),
    h("span", { class: "visually-hidden" }, text === null ? null : ", ", told));
}

/** Return a square with the words beside it that say what it means. */
export function wordedSquare(look, told) {
  return h("span", { class: "square-cell" },
    h("span", { class: `square square-${look}`, "aria-hidden": "true" }, SIGNS[look]), h("span", {}, told));
}

/** Return the mark of a yes or no column: a ticked or an empty box. */
export function mark(on, told) {
  return h("span", { class: "square-cell", title: told },
    h("span", { class: on ? "square square-mark" : "square square-empty", "aria-hidden": "true" }, on ? "✓" : ""),
    h("span", { class: "visually-hidden" }, told));
}
