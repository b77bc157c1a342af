// The views of the practice, in the order of the bar. A view that is not listed here does not exist.

import { h } from "../markup.js";
import { currentLanguage, say } from "../words.js";
import { address } from "./address.js";
import { LIST_KEYS } from "./list_names.js";

/**
 * Each view: its name in the address, its title, its key by language, the module that defines its element, and
 * `count(home)`: how many things wait there, if that is shown. `jumps` are further keys, to places within it.
 */
export const VIEWS = [
  { name: "home", title: () => say("Home"), key: { en: "h", fr: "a" }, load: () => import("./home.js"), element: "tla-practice-home" },
  { name: "invoices", title: () => say("Invoices"), key: { en: "i", fr: "f" }, load: () => import("./invoices.js"), element: "tla-practice-invoices", count: (home) => home.prepared.count },
  { name: "loading", title: () => say("Loading"), key: { en: "o", fr: "c" }, load: () => import("./loading.js"), element: "tla-practice-loading" },
  { name: "signature", title: () => say("Final signature"), key: { en: "s", fr: "s" }, load: () => import("./final_signature.js"), element: "tla-practice-signature", count: (home) => home.to_sign.reduce((sum, each) => sum + each.count, 0) },
  { name: "lists", title: () => say("Lists"), key: { en: "l", fr: "l" }, load: () => import("./lists.js"), element: "tla-practice-lists", count: (home) => home.lists.reduce((sum, each) => sum + each.count, 0), jumps: LIST_KEYS },
  { name: "files", title: () => say("Sending"), key: { en: "t", fr: "t" }, load: () => import("./files.js"), element: "tla-practice-files", count: (home) => home.lists[4].count },
  { name: "editing", title: () => say("Edit"), key: { en: "e", fr: "b" }, load: () => import("./editing.js"), element: "tla-practice-editing" },
];

/** Return a view by its name, or undefined. */
export function viewOf(name) {
  return VIEWS.find((each) => each.name === name);
}

/** Return the key of a view in the language spoken. */
export function keyOf(view) {
  return view.key[currentLanguage()];
}

/** Return what leads to a place of a view: a link, or the words alone where there is no such view. */
export function linkTo(view, parts, ...words) {
  return viewOf(view) === undefined
    ? h("span", {}, ...words)
    : h("a", { href: address(view, ...parts) }, ...words);
}
