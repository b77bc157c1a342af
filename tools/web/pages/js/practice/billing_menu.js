// The menu of billing in the bar, and the way to the invoices that can be billed with the cards at the reader.

import { menu } from "../menu.js";
import { say } from "../words.js";
import { go, readAddress } from "./address.js";
import { partialMode } from "./partial_mode.js";
import { vitaleInSlot } from "./vitale_in_slot.js";

/** The key that opens the menu, in every language. */
export const BILLING_KEY = "m";

/** Return the menu. */
export function billingMenu(practice) {
  const made = menu(say("Billing"), { look: "button button-small", shortcut: BILLING_KEY, entries: () => [
    { label: say("Bill"), act: () => bill(practice) },
    {
      label: partialMode.on ? say("End the partially secured mode") : say("Partially secured mode"),
      act: () => switchMode(practice),
    },
    { label: say("New invoice"), act: () => go("editing", "new-invoice") },
  ] });
  made.classList.add("bar-billing");
  return made;
}

/** Begin the document's second way: the mode is not chosen before, and billing asks for it. */
export function beginBilling(practice) {
  partialMode.switch(false);
  goToInvoices(practice);
}

/** Go to the invoices: those of the patient whose Vitale is in the slot, or all. */
function goToInvoices(practice) {
  const patient = patientThere(practice);
  go("invoices", ...(patient === "" ? [] : ["patient", patient]));
}

/** Return what the names known of the Vitale in the slot have in common, so that a family is found; empty for none. */
export function patientThere(practice) {
  const [first = [], ...others] = vitaleInSlot(practice).names.map((name) => name.split(" "));
  const differs = first.findIndex((word, at) => others.some((words) => words[at] !== word));
  return first.slice(0, differs === -1 ? first.length : differs).join(" ");
}

/** Bill the invoice that is shown; where none is, have one chosen. */
function bill(practice) {
  const summary = document.querySelector("tla-invoice-summary");
  if (summary === null) {
    beginBilling(practice);
  } else {
    partialMode.switch(false);
    summary.bill("secured");
  }
}

function switchMode(practice) {
  partialMode.switch(!partialMode.on);
  if (partialMode.on && readAddress(location.hash).view !== "invoices") {
    goToInvoices(practice);
  }
}
