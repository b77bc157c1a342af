// <tla-faults>: what is to go wrong: chosen from the kinds that exist, to come, and done.

import { del, get, post } from "./api.js";
import { freshId, h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { say, spoken } from "./words.js";

// The faults that people reach for most, each as one button.
const OFTEN = [
  ["ps.pull@0", () => say("Pull the PS card at its next command")],
  ["vitale.pull@0", () => say("Pull the Vitale card at its next command")],
  ["flash.cut@0", () => say("Cut the power at the next write")],
  ["reader.flat@0", () => say("Let the battery go flat")],
  ["line.unplug@0", () => say("Pull the cable in the next exchange")],
];

class FaultsOnPage extends Part {
  kinds = [];
  pending = [];
  struck = [];
  value = null;

  draw() {
    const id = freshId("fault");
    this.kind = h("select", { class: "select", id: `${id}-kind`, onchange: () => this.showKind() });
    this.what = h("p", { class: "fault-what", id: `${id}-what` });
    this.at = h("input", { class: "input fault-number", type: "number", min: 0, max: 4294967295, step: 1, value: 0, required: true });
    this.counted = h("span", { class: "quiet" });
    this.atField = h("label", { class: "field" }, h("span", {}, say("Skip this many first")), this.at, this.counted);
    this.typed = h("input", { class: "input", autocomplete: "off", maxlength: 40 });
    this.chosen = h("select", { class: "select" });
    this.valueField = h("label", { class: "field fault-value" });
    this.often = h("div", { class: "row", role: "group", "aria-label": say("Often used") });
    this.toCome = h("ul", { class: "faults" });
    this.done = h("ul", { class: "faults" });
    this.clear = h("button", { type: "button", class: "button button-small", onclick: () => this.takeBack() }, say("Take all back"));
    put(this,
      h("h3", { class: "part-title" }, say("Faults")),
      h("p", { class: "quiet" }, say("Let something go wrong, as it does in the field, and see how your software copes.")),
      this.often,
      h("form", { class: "fault-form", onsubmit: (event) => this.add(event) },
        h("label", { class: "field", for: `${id}-kind` }, say("Kind of fault")), this.kind,
        this.what,
        h("div", { class: "row fault-fields" }, this.atField, this.valueField),
        h("div", { class: "row" }, h("button", { type: "submit", class: "button button-primary" }, say("Inject")), (this.plan = h("code", { class: "fault-plan quiet" })))),
      h("div", { "data-notice": "" }),
      h("div", { class: "fault-lists" },
        h("section", {}, h("div", { class: "row fault-head" }, h("h4", { class: "side-title" }, say("Pending")), this.clear), this.toCome),
        h("section", {}, h("div", { class: "row fault-head" }, h("h4", { class: "side-title" }, say("Occurred"))), this.done)));
    for (const each of [this.at, this.typed, this.chosen]) {
      each.addEventListener("input", () => this.showPlan());
    }
    for (const kind of ["fault", "rewound", "reload"]) {
      this.listen(this.reader, kind, () => this.load());
    }
    this.listen(spoken, "language", () => this.loadKinds());
    this.loadKinds();
    this.load();
  }

  async loadKinds() {
    const told = await this.read(() => get("/v1/faults"));
    if (told === null) {
      return;
    }
    const chosen = this.kind.value;
    const value = this.value?.value;
    this.kinds = told.kinds;
    const wheres = [...new Set(this.kinds.map((each) => each.where))];
    put(this.kind, wheres.map((where) => h("optgroup", { label: whereName(where) },
      this.kinds.filter((each) => each.where === where).map((each) => h("option", { value: each.name }, each.name)))));
    this.kind.value = chosen || this.kinds[0]?.name || "";
    put(this.often, OFTEN.filter(([plan]) => this.named(plan)).map(([plan, told_]) =>
      h("button", { type: "button", class: "button button-small", "data-plan": plan, onclick: () => this.inject(plan) }, told_())));
    this.showKind();
    if (this.value !== null && value !== undefined) {
      this.value.value = value;
      this.showPlan();
    }
    this.show();
  }

  /** Return the kind that a fault in a plan is of. */
  named(fault) {
    const name = /^[^@:]*/.exec(fault)[0];
    return this.kinds.find((each) => each.name === name);
  }

  showKind() {
    const kind = this.named(this.kind.value);
    if (kind === undefined) {
      return;
    }
    put(this.what, kind.text);
    this.atField.hidden = kind.counted === "";
    put(this.counted, say("Counted: {counted}. 0 strikes the next.", { counted: kind.counted }));
    this.showValue(kind);
    this.showPlan();
  }

  /** Offer what the kind takes: one of its values where they are few, else a text; nothing where it takes none. */
  showValue({ values, usual }) {
    this.value = usual === "" ? null : values.length > 0 ? this.chosen : this.typed;
    this.valueField.hidden = this.value === null;
    put(this.chosen, values.map((each) => h("option", { value: each.value }, each.text)));
    if (this.value !== null) {
      this.value.value = usual;
      put(this.valueField, h("span", {}, say("Value")), this.value,
        this.value === this.typed ? h("span", { class: "quiet" }, say("default: {value}", { value: usual })) : null);
    }
  }

  planned() {
    const kind = this.named(this.kind.value);
    if (kind === undefined) {
      return "";
    }
    const at = kind.counted === "" ? "" : `@${this.at.value || 0}`;
    const value = this.value === null || this.value.value === "" ? "" : `:${this.value.value}`;
    return `${kind.name}${at}${value}`;
  }

  showPlan() {
    put(this.plan, this.planned());
  }

  add(event) {
    event.preventDefault();
    return this.inject(this.planned());
  }

  async inject(plan) {
    const told = await this.attempt(() => post(`${this.reader.path}/faults`, { plan }));
    if (told !== null) {
      this.take(told);
    }
  }

  async takeBack() {
    await this.attempt(() => del(`${this.reader.path}/faults`));
    await this.load();
  }

  async load() {
    const told = await this.read(() => get(`${this.reader.path}/faults`));
    if (told !== null) {
      this.take(told);
    }
  }

  take({ pending, struck }) {
    this.pending = pending;
    this.struck = struck;
    this.show();
  }

  item(fault) {
    const kind = this.named(fault);
    const [, at] = /@(\d+)/.exec(fault) ?? [];
    const [, value] = /:(.*)$/.exec(fault) ?? [];
    const meant = kind?.values.find((each) => each.value === value)?.text;
    return h("li", { class: "fault" },
      h("code", { class: "fault-name" }, fault), h("span", {}, kind?.text ?? ""),
      meant === undefined ? null : h("span", { class: "quiet" }, say("Value: {value}", { value: meant })),
      at === undefined || !kind?.counted ? null : h("span", { class: "quiet" }, say("Number {at} of: {counted}", { at, counted: kind.counted })));
  }

  show() {
    const items = (faults, nothing) => (faults.length === 0
      ? h("li", { class: "empty" }, nothing)
      : faults.map((fault) => this.item(fault)));
    put(this.toCome, items(this.pending, say("No fault pending.")));
    put(this.done, items([...this.struck].reverse(), say("Nothing has gone wrong.")));
    set(this.clear, "hidden", this.pending.length === 0);
  }
}

function whereName(where) {
  switch (where) {
    case "flash": return say("The reader's flash");
    case "line": return say("The line");
    case "ps": return say("The PS card");
    case "vitale": return say("The Vitale card");
    case "reader": return say("The reader");
    default: return where;
  }
}

customElements.define("tla-faults", FaultsOnPage);
