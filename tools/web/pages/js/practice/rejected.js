// <tla-rejected>: what recipients rejected and nothing rectifies yet; chosen ones are rectified.

import { day, euros } from "../amounts.js";
import { get } from "../api.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, sayMany } from "../words.js";
import { actOrWhy, filesCard } from "./files_card.js";
import { tellWord } from "./last_word.js";
import { rectifyInvoices } from "./rectify_dialog.js";
import { linkTo } from "./views.js";

const AT_ONCE = 50;
const MOST = 500;
/** The server takes so many at once. */
const MOST_CHOSEN = 50;

class Rejected extends Part {
  practice = null;
  limit = AT_ONCE;
  rows = [];
  chosen = new Set();

  draw() {
    this.list = h("div", {}, h("p", { class: "quiet" }, say("Loading…")));
    this.acts = h("div", { class: "row files-foot" });
    this.done = h("div", { class: "files-done", role: "status" });
    put(this, filesCard(say("Rejected, to rectify"), this.list, this.acts, h("div", { "data-notice": "" }), this.done));
    this.listen(this.practice, "changed", () => this.load());
    this.load();
  }

  async load() {
    const told = await this.read(() => get(`/v1/practice/lists/rejected?sort=date&limit=${this.limit}`));
    if (told === null || !this.isConnected) {
      return;
    }
    this.rows = told.documents;
    this.count = told.count;
    const there = new Set(this.rows.map(nameOf));
    this.chosen = new Set([...this.chosen].filter((each) => there.has(each)));
    const { name } = this.list.contains(document.activeElement) ? document.activeElement.dataset : {};
    put(this.list, this.count === 0 ? h("p", { class: "quiet" }, say("Nothing that was rejected waits to be rectified.")) : this.table());
    this.showActs();
    if (name !== undefined) {
      (this.list.querySelector(`[data-name="${CSS.escape(name)}"]`) ?? this.querySelector("button"))?.focus();
    }
  }

  table() {
    return h("table", { class: "table files-rejections", "aria-label": say("Rejected, to rectify") },
      h("thead", {}, h("tr", {},
        h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, say("Chosen"))), h("th", { scope: "col" }, say("Invoice")),
        h("th", { scope: "col" }, say("Why")), h("th", { scope: "col", class: "list-end" }, say("Total")))),
      h("tbody", {}, this.rows.map((row) => h("tr", {},
        h("td", {}, this.box(row)),
        h("th", { scope: "row" },
          h("span", { class: "files-what" }, linkTo("invoices", [row.owner, row.number], row.number), " ", row.kind.toUpperCase(), " · ", row.patient),
          h("span", { class: "quiet" }, row.recipient, " · ", row.owner_name, " · ", day(row.made_on))),
        h("td", { class: "files-reason" }, h("strong", { class: "mono" }, row.code), " ", row.reason), h("td", { class: "list-end" }, euros(row.total))))));
  }

  box(row) {
    const name = nameOf(row);
    return h("input", {
      type: "checkbox", class: "check", checked: this.chosen.has(name), "data-name": name, "aria-label": say("Rectify {number}", { number: row.number }),
      onchange: (event) => this.choose(name, event.target.checked),
    });
  }

  choose(name, on) {
    this.chosen[on ? "add" : "delete"](name);
    this.list.querySelectorAll(`[data-name="${CSS.escape(name)}"]`).forEach((each) => {
      each.checked = on;
    });
    this.showActs();
  }

  chooseAll() {
    for (const row of this.rows) {
      if (this.chosen.size < MOST_CHOSEN) {
        this.choose(nameOf(row), true);
      }
    }
  }

  showActs() {
    const focused = this.acts.contains(document.activeElement);
    const { size } = this.chosen;
    const why = this.count === 0 ? "" : size === 0 ? say("Tick what is to be rectified.") : size > MOST_CHOSEN ? say("At most {most} at once.", { most: MOST_CHOSEN }) : "";
    put(this.acts,
      this.count === 0 ? null : [
        actOrWhy(size === 0 ? say("Rectify…") : say("Rectify {count}…", { count: size }), why, () => this.rectify(), { idle: size === 0 }),
        this.rows.length > 1 ? h("button", { type: "button", class: "button button-small", onclick: () => this.chooseAll() }, say("Tick all")) : null,
        this.count > this.rows.length && this.limit < MOST ? h("button", { type: "button", class: "button button-small", onclick: () => this.more() }, say("Show more")) : null,
        this.count > this.rows.length ? h("span", { class: "quiet" }, sayMany(this.count, "{shown} of {count:,} row", "{shown} of {count:,} rows", { shown: this.rows.length })) : null,
      ]);
    focused && this.acts.querySelector("button")?.focus();
  }

  more() {
    this.limit = Math.min(MOST, this.limit * 4);
    this.load();
  }

  async rectify() {
    const done = await rectifyInvoices(this.practice, [...this.chosen]);
    if (done !== null) {
      this.chosen.clear();
      tellWord(this.done, done.invoices.map(became));
      this.load();
    }
  }
}

function nameOf({ owner, number }) {
  return `${owner}:${number}`;
}

function became({ owner, number, new_number: made, kinds, degraded, from_practice: own, problem }) {
  if (problem !== null) {
    return h("div", { class: "notice answer-line" }, h("p", { class: "notice-message" }, say("Invoice {number} was not rectified: {why}", { number, why: problem.detail })), problem.action ? h("p", {}, problem.action) : null);
  }
  const documents = kinds.map((each) => each.toUpperCase()).join(" + ");
  return h("p", {}, h("strong", {}, number, " → ", linkTo("invoices", [owner, made], made)), " · ",
    degraded
      ? say("{documents} prepared in degraded mode; certify it, put it into a lot and send it like any other.", { documents })
      : say("{documents} prepared; certify it, put it into a lot and send it like any other.", { documents }),
    own ? [" ", say("Its content is that of the practice's own invoice of this number.")] : null);
}

customElements.define("tla-rejected", Rejected);
