// <tla-reader>: one reader as a device, with what a person can do to it.

import { del } from "./api.js";
import { confirm } from "./dialog.js";
import "./keypad.js";
import "./lcd.js";
import { freshId, h, put, set } from "./markup.js";
import { menu } from "./menu.js";
import { moment } from "./moments.js";
import { Part, part } from "./part.js";
import "./slot.js";
import "./switches.js";
import "./tray.js";
import { say, spoken } from "./words.js";

const LOOK_MS = 500;
const ASK_EVERY = 10;

class ReaderOnPage extends Part {
  ticks = 0;

  draw() {
    const { reader, bench } = this;
    const { name, kept } = reader.now;
    const hint = freshId("hint");
    const inside = (tag, more = {}) => part(tag, { reader, bench, ...more });
    this.keypad = inside("tla-keypad");
    this.lamps = h("p", { class: "device-lamps", "aria-hidden": "true" });
    this.time = h("time", {});
    this.model = h("span", { class: "device-model" });
    this.serial = h("span", { class: "quiet reader-serial" });
    this.device = h("div", { class: "device", role: "group", tabindex: "0", "aria-label": say("Keyboard of {name}", { name }), "aria-describedby": hint, onkeydown: (event) => this.type(event) },
      inside("tla-slot", { "data-slot": "vitale" }),
      h("div", { class: "device-body" },
        h("div", { class: "device-brand", "aria-hidden": "true" }, h("span", {}, "TLA"), this.model, h("span", { class: "device-test" }, "TEST")),
        h("div", { class: "device-bezel" }, inside("tla-lcd"), this.lamps),
        this.keypad),
      inside("tla-slot", { "data-slot": "ps" }));
    this.next = h("p", { class: "guide-strip-text", "aria-hidden": "true" });
    this.strip = h("div", { class: "guide-strip", hidden: true }, this.next,
      h("button", { type: "button", class: "button button-small", onclick: () => reader.guide?.go() }, say("To the steps")));
    this.section = h("section", { class: "reader", "aria-label": say("Reader {name}", { name }) },
      this.strip,
      h("header", { class: "reader-head" },
        h("div", { class: "reader-title" },
          h("h2", { class: "reader-name" }, name),
          this.serial,
          kept ? h("span", { class: "quiet reader-kept" }, say("Kept in {path}", { path: kept })) : null),
        h("span", { class: "reader-time quiet" }, this.time),
        menu("⋯", { name: say("More for {name}", { name }), look: "button button-small button-icon", entries: () => this.more() })),
      h("div", { class: "reader-parts" },
        h("div", { class: "reader-device" }, this.device, h("p", { class: "quiet hint hand-hint", id: hint }, say("Click the reader, then type: digits, Enter VAL, Escape ANN, Backspace COR, arrows, m MENU."))),
        inside("tla-tray", { class: "reader-tray" }),
        inside("tla-switches", { class: "reader-switches" })),
      h("div", { "data-notice": "" }));
    put(this, this.section);
    // A click leaves the focus on the whole device, so that Enter goes on as VAL.
    this.device.addEventListener("mousedown", (event) => {
      if (event.target.closest("tla-slot") === null) {
        event.preventDefault();
        this.device.focus({ preventScroll: true });
      }
    });
    this.listen(reader, "reader", () => this.show());
    this.listen(reader, "screen", () => this.show());
    this.listen(reader, "guide", () => this.showGuide());
    this.listen(reader, "keyboard", () => {
      this.device.focus({ preventScroll: true });
      // On a phone, the tray from which a card comes is a screen below.
      this.device.scrollIntoView({ block: "nearest" });
    });
    this.listen(spoken, "language", () => this.tick());
    this.ticking = setInterval(() => this.tick(), LOOK_MS);
    this.show();
    this.showGuide();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  show() {
    const { plugged, battery, serial, release, profile, seed } = this.reader.now;
    const { on } = this.reader.screen;
    // An update, or a snapshot that is restored, makes it another.
    put(this.model, release || profile);
    put(this.serial, say("Serial number {serial}", { serial }), " · ", seed === null ? say("seed unknown") : say("seed {seed}", { seed }));
    set(this.device, "data-on", on ? "true" : "false");
    put(this.lamps,
      lamp(on, on ? say("on") : say("off")),
      lamp(plugged, plugged ? say("cable in") : say("cable out")),
      h("span", { class: "lamp" }, "▮ ", say("{percent}%", { percent: battery })));
    this.tick();
  }

  /** Show what to do next where the panel that says so is below the reader; a screen reader hears it from there. */
  showGuide() {
    const { guide } = this.reader;
    this.strip.hidden = guide === null;
    put(this.next, guide === null ? null : [h("span", { class: "surgery-next-label" }, guide.label), " ", guide.told]);
  }

  /** Show the time, and ask the reader for it now and then: how fast it goes is only nearly known. */
  tick() {
    this.ticks += 1;
    if (this.ticks % ASK_EVERY === 0 && !document.hidden) {
      this.reader.loadClock();
    }
    const told = moment(this.reader.clockNow());
    if (this.time.textContent !== told) {
      put(this.time, told);
    }
  }

  type(event) {
    if (event.target.closest("tla-slot") !== null || !this.keypad.type(event)) {
      return;
    }
    event.preventDefault();
    if (event.target !== this.device) {
      this.device.focus({ preventScroll: true });
    }
  }

  more() {
    const { name } = this.reader;
    return [
      { label: say("Copy the text of the screen"), act: () => this.attempt(() => navigator.clipboard.writeText(this.reader.screen.lines.join("\n"))) },
      { label: say("Open the screen as a picture"), act: () => window.open(`${this.reader.path}/screen.png`, "_blank", "noopener") },
      { label: say("Open the screen as a drawing (SVG)"), act: () => window.open(`${this.reader.path}/screen.svg`, "_blank", "noopener") },
      { label: say("Remove this reader…"), act: () => this.removeReader(name) },
    ];
  }

  async removeReader(name) {
    const sure = await confirm({
      title: say("Remove {name}?", { name }),
      text: this.reader.now.kept
        ? say("The reader leaves the bench. What it holds stays in its state directory.")
        : say("The reader lives in memory only: everything in it is lost."),
      act: say("Remove the reader"),
    });
    if (sure) {
      await this.attempt(async () => {
        await del(this.reader.path);
        await this.bench.load();
      });
    }
  }
}

function lamp(lit, told) {
  return h("span", { class: lit ? "lamp lamp-on" : "lamp" }, lit ? "● " : "○ ", told);
}

customElements.define("tla-reader", ReaderOnPage);
