// The three steps of a round, with their buttons. A button that cannot work now says why beside it.

import { freshId, h, put, set } from "./markup.js";
import { certifiedOn, countAll } from "./surgery_next.js";
import { say, sayMany } from "./words.js";

const STEPS = ["load", "visit", "back"];
const STEP_OF = { load: "load", visit: "visit", unload: "back", sign: "back", transmit: "back", done: null, elsewhere: null };

/** The steps at a reader. `order` is called with the work that a person wants: load, unload, sign or transmit. */
export class Steps {
  constructor(reader, order) {
    this.reader = reader;
    this.order = order;
    this.owners = [];
    this.elsewhere = false;
    this.unticked = new Set();
    this.rows = {};
    this.steps = {};
    this.said = h("p", { class: "visually-hidden", role: "status" });
    this.element = h("div", {},
      h("ol", { class: "surgery-steps" }, this.drawLoad(), this.drawVisit(), this.drawBack()), this.said);
  }

  drawLoad() {
    this.ticks = h("fieldset", { class: "surgery-owners", hidden: true });
    this.others = h("input", { type: "checkbox", checked: true });
    this.othersLine = h("label", { class: "surgery-tick", hidden: true }, this.others,
      h("span", {}, say("Also what others prepared for the same patients")));
    return this.step("load", say("Load"), say("At the practice"),
      this.row("load", say("Load")), this.ticks, this.othersLine);
  }

  drawVisit() {
    this.visitCount = h("p", {});
    this.patients = h("ul", { class: "surgery-patients" });
    return this.step("visit", say("Certify"), say("At the patient's home"), this.visitCount, this.patients);
  }

  drawBack() {
    return this.step("back", say("Bring back, sign, transmit"), say("Back at the practice"),
      this.row("unload", say("Bring back")), this.row("sign", say("Sign")), this.row("transmit", say("Transmit")));
  }

  step(name, title, where, ...children) {
    this.steps[name] = h("li", { class: "surgery-step", "data-step": name },
      h("h3", {}, title), h("p", { class: "surgery-where" }, where), ...children);
    return this.steps[name];
  }

  row(name, word) {
    const count = h("p", {});
    const why = h("p", { class: "surgery-why", id: freshId("why"), hidden: true });
    const button = h("button", { type: "button", class: "button", "data-act": name, "aria-disabled": "true", onclick: () => this.order(name) }, word);
    this.rows[name] = { count, why, button, reason: null };
    return h("div", { class: "surgery-row" }, h("div", { class: "surgery-what" }, count, why), button);
  }

  // --- what is there ---------------------------------------------------------------------------------------

  showCounts(now, here) {
    const counts = countAll(now);
    const certified = here.documents === null ? 0 : certifiedOn(here.documents);
    this.count("load", counts.prepared > 0
      ? sayMany(counts.prepared, "{count} invoice is prepared", "{count} invoices are prepared") : null);
    this.count("unload", certified > 0
      ? sayMany(certified, "{count} certified on the reader", "{count} certified on the reader") : null);
    this.count("sign", now.to_sign.length > 0
      ? [say("Final signatures:"), " ", now.to_sign.map((each, at) => [at ? ", " : "", each.name, " (", each.count, ")"])] : null);
    this.count("transmit", counts.ready > 0
      ? sayMany(counts.ready, "{count} ready to send", "{count} ready to send") : null);
    put(this.visitCount, here.loaded === 0
      ? say("Nothing is on {reader}", { reader: this.reader })
      : sayMany(here.loaded, "{count} invoice was loaded", "{count} invoices were loaded"));
    this.patients.hidden = here.patients.length === 0;
    put(this.patients, here.patients.map(({ name, count }) => h("li", { class: "badge" }, name, " · ", count)));
    this.elsewhere = here.elsewhere.length > 0;
    this.showTicks(now.owners.filter((each) => each.prepared > 0));
  }

  count(name, told) {
    const { count } = this.rows[name];
    count.hidden = told === null;
    put(count, told);
  }

  // --- whose invoices are loaded ---------------------------------------------------------------------------

  showTicks(owners) {
    this.owners = owners;
    this.ticks.hidden = owners.length < 2;
    put(this.ticks, h("legend", {}, say("Whose invoices")), owners.map((each) => this.tick(each)));
    this.showOthers();
  }

  tick({ owner, name, prepared }) {
    const box = h("input", { type: "checkbox", checked: !this.unticked.has(owner), onchange: () => {
      this.unticked[box.checked ? "delete" : "add"](owner);
      this.showOthers();
      this.placed();
    } });
    return h("label", { class: "surgery-tick" }, box, h("span", {}, name), h("span", { class: "badge" }, prepared));
  }

  showOthers() {
    // What is on another reader cannot be loaded here, and would keep the others' from being loaded.
    this.othersLine.hidden = this.elsewhere || this.ticked().length === this.owners.length;
  }

  ticked() {
    return this.owners.filter((each) => !this.unticked.has(each.owner));
  }

  /** Return whose invoices to load, as an order says it: nobody's name means everyone's, also once more. */
  get choice() {
    const ticked = this.ticked();
    const everyone = ticked.length === this.owners.length && !this.elsewhere;
    return { owners: everyone ? [] : ticked.map((each) => each.owner), others: this.others.checked && !this.othersLine.hidden };
  }

  // --- what can be done ------------------------------------------------------------------------------------

  /** Return why something cannot be done now, or null. */
  reason(name) {
    return this.rows[name].reason;
  }

  /** Show which step it is, which work is under way, and what cannot be done: `cannot` is the bench's word on it. */
  showPlace(at, work, cannot, workId) {
    const place = work?.action ?? at;
    for (const name of STEPS) {
      const now = STEP_OF[place] === name;
      set(this.steps[name], "aria-current", now ? "step" : null);
      set(this.steps[name], "data-state", now ? "now" : isOver(name, place) ? "over" : "ahead");
    }
    this.placed = () => this.showPlace(at, work, cannot, workId);
    const nobody = this.owners.length > 0 && this.ticked().length === 0;
    for (const [name, row] of Object.entries(this.rows)) {
      const reason = cannot[name] === null ? null : say("{detail}. {action}.", cannot[name]);
      this.explain(row, work !== null ? null : reason === null && nobody && name === "load" ? say("Tick whose invoices to load.") : reason);
      set(row.button, "aria-disabled", work === null && row.reason === null ? null : "true");
      set(row.button, "aria-describedby", work !== null ? workId : row.reason !== null ? row.why.id : null);
      set(row.button, "aria-busy", work?.action === name ? "true" : null);
      row.button.classList.toggle("button-primary", name === place);
    }
  }

  explain(row, told) {
    row.reason = told;
    row.why.hidden = told === null;
    if (row.why.textContent !== String(told ?? "")) {
      row.why.classList.remove("surgery-why-told");
      put(row.why, told);
    }
  }

  /** Say why a button does nothing: what it says beside it, or what is under way. */
  sayWhy(name, underWay) {
    const { why, reason } = this.rows[name];
    why.classList.add("surgery-why-told");
    put(this.said, reason ?? underWay);
  }
}

function isOver(name, at) {
  return at === "done" || STEPS.indexOf(name) < STEPS.indexOf(STEP_OF[at]);
}
