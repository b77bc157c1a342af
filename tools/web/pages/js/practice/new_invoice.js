// <tla-new-invoice>: a new invoice, written in a form that is checked as one types.

import { put as send } from "../api.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, sayMany, spoken } from "../words.js";
import { go } from "./address.js";
import { checkedSummary } from "./checked.js";
import { choice } from "./choice.js";
import { computeAmounts } from "./computed_amounts.js";
import { draft } from "./draft.js";
import { Form, fresh } from "./form.js";
import { placeWords } from "./place_words.js";
import { problemWords } from "./problem_words.js";

class NewInvoice extends Part {
  practice = null;

  draw() {
    if (draft.changed) {
      put(this, h("p", { class: "callout" }, say("Save or undo your changes to the practice before you write an invoice.")));
      return;
    }
    draft.invoice ??= this.begin();
    const place = draft.invoicePlace;
    draft.judging.spare(place);
    this.form = new Form({ draft, name: "Invoice", value: draft.invoice, place });
    this.summary = checkedSummary({ focus: (at) => this.form.focus(at), label: (at) => placeWords(at, draft.document, { within: true }) });
    this.missing = h("p", { class: "quiet edit-missing" });
    this.owner = draft.invoice.owner;
    const degraded = choice({ label: say("Bill it degraded, without the Vitale card"), chosen: draft.degraded, change: (chosen) => {
      draft.degraded = chosen;
    } });
    put(this, h("h2", {}, say("New invoice")), h("div", { "data-notice": "" }), this.summary, this.form.element,
      computeAmounts(draft, this.form), degraded, this.missing,
      h("div", { class: "row" },
        h("button", { type: "button", class: "button button-primary", onclick: () => this.save() }, say("Save the invoice")),
        h("button", { type: "button", class: "button", onclick: () => this.leave() }, say("Discard it"))));
    this.listen(draft, "edited", () => this.propose());
    this.listen(draft, "checked", () => this.showProblems());
    this.listen(spoken, "language", () => this.form.retell());
    draft.checkSoon();
  }

  begin() {
    const owner = draft.items("practitioners")[0]?.situations[0]?.billing_number ?? "";
    const date = this.practice.today;
    const made = { number: draft.numbers[owner], owner, date, ...fresh(draft.schema, "Invoice") };
    made.acts[0].date = date;
    return made;
  }

  /** Propose the next number of another owner, unless a number was written. */
  propose() {
    const { owner, number } = draft.invoice ?? {};
    if (owner !== this.owner && number === draft.numbers[this.owner] && draft.numbers[owner] !== undefined) {
      this.form.fields.get(`${draft.invoicePlace}.number`).take(draft.numbers[owner]);
    }
    this.owner = owner;
  }

  showProblems() {
    const mine = (problems) => problems.filter(({ place }) => place.startsWith(draft.invoicePlace));
    const shown = mine(draft.shown).map((each) => ({ ...each, told: problemWords(each) }));
    this.form.problems(shown);
    this.summary.show(this.form.ordered(shown));
    const missing = mine(draft.problems).length - shown.length;
    put(this.missing, missing === 0 ? null : sayMany(missing, "{count} field is still to be filled in", "{count} fields are still to be filled in"));
  }

  async save() {
    draft.judging.judgeAll();
    const found = await this.attempt(() => draft.check());
    if (found?.length > 0) {
      this.summary.take();
    } else if (found !== null) {
      const { degraded } = draft;
      const added = await this.attempt(() => draft.add());
      if (added !== null) {
        if (degraded) {
          await this.attempt(() => send(`/v1/practice/invoices/${added.owner}/${added.number}/choices`, { degraded }));
        }
        go("invoices", added.owner, added.number);
      }
    }
  }

  leave() {
    Object.assign(draft, { invoice: null, degraded: false });
    draft.judging.judgeAll();
    draft.checkSoon();
    go("editing", "invoices");
  }
}

customElements.define("tla-new-invoice", NewInvoice);
