// The dialog that gives rejected invoices their new numbers and their day.

import { Problem, get, post } from "../api.js";
import { openDialog } from "../dialog.js";
import { freshId, h, put, set } from "../markup.js";
import { say, sayMany } from "../words.js";
import { dayInput } from "./day_input.js";

/**
 * Rectify invoices, each named "owner:number", under the numbers that are proposed or typed. Returns what became
 * of each, or null when it was given up.
 */
export function rectifyInvoices(practice, names) {
  return new Promise((answer) => {
    const asking = new RectifyDialog(practice, names);
    asking.dialog.addEventListener("close", () => answer(asking.done));
  });
}

class RectifyDialog {
  done = null;
  proposed = [];

  constructor(practice, names) {
    this.names = names;
    const form = freshId("rectify");
    this.dialog = openDialog(sayMany(names.length, "Rectify {count} invoice", "Rectify {count} invoices"), () => [
      h("p", {}, say("A new invoice takes the place of each; it names the rejected one, which is never sent again.")),
      h("form", { id: form, class: "form", autocomplete: "off", onsubmit: (event) => this.submit(event) },
        h("label", { class: "field" }, h("span", {}, say("Day of the new invoice")), (this.day = dayInput({ required: true, value: practice.today, oninput: () => this.propose() }))),
        (this.rows = h("div", { class: "form rectify-numbers" }))),
      (this.refusal = h("div", { role: "alert" })),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, say("Cancel")),
        (this.go = h("button", { type: "submit", form, class: "button button-primary" }, say("Rectify")))),
    ]);
    this.propose();
  }

  async propose() {
    const wanted = new URLSearchParams(this.names.map((each) => ["invoice", each]));
    if (!this.day.validity.valid) {
      return;
    }
    const day = this.day.value;
    wanted.set("made_on", day);
    const told = await this.attempt(() => get(`/v1/practice/rectifications?${wanted}`));
    // The answer for a day that was chosen before may come last.
    if (told !== null && this.dialog.open && this.day.value === day) {
      this.proposed = told.invoices.map((each) => ({ ...each, field: h("input", { class: "input", inputmode: "numeric", maxlength: 9, required: true, pattern: "[0-9]{1,9}", value: each.new_number }) }));
      put(this.rows, this.proposed.map(({ number, field }) => h("label", { class: "field" }, h("span", {}, say("New number for {number}", { number })), field)));
    }
  }

  async submit(event) {
    event.preventDefault();
    if (this.busy || this.proposed.length === 0) {
      return;
    }
    this.busy = true;
    set(this.go, "aria-busy", "true");
    const invoices = this.proposed.map(({ owner, number, field }) => ({ owner, number, new_number: field.value, made_on: this.day.value }));
    this.done = await this.attempt(() => post("/v1/practice/rectify", { invoices }));
    this.busy = false;
    set(this.go, "aria-busy", null);
    if (this.done !== null) {
      this.dialog.close();
    }
  }

  async attempt(act) {
    try {
      put(this.refusal);
      return await act();
    } catch (error) {
      const { told, action } = error instanceof Problem ? error : new Problem(say("The page failed: {error}", { error }), say("Load the page again"));
      put(this.refusal, h("div", { class: "notice" }, h("p", { class: "notice-message" }, told), action ? h("p", {}, action) : null));
      return null;
    }
  }
}
