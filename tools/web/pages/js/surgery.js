// <tla-surgery>: the practice's side of a round at the chosen reader. What it does; how it looks is in surgery_*.js.

import { get, post, put as send } from "./api.js";
import { h, put } from "./markup.js";
import { Part } from "./part.js";
import { Guide } from "./surgery_guide.js";
import { nextStep } from "./surgery_next.js";
import { Notes } from "./surgery_notes.js";
import { Steps } from "./surgery_steps.js";
import { documentsTable, ownersTable } from "./surgery_tables.js";
import { say, spoken } from "./words.js";

const PATH = "/v1/surgery";
const EVERYTHING = "everything"; // What to ask the bench for anew: all that the practice has, or …
const READER = "reader"; // … only what it has on this reader and can do with it.

class Surgery extends Part {
  draw() {
    this.now = null;
    this.here = null;
    this.work = null;
    this.stale = null;
    this.classList.add("surgery");
    this.drawFrame();
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
    this.listen(spoken, "language", () => this.show());
    this.load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.reader.showGuide(null);
  }

  drawFrame() {
    this.heading = h("h2", {}, say("Surgery"));
    this.kept = h("p", { class: "quiet" });
    this.guide = new Guide(this.reader, (act) => this.actNext(act));
    this.steps = new Steps(this.reader.name, (name) => this.order(name));
    this.notes = new Notes(this.reader);
    this.owners = h("section", {});
    this.documents = h("div", {});
    this.append(
      h("header", { class: "surgery-head" }, this.heading, this.kept),
      this.guide.element,
      h("div", { "data-notice": true }),
      this.steps.element, this.notes.stays, this.notes.box, this.owners,
      h("details", { class: "surgery-documents" }, h("summary", {}, say("Every invoice")), this.documents),
    );
  }

  // --- what there is ---------------------------------------------------------------------------------------

  load() {
    return this.ask(EVERYTHING);
  }

  /** Ask the bench anew, once it has answered what it was asked before. */
  ask(what) {
    this.stale = this.stale === EVERYTHING ? EVERYTHING : what;
    this.asking ??= this.refresh().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  async refresh() {
    while (this.stale !== null && this.isConnected) {
      const what = this.stale;
      this.stale = null;
      if (what === EVERYTHING) {
        await this.loadPractice();
      }
      this.seen = this.outside();
      this.here = (await this.read(() => get(`${PATH}/readers/${encodeURIComponent(this.reader.name)}`))) ?? this.here;
      this.show();
    }
  }

  async loadPractice() {
    const now = await this.read(() => get(PATH));
    this.now = now ?? this.now;
    if (now !== null && !this.ordering) {
      this.work = now.work.find((each) => each.reader === this.reader.name && each.action !== "look") ?? null;
    }
  }

  /** Return what decides, at the reader itself, what the practice can do with it. */
  outside() {
    const { on, plugged, tampered, slots } = this.reader.now;
    return `${on} ${plugged} ${tampered} ${slots.ps?.name}`;
  }

  noticeReader() {
    if (this.outside() === this.seen) {
      this.showNext();
    } else {
      this.ask(READER);
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
    if (this.work === null && this.steps.reason(name) !== null) {
      // The reader may have become ready since.
      await this.ask(READER);
    }
    if (this.work !== null || this.here === null || this.steps.reason(name) !== null) {
      this.steps.sayWhy(name, this.guide.told);
      return;
    }
    this.refused(null);
    this.work = { action: name, stage: "begun", done: 0, total: 0, holder: "" };
    this.showNext();
    const reader = this.reader.name;
    const orders = {
      load: () => post(`${PATH}/load`, { reader, ...this.steps.choice }),
      unload: () => post(`${PATH}/unload`, { reader, code_at_reader: true }),
      sign: () => post(`${PATH}/sign`, { reader, code_at_reader: true }),
      transmit: () => post(`${PATH}/transmit`, { reader }),
    };
    this.ordering = true;
    const done = await this.attempt(orders[name]);
    this.ordering = false;
    this.work = null;
    if (done !== null) {
      this.notes.note(name, done);
    }
    await this.load();
  }

  async actNext({ kind, reader: name }) {
    if (kind === "show") {
      this.closest("tla-bench").choose(name);
      this.bench.readers.get(name)?.takeKeyboard();
      return;
    }
    const { path } = this.reader;
    const acts = {
      power: () => send(`${path}/power`, { on: true }),
      plug: () => send(`${path}/cable`, { plugged: true }),
      unplug: () => send(`${path}/cable`, { plugged: false }),
    };
    const done = await this.attempt(acts[kind]);
    if (done?.screen) {
      this.reader.takeReader(done);
      this.reader.takeKeyboard();
    }
  }

  // --- what is shown ---------------------------------------------------------------------------------------

  show() {
    if (this.now === null || this.here === null) {
      return;
    }
    put(this.heading, this.now.practice);
    put(this.kept, this.now.ledger === null
      ? say("This practice's ledger is in memory and is lost when the bench stops.")
      : say("Ledger {file}; what is sent is in {folder}.", { file: this.now.ledger, folder: this.now.outbox }));
    this.steps.showCounts(this.now, this.here);
    put(this.owners, ownersTable(this.now));
    put(this.documents, documentsTable(this.now));
    this.showNext();
  }

  showNext() {
    if (this.now === null || this.here === null) {
      return;
    }
    const { reader, now: surgery, here, work } = this;
    const step = nextStep({ now: reader.now, lines: reader.screen.lines, surgery, here });
    this.guide.show(step, work);
    this.steps.showPlace(step.at, work, here.cannot, this.guide.textId);
  }
}

customElements.define("tla-surgery", Surgery);
