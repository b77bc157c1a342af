// <tla-loading-in>: choose whose invoices go into the reader, see which, and load them.

import { day, euros } from "../amounts.js";
import { get, post } from "../api.js";
import { h, put } from "../markup.js";
import { say, sayMany, spoken } from "../words.js";
import { choice } from "./choice.js";
import { tellWord } from "./last_word.js";
import { askOthers, countTold, namesOf } from "./loading_others.js";
import { ReaderWork } from "./reader_work.js";
import { wordedSquare } from "./square.js";
import { listTable } from "./table.js";

class LoadingIn extends ReaderWork {
  owner = "";
  now = null;
  order = null;

  draw() {
    this.choices = h("fieldset", { class: "choices-group loading-owners" });
    this.device = h("p", { class: "quiet" });
    this.act = h("div", {});
    this.note = h("div", {});
    this.table = listTable({
      label: say("Invoices of the owner"), columns: columns(), empty: say("No invoice is prepared."),
      fetch: (wanted, signal) => this.window(wanted, signal),
    });
    this.table.classList.add("loading-table");
    this.frame("load");
    put(this, h("h2", { class: "part-title" }, say("Loading")), this.device, h("div", { "data-notice": "" }),
      this.choices, this.table, this.note, this.act, this.progress, this.stopped, this.told);
    this.listen(spoken, "language", () => this.refresh());
  }

  path({ start = 0, limit = 0 } = {}) {
    return `/v1/practice/load?${new URLSearchParams({ reader: this.practice.reader.name, owner: this.owner, start, limit })}`;
  }

  async window({ start, limit }, signal) {
    if (this.practice.reader === null) {
      return { count: 0, rows: [] };
    }
    const told = await get(this.path({ start, limit }), { signal });
    return { ...told, rows: told.lines };
  }

  async ask() {
    const now = await get(this.path());
    this.owner ||= now.owner;
    this.now = now.asked || this.now === null ? now : { ...now, ...known(this.now) };
    this.table.refresh();
  }

  choose(owner) {
    this.owner = owner;
    this.cut = null;
    put(this.told);
    this.showCut();
    this.table.load();
    this.refresh();
  }

  show() {
    const { now } = this;
    if (this.practice.reader === null) {
      put(this.device, say("There is no reader on the bench."));
      [this.choices, this.act, this.note].forEach((each) => put(each));
      return;
    }
    if (now === null) {
      return;
    }
    this.showOwners(now);
    put(this.device, now.version === "" ? null : [
      say("Reader {name}, version {version}:", { name: this.practice.reader.name, version: now.version }), " ",
      now.several_owners ? say("several owners at a time") : say("one owner at a time"), ". ",
      sayMany(now.on_board, "{count} of {most} places taken.", "{count} of {most} places are taken.", { most: now.most })]);
    put(this.note, this.notes(now));
    const held = document.activeElement?.dataset?.act === "load";
    put(this.act, this.actRow("load", this.busy ? null : now.cannot ?? now.problem, say("Load"), () => this.load()));
    if (held) {
      this.act.querySelector("[data-act=load]").focus();
    }
  }

  showOwners({ owners }) {
    const made = owners.map((each) => `${each.owner} ${each.invoices} ${each.patients} ${each.total} ${each.loaded}`).join();
    if (made !== this.made) {
      this.made = made;
      put(this.choices, h("legend", {}, say("Whose invoices")), owners.map((each) => choice({
        kind: "radio", group: "loading-owner", name: each.owner, label: each.name, chosen: each.owner === this.owner,
        note: h("span", {}, each.invoices > 0 ? countTold(each) : say("nothing is left to load"),
          each.loaded > 0 ? [" · ", sayMany(each.loaded, "{count} on the reader", "{count} on the reader")] : null),
        change: () => this.choose(each.owner),
      })));
    }
  }

  notes({ others, others_why: why, left_out: left }) {
    return [
      why === null ? null : h("p", { class: "callout" }, sayMany(others.length, "{names} has invoices for the same patients, which stay here.", "{names} have invoices for the same patients, which stay here.", { names: namesOf(others) }), " ", why.detail, ". ", why.action, "."),
      left === 0 ? null : h("p", { class: "callout" }, sayMany(left, "{count} DRE stays here: this version of the reader takes none.", "{count} DREs stay here: this version of the reader takes none.")),
    ];
  }

  async load() {
    const { now } = this;
    const own = now.owners.find((each) => each.owner === this.owner);
    const others = now.several_owners && now.others.length > 0 ? await askOthers(now.others, own?.name ?? this.owner) : [];
    if (others === null) {
      tellWord(this.told, h("p", {}, say("Nothing was loaded.")));
      return;
    }
    const wanted = [own, ...now.others.filter((each) => others.includes(each.owner))];
    this.order = { owners: [this.owner], others, sent: new Map(), total: wanted.reduce((sum, each) => sum + (each?.documents ?? 0), 0) };
    await this.send();
  }

  async send() {
    const { owners, others } = this.order;
    const done = await this.carryOut(() => post("/v1/surgery/load", { reader: this.practice.reader.name, owners, others }), () => this.send());
    if (done !== null) {
      tellWord(this.told, outcome(done));
    }
  }

  whose({ owner }) {
    const name = this.now?.owners.find((each) => each.owner === owner)?.name;
    return name ? [" · ", name] : null;
  }

  takeWork(work) {
    super.takeWork(work);
    if (this.order !== null && work.action === "load" && work.stage === "under-way" && work.owner) {
      this.order.sent.set(work.owner, work.done);
      this.showCut();
    }
  }

  howFar() {
    const done = [...this.order.sent.values()].reduce((sum, each) => sum + each, 0);
    return h("p", {}, say("{done} of {total} were sent; what is in is not sent again.", { done, total: this.order.total }));
  }
}

/** What the reader said of itself before holds on while it is at work. */
function known({ version, several_owners, on_board, most, others_why }) {
  return { version, several_owners, on_board, most, others_why };
}

function outcome({ owners }) {
  return h("ul", { class: "loading-list" }, owners.map(({ name, loaded, already, bytes_resumed: resumed }) => h("li", {},
    say("{name}:", { name }), " ",
    sayMany(loaded, "{count} document loaded", "{count} documents loaded"),
    already > 0 ? [", ", sayMany(already, "{count} was in already", "{count} were in already")] : null,
    resumed > 0 ? [", ", say("continued where it was cut")] : null)));
}

function columns() {
  return [
    { name: "number", title: say("No."), cell: (row) => row.number },
    { name: "patient", title: say("Patient"), wide: true, cell: (row) => row.patient },
    { name: "date", title: say("Date"), cell: (row) => day(row.date) },
    { name: "total", title: say("Total"), end: true, cell: (row) => euros(row.total) },
    { name: "kinds", title: say("Documents"), cell: (row) => row.kinds.map((each) => each.toUpperCase()).join(" + ") },
    { name: "place", title: say("Loading"), cell: placeTold },
  ];
}

function placeTold({ place, reader, problem }) {
  return {
    waits: () => wordedSquare("none", say("to load")),
    loaded: () => wordedSquare("green", say("on this reader")),
    elsewhere: () => wordedSquare("red", say("on {reader}", { reader })),
    desk: () => wordedSquare("red", say("signed at the desk")),
    refused: () => wordedSquare("red", problem.detail),
  }[place]();
}

customElements.define("tla-loading-in", LoadingIn);
