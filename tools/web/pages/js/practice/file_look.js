// <tla-file-look>: a look into one file: where it is, its lots and documents, and what happened to it.

import { day, euros, minute } from "../amounts.js";
import { get, post } from "../api.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, sayMany, spoken } from "../words.js";
import { filesCard, holds, stateBadge } from "./files_card.js";
import { tellWord } from "./last_word.js";
import { sendFiles } from "./send_dialog.js";
import { settleFile } from "./settle_dialog.js";
import { square } from "./square.js";
import { listTable } from "./table.js";
import { linkTo } from "./views.js";

class FileLook extends Part {
  practice = null;
  identity = "";

  draw() {
    this.path = `/v1/practice/files/${this.identity}`;
    this.head = h("div", { class: "files-part" }, h("p", { class: "quiet" }, say("Loading…")));
    this.done = h("div", { class: "files-done", role: "status" });
    this.lots = h("div", {});
    this.history = h("ol", { class: "files-history" });
    this.table = listTable({
      label: say("Documents of the file"), columns: columns(), empty: say("The file holds no document."),
      fetch: ({ start, limit }, signal) => this.ask(start, limit, signal),
    });
    this.table.classList.add("file-table");
    this.inside = h("div", { hidden: true },
      filesCard(say("Lots"), this.lots), filesCard(say("Documents"), this.table), filesCard(say("What happened to it"), this.history));
    put(this, filesCard(say("File {file}", { file: this.identity }), this.head, this.done, h("div", { "data-notice": "" })), this.inside);
    this.listen(this.practice, "changed", () => this.load());
    this.listen(this.practice, "home", () => this.now !== undefined && this.now.under_way !== this.sending && this.load());
    this.listen(spoken, "language", () => this.load());
    this.load();
  }

  get sending() {
    return (this.practice.home?.work ?? []).some((each) => each.file === this.identity);
  }

  async ask(start, limit, signal) {
    const told = await get(`${this.path}/documents?start=${start}&limit=${limit}`, { signal });
    this.table.style.setProperty("--file-rows", Math.min(Math.max(told.count, 1), 12));
    return { ...told, rows: told.documents };
  }

  async load() {
    const told = await this.read(() => get(this.path));
    if (told === null || !this.isConnected) {
      this.now === undefined && put(this.head);
      return;
    }
    this.now = told;
    this.show();
    if (this.inside.hidden) {
      this.inside.hidden = false;
      this.table.load();
    } else {
      this.table.refresh();
    }
  }

  show() {
    const { file, lots, events, under_way: underWay, doubt } = this.now;
    const { act } = this.head.contains(document.activeElement) ? document.activeElement.dataset : {};
    put(this.head,
      h("p", {}, stateBadge(file, underWay), file.way === "" ? null : [" ", h("span", { class: "quiet" }, file.way_word)]),
      h("dl", { class: "facts" },
        fact(say("Recipient"), file.recipient), fact(say("Holds"), holds(file)),
        fact(say("Made"), minute(file.made_at)), fact(say("Size"), sayMany(file.size, "{count:,} byte", "{count:,} bytes")), fact(say("File name"), h("span", { class: "mono" }, this.now.name))),
      doubt === null ? null : h("div", { class: "callout" }, h("p", {}, h("strong", {}, doubt.known)), h("p", {}, doubt.advice)),
      h("div", { class: "row" },
        file.state === "to-send" && !underWay ? button("send", say("Send…"), () => sendFiles(this.practice, [file], this.done), "button button-primary") : null,
        doubt === null ? null : button("settle", say("Settle…"), () => settleFile(this.practice, file, this.done), "button button-primary"),
        button("check", say("Verify its signatures"), () => this.check()),
        h("a", { class: "button", href: `${this.path}/content`, download: this.now.name, "data-act": "take" }, say("Download it"))));
    put(this.lots, lotTable(lots));
    put(this.history, events.map((each) => h("li", {}, h("span", { class: "quiet" }, minute(each.at)), " ", h("strong", {}, stepTold(each.state)), each.detail ? [" · ", each.detail] : null)));
    if (act !== undefined) {
      this.head.querySelector(`[data-act="${CSS.escape(act)}"]`)?.focus();
    }
  }

  async check() {
    tellWord(this.done, say("Verifying…"));
    const told = await this.attempt(() => post(`${this.path}/check`));
    put(this.done, told === null ? "" : h("span", { class: "badge badge-ok" }, "✓ ", sayMany(told.documents, "All signatures of {lots} lots and {count:,} document are valid", "All signatures of {lots} lots and {count:,} documents are valid", { lots: told.lots })));
  }
}

function fact(name, told) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, told));
}

function button(act, label, onclick, look = "button") {
  return h("button", { type: "button", class: look, "data-act": act, onclick }, label);
}

function lotTable(lots) {
  return h("table", { class: "table files-groups", "aria-label": say("Lots") },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("Lot")), h("th", { scope: "col", class: "list-end" }, say("Number")), h("th", { scope: "col", class: "list-end" }, say("Total")))),
    h("tbody", {}, lots.map((each) => h("tr", {},
      h("th", { scope: "row" }, h("span", { class: "files-what" }, each.number, " · ", each.owner_name), h("span", { class: "quiet" }, each.degraded ? say("degraded") : say("secured"))),
      h("td", { class: "list-end" }, each.documents), h("td", { class: "list-end" }, euros(each.total))))));
}

function stepTold(state) {
  return {
    "to-send": say("to send"), "sending": say("sending begun"), "sent": say("sent"),
    "acknowledged": say("answered: accepted"), "rejected": say("answered: rejected as a whole"),
  }[state];
}

function columns() {
  return [
    { name: "number", title: say("No."), cell: (row) => [linkTo("invoices", [row.owner, row.number], row.number), " ", row.kind.toUpperCase()] },
    { name: "lot", title: say("Lot"), end: true, cell: (row) => row.lot },
    { name: "owner", title: say("Owner"), cell: (row) => row.owner_name },
    { name: "patient", title: say("Patient"), cell: (row) => row.patient },
    { name: "date", title: say("Date"), cell: (row) => day(row.made_on) },
    { name: "total", title: say("Total"), end: true, cell: (row) => euros(row.total) },
    { name: "pieces", title: say("Pieces"), end: true, cell: (row) => row.pieces.length },
    { name: "answer", title: say("Answer"), wide: true, cell: answerTold },
  ];
}

function answerTold({ answered, code, reason, rectified_by: by }) {
  if (answered === "") {
    return square("none", say("no answer yet"), say("none yet"));
  }
  if (answered === "accepted") {
    return square("green", say("accepted"), say("accepted"));
  }
  return [square("red", say("rejected"), `${code} ${reason}`.trim()), by === "" ? null : [" · ", say("rectified by {number}", { number: by })]];
}

customElements.define("tla-file-look", FileLook);
