// Work with the reader within a view: how far it is, why it cannot begin, and what is said when it is cut.

import { Problem, post } from "../api.js";
import { freshId, h, put, set } from "../markup.js";
import { Part } from "../part.js";
import { say } from "../words.js";
import { showProgress, workTold } from "../work_words.js";
import { askCode } from "./code_dialog.js";
import { handButton, seenAt } from "./at_hand.js";
import { IDLE, isIdle } from "./idle.js";
import { forgetWord } from "./last_word.js";

const CUT = ["link", "uncertain"];

/**
 * A part that works with the chosen reader. It asks anew (`ask`) whenever what it shows may have changed, and
 * has a button with a reason (`actRow`), a progress bar (`progress`), and a place for what was done (`told`).
 */
export class ReaderWork extends Part {
  practice = null;
  busy = false;
  cut = null;

  frame(action) {
    this.action = action;
    this.told = h("div", { class: "loading-told", role: "status" });
    this.stopped = h("div", { role: "alert" });
    this.bar = h("progress", { class: "home-bar", "aria-label": say("Progress") });
    this.far = h("p", {});
    this.progress = h("div", { class: "loading-progress", hidden: true }, this.far, this.bar);
    this.listen(this.practice, "work", ({ detail }) => this.takeWork(detail));
    this.listen(this.practice, "changed", () => this.refresh());
    this.listen(this.practice, "reader", () => this.otherReader());
    this.listen(this.practice, "home", () => this.lookAgain());
    this.refresh();
  }

  otherReader() {
    this.cut = null;
    this.refused(null);
    this.table?.load();
    put(this.told);
    put(this.stopped);
    this.refresh();
  }

  lookAgain() {
    this.showCut();
    if (this.seen !== seenAt(this.practice)) {
      this.refresh();
    }
  }

  /** Ask for what is shown, once however often it is wanted meanwhile. */
  refresh() {
    this.stale = true;
    this.asking ??= this.askAll().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  async askAll() {
    while (this.stale && this.isConnected) {
      this.stale = false;
      this.seen = seenAt(this.practice);
      if (this.practice.reader !== null) {
        await this.read(() => this.ask());
      }
      this.show();
    }
  }

  takeWork(work) {
    if (work.action !== this.action) {
      return;
    }
    const over = work.stage === "done" || work.stage === "failed";
    this.progress.hidden = over || work.stage === "code";
    put(this.far, workTold(work), this.whose(work));
    showProgress(this.bar, work);
  }

  whose() {
    return null;
  }

  /** Do a piece of work; returns what it came to, or null. One that was cut is told in place, to be resumed. */
  async carryOut(order, resume) {
    const { reader } = this.practice;
    this.busy = true;
    this.cut = null;
    forgetWord();
    put(this.stopped);
    this.show();
    let done = null;
    try {
      done = await order();
      this.refused(null);
    } catch (error) {
      await this.practice.refresh();
      await this.refresh();
      if (this.practice.reader === reader && error instanceof Problem && CUT.includes(error.category)) {
        this.refused(null);
        this.cut = { problem: error, resume };
      } else {
        this.failed(error);
      }
    }
    this.busy = false;
    this.progress.hidden = true;
    await this.refresh();
    this.showCut();
    if (document.activeElement === document.body || document.activeElement?.dataset.act === this.action) {
      this.querySelector(`[data-act="${this.cut === null ? this.action : "resume"}"], .loading-cut button`)?.focus();
    }
    return done;
  }

  /** The same, for work that takes the code: what is cut is told in the view, what is refused in the dialog. */
  carryOutWithCode({ path, ...words }, resume) {
    return this.carryOut(async () => {
      let cut = null;
      const order = async (how) => {
        try {
          return await post(path, { reader: this.practice.reader.name, ...how });
        } catch (error) {
          if (!CUT.includes(error.category)) {
            throw error;
          }
          cut = error;
          return {};
        }
      };
      const done = await askCode(this.practice, { ...words, order });
      if (cut !== null) {
        throw cut;
      }
      return done;
    }, resume);
  }

  /** Say what stopped it, how far it had come, and offer to go on. */
  showCut() {
    if (this.cut === null) {
      put(this.stopped);
      return;
    }
    const { problem, resume } = this.cut;
    const held = this.stopped.contains(document.activeElement);
    const hand = handButton(this, this.practice);
    put(this.stopped, h("div", { class: "callout loading-cut" },
      h("p", {}, h("strong", {}, problem.told)), this.howFar(),
      hand ?? h("button", { type: "button", class: "button button-primary", "data-act": "resume", onclick: () => resume() }, say("Resume"))));
    if (held) {
      this.stopped.querySelector("button").focus();
    }
  }

  howFar() {
    return null;
  }

  /** Return a button with the reason beside it why it cannot be used now, if so. */
  actRow(act, why, word, go) {
    const id = freshId("why");
    const button = h("button", { type: "button", class: "button button-primary", "data-act": act, onclick: () => button.getAttribute("aria-disabled") !== "true" && go() }, word);
    set(button, "aria-disabled", why || this.busy ? "true" : null);
    set(button, "aria-describedby", why ? id : null);
    return h("div", { class: "loading-act" }, button,
      why ? h("p", { id, class: isIdle(why) ? IDLE : "summary-why" }, why.detail, ". ", why.action) : null, why && this.cut === null && why.code === this.practice.home?.reader?.problem?.code ? handButton(this, this.practice) : null);
  }
}
