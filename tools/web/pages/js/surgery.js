// The practice's side of a round: load the reader, bring back, sign, transmit; and what to do next at the reader.

import { get, post, put as send } from "./api.js";
import { freshId, h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { certifiedOn, countAll, nextStep, patientsOn } from "./surgery_next.js";
import { documentsTable, ownersTable, staysTable } from "./surgery_tables.js";
import { logLoad, logSign, logTransmit, logUnload } from "./surgery_log.js";
import { say, sayMany, spoken } from "./words.js";

const PATH = "/v1/surgery";
const STEPS = ["load", "visit", "back"];
const NOTES = new WeakMap(); // What was done with a reader, for whoever comes back to this panel.
const STEP_OF = { load: "load", visit: "visit", unload: "back", sign: "back", transmit: "back", done: null };

class Surgery extends Part {
  draw() {
    this.now = null;
    this.onBoard = null;
    this.work = null;
    this.unticked = new Set();
    this.classList.add("surgery");
    this.drawFrame();
    this.showNotes(NOTES.get(this.reader) ?? []);
    this.listen(this.reader, "progress", ({ detail }) => this.takeWork(detail));
    this.listen(this.reader, "screen", () => this.showNext());
    this.listen(this.reader, "reader", () => this.noticeReader());
    this.listen(this.reader, "reload", () => this.load());
    this.listen(this.reader, "rewound", () => this.load());
    for (const other of this.bench?.readers.values() ?? []) {
      if (other !== this.reader) {
        this.listen(other, "progress", ({ detail }) => this.takeOthersWork(detail));
      }
    }
    this.listen(spoken, "language", () => this.now === null || this.show());
    this.load();
  }

  drawFrame() {
    const title = freshId("surgery");
    this.heading = h("h2", { id: title, class: "surgery-title" }, say("Surgery"));
    this.kept = h("p", { class: "quiet" });
    this.next = h("p", { class: "surgery-next-told" });
    this.nextAct = h("button", { type: "button", class: "button", hidden: true, onclick: () => this.actNext() });
    this.bar = h("progress", { class: "surgery-bar", "aria-label": say("Progress"), hidden: true });
    this.banner = h(
      "div", { class: "surgery-next" },
      h("div", { role: "status", class: "surgery-next-text" },
        (this.nextLabel = h("span", { class: "surgery-next-label" })), this.next),
      this.nextAct, this.bar,
    );
    this.log = h("ol", { class: "surgery-log", role: "log", "aria-label": say("What was done"), tabindex: "0" });
    this.logBox = h("section", { hidden: true }, h("h3", {}, say("What was done")), this.log);
    this.stays = h("section", { class: "surgery-stays", hidden: true });
    this.owners = h("section", {});
    this.documents = h("div", {});
    this.append(
      h("header", { class: "surgery-head" }, this.heading, this.kept),
      this.banner,
      h("div", { "data-notice": true }),
      h("ol", { class: "surgery-steps" }, this.drawLoad(), this.drawVisit(), this.drawBack()),
      this.stays, this.logBox, this.owners,
      h("details", { class: "surgery-documents" }, h("summary", {}, say("Every invoice")), this.documents),
    );
  }

  drawLoad() {
    this.ticks = h("fieldset", { class: "surgery-owners", hidden: true });
    this.others = h("input", { type: "checkbox", checked: true });
    this.othersLine = h("label", { class: "surgery-tick", hidden: true }, this.others,
      h("span", {}, say("Also what others prepared for the same patients")));
    this.loadCount = h("p", {});
    return this.step("load", say("Load"), say("At the practice"),
      h("div", { class: "surgery-row" }, this.loadCount, this.button("load", say("Load"))), this.ticks, this.othersLine);
  }

  drawVisit() {
    this.visitCount = h("p", {});
    this.patients = h("ul", { class: "surgery-patients" });
    return this.step("visit", say("Certify"), say("At the patient's home"), this.visitCount, this.patients);
  }

  drawBack() {
    this.backCounts = { unload: h("p", {}), sign: h("p", {}), transmit: h("p", {}) };
    const row = (name, word) => h("div", { class: "surgery-row" }, this.backCounts[name], this.button(name, word));
    return this.step("back", say("Bring back, sign, transmit"), say("Back at the practice"),
      row("unload", say("Bring back")), row("sign", say("Sign")), row("transmit", say("Transmit")));
  }

  step(name, title, where, ...children) {
    const made = h("li", { class: "surgery-step", "data-step": name },
      h("h3", {}, title), h("p", { class: "surgery-where" }, where), ...children);
    (this.steps ??= {})[name] = made;
    return made;
  }

  button(name, word) {
    const made = h("button", { type: "button", class: "button", "data-act": name, "aria-disabled": "true", onclick: () => this.order(name) }, word);
    (this.buttons ??= {})[name] = made;
    return made;
  }

  // --- what there is ---------------------------------------------------------------------------------------

  async load() {
    if (this.loading) {
      this.again = true;
      return;
    }
    this.loading = true;
    do {
      this.again = false;
      const now = await this.read(() => get(PATH));
      if (now !== null) {
        this.now = now;
        if (!this.ordering) {
          this.work = now.work.find((each) => each.reader === this.reader.name && each.action !== "look") ?? null;
        }
        await this.look();
        this.show();
      }
    } while (this.again && this.isConnected);
    this.loading = false;
  }

  /** Ask the reader what it has: only where the practice loaded it, so that nobody else's session is met. */
  async look() {
    const { now } = this.reader;
    this.seen = this.connection();
    this.onBoard = null;
    if (now.on && now.plugged && this.work === null && patientsOn(this.now, now.serial).length > 0) {
      try {
        this.onBoard = (await get(`${PATH}/readers/${encodeURIComponent(this.reader.name)}`)).documents;
      } catch {
        // It is not essential, and whatever keeps it away is told when something is wanted of the reader.
      }
    }
  }

  connection() {
    const { on, plugged } = this.reader.now;
    return `${on} ${plugged}`;
  }

  async noticeReader() {
    if (this.now === null) {
      return;
    }
    if (this.connection() === this.seen) {
      this.showNext();
    } else {
      await this.look();
      this.show();
    }
  }

  takeWork(work) {
    if (work.action === "look") {
      return;
    }
    const over = work.stage === "done" || work.stage === "failed";
    // An event of work that is over may come after its answer; the list of work is asked again then.
    this.work = over && !this.ordering ? null : work;
    if (work.stage === "code" && this.ordering) {
      this.reader.takeKeyboard();
    }
    this.showNext();
    if (over) {
      this.load();
    }
  }

  takeOthersWork(work) {
    if (work.stage === "done" && work.action !== "look") {
      this.load();
    }
  }

  // --- what is done ----------------------------------------------------------------------------------------

  async order(name) {
    if (this.work !== null || this.buttons[name].getAttribute("aria-disabled") === "true") {
      return;
    }
    this.refused(null);
    this.work = { action: name, stage: "begun", done: 0, total: 0, holder: "" };
    this.showNext();
    const reader = this.reader.name;
    const orders = {
      load: () => post(`${PATH}/load`, { reader, owners: this.chosenOwners(), others: this.others.checked }),
      unload: () => post(`${PATH}/unload`, { reader, code_at_reader: true }),
      sign: () => post(`${PATH}/sign`, { reader, code_at_reader: true }),
      transmit: () => post(`${PATH}/transmit`, { reader }),
    };
    const told = { load: logLoad, unload: logUnload, sign: logSign, transmit: logTransmit };
    this.ordering = true;
    const done = await this.attempt(orders[name]);
    this.ordering = false;
    this.work = null;
    if (done !== null) {
      this.note(told[name](done));
      this.showStays(name, done);
    }
    await this.load();
  }

  chosenOwners() {
    const all = this.now.owners.filter((each) => each.prepared > 0);
    const ticked = all.filter((each) => !this.unticked.has(each.owner));
    return ticked.length === all.length ? [] : ticked.map((each) => each.owner);
  }

  async actNext() {
    const { path } = this.reader;
    const acts = {
      power: () => send(`${path}/power`, { on: true }),
      plug: () => send(`${path}/cable`, { plugged: true }),
      unplug: () => send(`${path}/cable`, { plugged: false }),
    };
    const done = await this.attempt(acts[this.nextAct.dataset.act]);
    if (done?.screen) {
      this.reader.takeReader(done);
      this.reader.takeKeyboard();
    }
  }

  note(lines) {
    const notes = NOTES.get(this.reader) ?? [];
    notes.push(...lines);
    NOTES.set(this.reader, notes.slice(-100));
    this.showNotes(lines);
  }

  showNotes(lines) {
    this.logBox.hidden = lines.length === 0 && this.logBox.hidden;
    this.log.append(...lines.map((line) => h("li", {}, line)));
    while (this.log.children.length > 100) {
      this.log.firstElementChild.remove();
    }
    this.log.scrollTop = this.log.scrollHeight;
  }

  // --- what is shown ---------------------------------------------------------------------------------------

  show() {
    const counts = countAll(this.now);
    put(this.heading, this.now.practice);
    put(this.kept, this.now.ledger === null
      ? say("This practice's ledger is in memory and is lost when the bench stops.")
      : say("Ledger {file}; what is sent is in {folder}.", { file: this.now.ledger, folder: this.now.outbox }));
    put(this.loadCount, counts.prepared > 0
      ? sayMany(counts.prepared, "{count} invoice is prepared", "{count} invoices are prepared")
      : counts.loaded > 0 ? say("Everything is loaded") : say("Nothing is left to load"));
    put(this.visitCount, counts.loaded === 0
      ? say("Nothing was loaded")
      : sayMany(counts.loaded, "{count} invoice was loaded", "{count} invoices were loaded"));
    this.showTicks();
    this.showPatients();
    this.showBack(counts);
    this.enable("load", counts.prepared + counts.loaded > 0);
    this.enable("unload", counts.loaded + counts.toSign + counts.ready + counts.sent > 0);
    this.enable("sign", counts.toSign > 0);
    this.enable("transmit", counts.ready > 0);
    put(this.owners, ownersTable(this.now));
    put(this.documents, documentsTable(this.now));
    this.showNext();
  }

  enable(name, possible) {
    set(this.buttons[name], "aria-disabled", possible ? null : "true");
  }

  showTicks() {
    const owners = this.now.owners.filter((each) => each.prepared > 0);
    this.ticks.hidden = owners.length < 2;
    put(this.ticks, h("legend", {}, say("Whose invoices")), owners.map((each) => this.tick(each)));
    this.showOthers();
  }

  tick({ owner, name, prepared }) {
    const box = h("input", { type: "checkbox", checked: !this.unticked.has(owner), onchange: () => {
      this.unticked[box.checked ? "delete" : "add"](owner);
      this.showOthers();
    } });
    return h("label", { class: "surgery-tick" }, box, h("span", {}, name), h("span", { class: "badge" }, prepared));
  }

  showOthers() {
    const chosen = this.chosenOwners();
    this.othersLine.hidden = chosen.length === 0;
  }

  showPatients() {
    if (this.now === null) {
      return;
    }
    const found = patientsOn(this.now, this.reader.now.serial);
    this.patients.hidden = found.length === 0;
    put(this.patients, found.map(([name, count]) => h("li", { class: "badge" }, name, " · ", count)));
  }

  showBack(counts) {
    const { unload, sign, transmit } = this.backCounts;
    const certified = this.onBoard === null ? null : certifiedOn(this.onBoard);
    put(unload, certified === null
      ? say("Certified invoices on the reader")
      : certified === 0 ? say("No certified invoice on the reader") : sayMany(certified, "{count} certified on the reader", "{count} certified on the reader"));
    put(sign, this.now.to_sign.length === 0
      ? say("Nothing waits for a final signature")
      : [say("Final signatures:"), " ", this.now.to_sign.map((each, at) => [at ? ", " : "", each.name, " (", each.count, ")"])]);
    put(transmit, counts.ready === 0
      ? say("Nothing is ready to send")
      : sayMany(counts.ready, "{count} ready to send", "{count} ready to send"));
  }

  showNext() {
    if (this.now === null) {
      return;
    }
    const step = nextStep({
      now: this.reader.now, lines: this.reader.screen.lines, surgery: this.now, onBoard: this.onBoard,
    });
    const at = this.work === null ? step.at : this.work.action;
    this.tell(this.work === null ? say("Next") : say("Under way"), this.work === null ? step.told : this.workTold());
    this.bar.hidden = this.work === null || this.work.stage === "code";
    set(this.bar, "max", this.work?.total || null);
    set(this.bar, "value", this.work?.total ? this.work.done : null);
    set(this.banner, "data-stage", this.work?.stage ?? at);
    this.offer(this.work === null ? step.act : null);
    for (const name of STEPS) {
      const now = STEP_OF[at] === name;
      set(this.steps[name], "aria-current", now ? "step" : null);
      set(this.steps[name], "data-state", now ? "now" : this.isOver(name, at) ? "over" : "ahead");
    }
    for (const [name, button] of Object.entries(this.buttons)) {
      button.classList.toggle("button-primary", name === at);
      set(button, "aria-busy", this.work?.action === name ? "true" : null);
    }
  }

  tell(label, told) {
    if (this.next.textContent !== String(told)) {
      put(this.nextLabel, label);
      put(this.next, told);
    }
  }

  offer(act) {
    const words = { power: say("Switch on"), plug: say("Plug the cable in"), unplug: say("Unplug the cable") };
    this.nextAct.hidden = !act;
    if (act && this.nextAct.dataset.act !== act) {
      this.nextAct.dataset.act = act;
      put(this.nextAct, words[act]);
    }
  }

  workTold() {
    const { action, stage, holder, done, total } = this.work;
    if (stage === "code") {
      return say("Type the code porteur of {holder} on the reader's keys, then VAL. The code of the test cards is {code}.", { holder, code: "1234" });
    }
    const words = {
      load: say("Loading the reader"),
      unload: say("Bringing back what is certified"),
      sign: say("Signing"),
      transmit: say("Writing what is sent"),
    };
    return total ? say("{what}: {done} of {total}", { what: words[action], done, total }) : words[action];
  }

  isOver(name, at) {
    return at === "done" || STEPS.indexOf(name) < STEPS.indexOf(STEP_OF[at]);
  }

  showStays(action, done) {
    const shown = staysTable(action, done);
    this.stays.hidden = shown === null;
    put(this.stays, shown);
  }
}

customElements.define("tla-surgery", Surgery);
