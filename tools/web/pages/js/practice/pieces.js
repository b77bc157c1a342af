// The supporting documents of an invoice: prescription, care sheet and others, and the signature of its owner.

import { get, put as send } from "../api.js";
import { openDialog } from "../dialog.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, spoken } from "../words.js";
import { attachFile } from "./attach.js";
import { choice } from "./choice.js";
import { PieceRole } from "./piece_role.js";
import { showPages } from "./page_view.js";
import { printSheet, sheetPage } from "./sheet_print.js";
import "./signature.js";

export { attachFile };

/**
 * Open the supporting documents of an invoice. `role` is the one to begin with: prescription, care-sheet or
 * other. Returns the dialog.
 */
export function openPieces(practice, { owner, number, role = null }) {
  const pieces = document.createElement("tla-pieces");
  Object.assign(pieces, { practice, owner, number, first: role });
  const dialog = openDialog(say("Documents of invoice {number}", { number }), () => pieces, { closable: true });
  dialog.classList.add("pieces-dialog");
  return dialog;
}

/** What an invoice has as supporting documents. `bench` is never set: the dialog goes when it is closed. */
class Pieces extends Part {
  practice = null;
  now = null;

  draw() {
    this.who = h("p", { class: "pieces-who" });
    this.closed = h("p", { class: "callout", hidden: true });
    this.parts = ["prescription", "care-sheet", "other"].map((role) => new PieceRole(this, role));
    this.paper = h("div", {});
    this.sheetActs = h("div", { class: "row" });
    const [prescription, sheet, other] = this.parts;
    sheet.after.append(this.paper, this.sheetActs);
    this.signature = document.createElement("tla-signature");
    Object.assign(this.signature, { practice: this.practice, owner: this.owner });
    put(this, h("div", { "data-notice": "", class: "pieces-notice" }), this.who, this.closed,
      h("div", { class: "pieces-parts" }, h("div", {}, prescription.section, other.section), h("div", {}, sheet.section, this.signature)));
    this.listen(spoken, "language", () => this.refresh());
    this.listen(this.practice, "changed", () => this.refresh());
    this.refresh().then(() => this.parts.find((each) => each.role === this.first)?.begin());
  }

  get invoice() {
    return `${this.owner}:${this.number}`;
  }

  /** Ask what the invoice has now, once however often this is wanted meanwhile. */
  async refresh() {
    const told = await this.read(() => get(`/v1/practice/pieces?invoice=${this.invoice}`));
    if (told !== null && this.isConnected) {
      this.show(told);
    }
  }

  show(told) {
    this.now = told;
    put(this.who, h("strong", {}, told.patient), " · ", say("invoice of {name}", { name: told.owner_name }));
    this.closed.hidden = told.closed === "";
    put(this.closed, told.closed);
    this.parts.forEach((each) => each.show(told));
    this.showSheet(told);
    this.signature.take(told.signature, told.owner_name);
  }

  showSheet({ owner_name: name, number, sheet, on_paper: onPaper, signature, closed, no_sheet: noSheet, scanned }) {
    const { registered, switched_on: switchedOn } = signature;
    const unsigned = !registered ? say("{name} has no digitised signature", { name }) : switchedOn ? "" : say("The digitised signature of {name} is switched off", { name });
    const reason = noSheet || scanned || unsigned || closed;
    const focused = this.paper.contains(document.activeElement);
    const paper = choice({
      name: "on_paper", label: say("Print the care sheet and send it to the fund on paper"),
      chosen: noSheet ? false : sheet === "paper" || onPaper, possible: reason === "", reason,
      change: (wanted) => this.choosePaper(wanted),
    });
    put(this.paper, paper);
    if (focused) {
      paper.input.focus();
    }
    const pictured = { owner: this.owner, number };
    put(this.sheetActs, noSheet ? null : [
      h("button", { type: "button", class: "button button-small", onclick: () => this.lookAtSheet() }, say("Look at the care sheet")),
      h("button", { type: "button", class: "button button-small", onclick: () => this.attempt(() => printSheet(pictured)) }, say("Print the care sheet")),
    ]);
  }

  async choosePaper(wanted) {
    const told = await this.attempt(() => send("/v1/practice/paper", { owner: this.owner, number: this.number, on_paper: wanted }));
    await (told === null ? this.refresh() : this.show(told));
  }

  lookAtSheet() {
    const { owner, number } = this;
    showPages({ title: say("Care sheet of invoice {number}", { number }), pages: 1, path: () => sheetPage({ owner, number }) });
  }

  refused(problem) {
    super.refused(problem);
    if (problem !== null) {
      this.closest("dialog")?.scrollTo({ top: 0 });
    }
  }
}

customElements.define("tla-pieces", Pieces);
