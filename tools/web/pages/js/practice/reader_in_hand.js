// The chosen reader in a dialog, as on the bench: its keys, its slots and its cable, wherever the page stands.

import { openDialog } from "../dialog.js";
import { h } from "../markup.js";
import { part } from "../part.js";
import "../reader.js";
import { say } from "../words.js";

/** Return a button that takes the practice's reader in hand; beside the reader itself nobody sees it. */
export function inHandButton(practice) {
  return h("button", {
    type: "button", class: "button button-small in-hand", "data-act": "in-hand", "aria-haspopup": "dialog", onclick: () => takeInHand(practice),
  }, say("Take the reader in hand…"));
}

function takeInHand({ reader, bench }) {
  if (reader === null) {
    return;
  }
  const dialog = openDialog(say("The reader"), () => part("tla-reader", { reader, bench }), { closable: true });
  dialog.classList.add("in-hand-dialog");
  dialog.querySelector(".device").focus();
  reader.addEventListener("gone", () => dialog.close(), { once: true });
}
