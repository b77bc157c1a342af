// <tla-clock>: the reader's clock. It can stand still, run faster, and be moved on.

import { patch, post } from "./api.js";
import { h, put, set } from "./markup.js";
import { moment } from "./moments.js";
import { Part } from "./part.js";
import { say, spoken } from "./words.js";

const RATES = [1, 2, 5, 10, 60, 600, 1000, 0];
const STEPS = [[1000, () => say("1 second")], [10_000, () => say("10 seconds")], [60_000, () => say("1 minute")], [600_000, () => say("10 minutes")], [3_600_000, () => say("1 hour")], [86_400_000, () => say("1 day")]];
const LOOK_MS = 250;

class Clock extends Part {
  draw() {
    this.time = h("time", { class: "clock-time" });
    this.pause = h("button", { type: "button", class: "button", onclick: () => this.change({ paused: !this.reader.now.clock.paused }) });
    this.rate = h("select", { class: "select", "aria-label": say("Speed of the clock"), onchange: () => this.change({ rate: Number(this.rate.value) }) },
      RATES.map((rate) => h("option", { value: rate }, rate === 0 ? say("as fast as it can") : say("× {rate}", { rate }))));
    this.step = h("select", { class: "select", "aria-label": say("How far to move the clock on") },
      STEPS.map(([ms, name]) => h("option", { value: ms }, name())));
    put(this,
      h("h3", { class: "part-title" }, say("The reader's clock")),
      h("p", { class: "clock-face" }, this.time, (this.state = h("span", { class: "badge" }))),
      h("div", { class: "row" },
        this.pause,
        h("label", { class: "field-inline" }, h("span", { "aria-hidden": "true" }, say("Speed")), this.rate),
        h("label", { class: "field-inline" }, h("span", { "aria-hidden": "true" }, say("Advance by")), this.step),
        h("button", { type: "button", class: "button", onclick: () => this.advance() }, say("Advance"))),
      h("p", { class: "quiet" }, say("All waiting of the reader and its cards is counted on this clock. While it stands still, time passes only as the reader works.")));
    this.listen(this.reader, "reader", () => this.show());
    this.listen(spoken, "language", () => this.tick());
    this.ticking = setInterval(() => this.tick(), LOOK_MS);
    this.show();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  show() {
    const { rate, paused } = this.reader.now.clock;
    put(this.pause, paused ? say("Let it run") : say("Pause"));
    set(this.state, "class", paused ? "badge badge-warn" : "badge badge-ok");
    put(this.state, paused ? say("paused") : say("running"));
    if (!RATES.includes(rate) && ![...this.rate.options].some((each) => each.value === String(rate))) {
      this.rate.append(h("option", { value: rate }, say("× {rate}", { rate })));
    }
    this.rate.value = rate;
    this.tick();
  }

  tick() {
    const told = moment(this.reader.clockNow());
    if (this.time.textContent !== told) {
      put(this.time, told);
    }
  }

  change(body) {
    return this.attempt(async () => {
      await patch(`${this.reader.path}/clock`, body);
      await this.reader.load();
    });
  }

  advance() {
    return this.attempt(async () => {
      await post(`${this.reader.path}/clock/advance`, { ms: Number(this.step.value) });
      await this.reader.load();
    });
  }
}

customElements.define("tla-clock", Clock);
