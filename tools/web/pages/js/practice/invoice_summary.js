// One invoice as the screen of the document sums it up, with its choices and its two ways of billing.

import { day } from "../amounts.js";
import { get, put as send } from "../api.js";
import { freshId, h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, spoken } from "../words.js";
import { cardHands } from "./card_hand.js";
import { choice, choices } from "./choice.js";
import { billInvoice } from "./invoice_billing.js";
import { tellWord } from "./last_word.js";
import { partialMode } from "./partial_mode.js";
import { openPieces } from "./pieces.js";
import { printSheet } from "./sheet_print.js";
import { signatureButton } from "./signature.js";
import { vitaleInSlot } from "./vitale_in_slot.js";

const TICKS = ["to_load", "on_paper", "rights_adr"];
const UNCERTIFIED = [null, "prepared", "loaded", "cancelled"];
const KEYS = { secured: "Control+Enter", degraded: "Control+Shift+Enter" };

/** The summary of `invoice` {owner, number}, billed with the cards at the practice's reader. */
class InvoiceSummary extends Part {
  practice = null;
  invoice = null;

  get path() {
    return `/v1/practice/invoices/${this.invoice.owner}/${this.invoice.number}`;
  }

  draw() {
    this.now = null;
    this.ticked = {};
    this.picked = new Set();
    this.reasons = {};
    this.heading = h("h2", { class: "summary-title", tabindex: "-1" }, this.invoice.number);
    this.head = h("div", { class: "summary-head-lines" });
    this.screen = h("div", { class: "summary-screen" });
    this.done = h("div", { class: "summary-done", role: "status" });
    this.added = h("section", { class: "summary-added", "aria-label": say("Details") });
    this.ticks = h("div", {});
    this.shared = h("div", {});
    this.acts = h("div", { class: "row summary-acts" });
    this.choices = h("section", { class: "summary-choices", "aria-label": say("Billing") }, this.ticks, this.shared, cardHands(this.practice, ["ps", "vitale"]), this.acts);
    put(this, h("header", { class: "summary-head" }, this.heading, this.head), h("div", { "data-notice": "" }), this.screen, this.done, this.choices, this.added);
    this.listen(spoken, "language", () => this.refresh());
    this.listen(partialMode, "change", () => this.showChoices());
    this.listen(this.practice, "changed", () => this.refresh());
    this.listen(this.practice, "reader", () => this.look());
    this.listen(this.practice, "home", () => this.lookAtOthers());
    this.listen(document, "keydown", (event) => this.key(event));
    this.refresh();
  }

  takeFocus() {
    this.heading.focus();
  }

  /** Ask again how the invoice stands, and what the cards in the slots make of it. */
  async refresh() {
    const told = await this.read(() => get(this.path));
    if (told !== null && this.isConnected) {
      this.take(told);
      await this.look();
    }
  }

  take(told) {
    this.now = told;
    if (this.toldOf !== undefined && this.toldOf !== JSON.stringify(told.documents)) {
      // Others went on with it: what became of it here is no longer so.
      this.toldOf = undefined;
      put(this.done);
    }
    for (const each of told.choices) {
      // What somebody ticked for a secured invoice is kept on the page until it is billed degraded.
      if (told.mode === "degraded" || !each.possible || !this.picked.has(each.name)) {
        this.ticked[each.name] = each.chosen;
      }
    }
    this.show();
  }

  /** Look again when other cards are at the reader, or it answers otherwise than before. */
  lookAtOthers() {
    if (this.atReader() !== this.seen) {
      this.look();
    }
  }

  atReader() {
    const { ps, vitale, problem, asked } = this.practice.home?.reader ?? {};
    return JSON.stringify([ps?.serial, ps?.tries_left, vitale, vitaleInSlot(this.practice), problem?.code, asked]);
  }

  /** Learn why the cards that are in the slots cannot certify it in either way. */
  async look() {
    const { reader } = this.practice;
    this.seen = this.atReader();
    if (this.now === null || !this.choice("bill").possible) {
      return;
    }
    if (reader === null) {
      this.reasons = { secured: say("There is no reader on the bench."), degraded: say("There is no reader on the bench.") };
    } else {
      const ways = await this.read(() => get(`${this.path}/billing?reader=${encodeURIComponent(reader.name)}`));
      if (ways === null || !this.isConnected) {
        return;
      }
      this.reasons = { secured: reason(ways.secured), degraded: reason(ways.degraded) };
    }
    this.showChoices();
  }

  choice(name) {
    return this.now.choices.find((each) => each.name === name);
  }

  // --- what is shown ---------------------------------------------------------------------------------------

  show() {
    const { owner_name: name, number, stands, mode, care_sheet: sheet, sections } = this.now;
    put(this.heading, say("Billing of the prescription carried out by {name}", { name }));
    put(this.head,
      h("p", { class: "summary-stands" }, h("strong", {}, number), " ",
        mode === "degraded" ? [h("span", { class: "badge badge-warn" }, say("Degraded")), " "] : null, stands),
      h("div", { class: "row" }, this.documentsButton(), signatureButton(this.practice, this.invoice.owner, name, "button-small"),
        h("button", { type: "button", class: "button button-small", onclick: () => window.print() }, say("Print the summary")),
        sheet ? h("button", { type: "button", class: "button button-small", onclick: () => this.printSheet() }, say("Print the care sheet")) : null,
        sheet ? h("a", { class: "button button-small", href: `${this.path}/sheet.pdf`, target: "_blank", rel: "noopener" }, say("Care sheet (PDF)")) : null));
    put(this.screen, sections.filter(({ added }) => !added).map(section), this.dres());
    put(this.added, h("h3", { class: "part-title" }, say("Other details of the invoice")), h("div", { class: "summary-screen" }, sections.filter(({ added }) => added).map(section)));
    this.showChoices();
  }

  /** The way to its supporting documents: the ledger must have the invoice for that. */
  documentsButton() {
    const why = this.now.documents[0].state === null ? say("Documents are attached once it is billed or loaded.") : "";
    const id = freshId("why");
    return [
      h("button", {
        type: "button", class: "button button-small", "data-act": "pieces", "aria-haspopup": "dialog",
        "aria-disabled": why ? "true" : null, "aria-describedby": why ? id : null,
        onclick: () => why || openPieces(this.practice, this.invoice),
      }, say("Documents…")),
      why ? h("span", { id, class: "quiet" }, why) : null,
    ];
  }

  /** Say that the care sheet is to be sent on paper, with a way to print it. */
  sheetToSend() {
    return h("p", { class: "row" }, say("Print the care sheet and send it to the fund."),
      h("button", { type: "button", class: "button button-small", onclick: () => this.printSheet() }, say("Print it")));
  }

  printSheet() {
    return this.attempt(() => printSheet(this.invoice));
  }

  dres() {
    const { dre_columns: columns, dres } = this.now;
    return h("section", { class: "summary-section" },
      h("table", { class: "table", "aria-label": say("DRE") },
        h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, dres.map((each) => h("tr", {}, h("td", {}, each.number), h("td", {}, day(each.date)), h("td", {}, each.state), h("td", {}, each.mode))))));
  }

  showChoices() {
    if (this.now === null) {
      return;
    }
    const [bill, degrade] = [this.choice("bill"), this.choice("degraded")];
    const why = {
      secured: bill.reason || this.reasons.secured || "",
      degraded: degrade.reason || (this.ticked.to_load ? "" : this.reasons.degraded) || "",
    };
    const shared = sharedReasons([...TICKS.map((name) => this.choice(name).reason), why.secured, why.degraded]);
    put(this.ticks, choices(this.choicesTitle(), TICKS.map((name) => choice({
      ...this.choice(name), chosen: this.ticked[name], shared: shared.get(this.choice(name).reason) ?? null, change: (wanted) => this.choose(name, wanted),
    }))));
    put(this.shared, [...shared].map(([told, id]) => h("p", { id, class: "summary-why" }, told)));
    this.shared.hidden = shared.size === 0;
    put(this.acts,
      this.act("secured", bill.label, "button button-primary", why.secured, shared, bill.possible ? this.otherPatient() : ""),
      this.act("degraded", degrade.label, "button", why.degraded, shared));
  }

  choicesTitle() {
    if (this.now.mode !== "degraded") {
      return this.choice("degraded").possible ? say("If it is billed degraded") : say("Degraded billing");
    }
    return this.now.documents.some(({ state }) => UNCERTIFIED.includes(state)) ? say("To be billed degraded") : say("Billed degraded");
  }

  /** Warn that the Vitale in the slot has another name than the patient; a family's card may still be the right one. */
  otherPatient() {
    const { names, read } = vitaleInSlot(this.practice);
    const { patient } = this.now;
    if (names.length === 0 || names.includes(patient)) {
      return "";
    }
    return read
      ? say("The Vitale in the slot lists {names}, and not {patient}.", { names: names.join(", "), patient })
      : say("The Vitale in the slot is that of {holder}; check that {patient} is on it.", { holder: names[0], patient });
  }

  act(mode, label, look, why, shared, warning = "") {
    const id = shared.get(why) ?? freshId("why");
    const warned = freshId("warning");
    const described = [why && id, warning && warned].filter(Boolean).join(" ");
    return h("div", { class: "summary-act" },
      h("button", {
        type: "button", class: look, "data-choice": mode, "aria-keyshortcuts": KEYS[mode],
        "aria-disabled": why ? "true" : null, "aria-describedby": described || null, onclick: () => this.bill(mode),
      }, label, " ", h("kbd", { "aria-hidden": "true", class: "summary-key" }, mode === "secured" ? "Ctrl ⏎" : "Ctrl ⇧ ⏎")),
      why && !shared.has(why) ? h("p", { id, class: "summary-why" }, why) : null,
      warning ? h("p", { id: warned, class: "summary-why" }, h("span", { "aria-hidden": "true" }, "⚠ "), warning) : null);
  }

  // --- what is done ----------------------------------------------------------------------------------------

  key(event) {
    if (event.key === "Enter" && event.ctrlKey && !event.altKey && document.querySelector("dialog[open]") === null && this.now !== null) {
      event.preventDefault();
      this.bill(event.shiftKey ? "degraded" : "secured");
    }
  }

  async choose(name, wanted) {
    this.ticked[name] = wanted;
    this.picked.add(name);
    if (this.now.mode !== "degraded") {
      this.showChoices();
      return;
    }
    const order = name === "rights_adr" ? { rights: wanted ? "adr" : "practice" } : { [name]: wanted };
    const told = await this.attempt(() => send(`${this.path}/choices`, order));
    await (told === null ? this.refresh() : this.take(told));
  }

  /** Bill it, and say what became of it; a button whose way is not possible is shown, with what it says. */
  async bill(mode) {
    const button = this.choices.querySelector(`[data-choice=${mode}]`);
    button?.focus();
    if (this.busy || button === null || button.getAttribute("aria-disabled") === "true") {
      return;
    }
    this.busy = true;
    const done = await this.attempt(() => billInvoice(this, mode));
    this.busy = false;
    if (done !== null) {
      this.done.classList.toggle("summary-nothing", done.nothing ?? false);
      tellWord(this.done, h("p", {}, done.told), done.next ? h("p", {}, done.next) : null, done.sheet ? this.sheetToSend() : null);
      if (mode === "degraded" && this.ticked.on_paper) {
        await this.printSheet();
      }
      this.picked.clear();
    }
    this.toldOf = undefined;
    await this.refresh();
    this.toldOf = JSON.stringify(this.now.documents);
    this.choices.querySelector(`[data-choice=${mode}]`)?.focus();
  }

  /** The choices of degraded billing as they are ticked. */
  get wanted() {
    const { to_load, on_paper, rights_adr } = this.ticked;
    return { degraded: true, rights: rights_adr ? "adr" : "practice", to_load, ...(this.choice("on_paper").possible ? { on_paper } : {}) };
  }
}

/** Why the cards cannot certify it, in words; while the practice is at work with the reader nothing is known. */
function reason({ problem }) {
  return problem === null || problem.code === "surgery-busy" ? "" : [problem.detail, problem.action].filter(Boolean).join(". ");
}

/** The reasons that stop more than one, each with the id under which it is said, once. */
function sharedReasons(reasons) {
  const several = reasons.filter((each, at) => each && reasons.indexOf(each) !== at);
  return new Map([...new Set(several)].map((each) => [each, freshId("why")]));
}

function section({ title, rows }) {
  return h("section", { class: "summary-section" }, h("h3", {}, title),
    h("dl", { class: "summary-lines" }, rows.map((row) => h("div", { class: row.length > 1 ? "summary-several" : null }, row.map(({ label, value }) => [h("dt", {}, label), h("dd", {}, value)])))));
}

customElements.define("tla-invoice-summary", InvoiceSummary);
