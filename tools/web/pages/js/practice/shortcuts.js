// One key leads to each view, another to the menu of billing. It can be switched off, for whoever speaks to the page or types by accident.

import { openDialog } from "../dialog.js";
import { h } from "../markup.js";
import { keep, kept, say } from "../words.js";
import { go } from "./address.js";
import { BILLING_KEY } from "./billing_menu.js";
import { VIEWS, keyOf } from "./views.js";

const KEPT = "shortcuts";
const OWN_KEYS = "input, select, textarea, [contenteditable], dialog, .device, [role=menu], [role=listbox]";

/** Return whether single keys lead somewhere. */
export function shortcutsOn() {
  return kept(KEPT) !== "off";
}

/** Follow the keys typed on the page, until the signal; `openBilling` opens the menu of billing. */
export function followShortcuts(signal, openBilling) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(OWN_KEYS) || document.querySelector("dialog[open]")) {
      return;
    }
    if (event.key === "?") {
      event.preventDefault();
      showShortcuts();
    } else if (shortcutsOn() && event.key.toLowerCase() === BILLING_KEY) {
      event.preventDefault();
      openBilling();
    } else if (shortcutsOn()) {
      const to = placeOf(event.key.toLowerCase());
      if (to !== null) {
        event.preventDefault();
        go(...to);
      }
    }
  }, { signal });
}

/** Show which key leads where, and let them be switched off. */
export function showShortcuts() {
  openDialog(say("Keys"), (dialog) => [
    h("dl", { class: "keys-list" }, VIEWS.flatMap((view) => [
      line(keyOf(view), view.title()),
      ...Object.entries(view.jumps ?? {}).map(([key, { title }]) => line(key, title())),
    ]), line(BILLING_KEY, say("Billing")), line("?", say("These keys"))),
    h("label", { class: "row" },
      h("input", { type: "checkbox", class: "check", checked: shortcutsOn(), onchange: (event) => keep(KEPT, event.target.checked ? "on" : "off") }),
      h("span", {}, say("One key leads to each view"))),
    h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, say("Close"))),
  ]);
}

function placeOf(key) {
  for (const view of VIEWS) {
    const jump = view.jumps?.[key];
    if (jump !== undefined) {
      return [view.name, ...jump.parts];
    }
    if (keyOf(view) === key) {
      return [view.name];
    }
  }
  return null;
}

function line(key, told) {
  return h("div", {}, h("dt", {}, h("kbd", {}, key.toUpperCase())), h("dd", {}, told));
}
