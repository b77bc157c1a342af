// <tla-timeline>: the screens so far, to step back through and look at, and to go back to.

import { get, post } from "./api.js";
import { inOneLine } from "./conditions.js";
import { loadFont, paintScreen, screenSize } from "./dots.js";
import { freshId, h, nearest, put, set } from "./markup.js";
import { moment, timeOfDay } from "./moments.js";
import { Part } from "./part.js";
import { placeByKey, RowsInSight } from "./virtual.js";
import { say, sayMany, spoken } from "./words.js";

const LOADED = 500;
const KEPT = 2000;
const MARGIN = 200;
const LARGE_DOT = 3;
const SMALL_DOT = 2;

class TimelineOnPage extends Part {
  screens = [];
  /** The revision looked at; null looks at the present. */
  looking = null;
  waiting = [];
  loading = false;
  earliest = false;

  draw() {
    this.id ||= freshId("timeline");
    put(this,
      h("h3", { class: "part-title" }, say("Screens so far")),
      this.look(), this.list(), h("div", { "data-notice": "" }));
    this.rows = new RowsInSight({
      scroller: this.options, body: this.options, make: (screen) => this.row(screen), key: (screen) => screen.revision, spacer, signal: this.gone.signal,
    });
    this.listen(this.reader, "screen", () => this.take([this.reader.screen]));
    this.listen(this.reader, "rewound", () => this.load());
    this.listen(this.reader, "reload", () => this.load());
    this.listen(spoken, "language", () => {
      this.rows.forget();
      this.show();
    });
    loadFont().then((font) => {
      this.font = font;
      this.rows.forget();
      this.show();
    }, () => {});
    this.load();
  }

  look() {
    this.glass = h("canvas", { class: "lcd-glass timeline-glass", ...screenSize(LARGE_DOT), "aria-hidden": "true" });
    this.text = h("p", { class: "visually-hidden", role: "status", lang: "fr" });
    this.when = h("p", { class: "timeline-when" });
    this.slider = h("input", { type: "range", class: "range", min: 0, max: 0, step: 1, "aria-label": say("Screen to look at"), oninput: () => this.lookAt(Number(this.slider.value)) });
    const step = (told, sign, to) => h("button", { type: "button", class: "button button-small button-icon", "aria-label": told, title: told, onclick: () => this.lookAt(to()) }, h("span", { "aria-hidden": "true" }, sign));
    this.back = h("button", { type: "button", class: "button button-primary", "aria-describedby": `${this.id}-what`, onclick: () => this.goBack() }, say("Go back to here"));
    this.present = h("button", { type: "button", class: "button", onclick: () => this.lookAt(this.screens.length - 1) }, say("Look at the present"));
    this.told = h("p", { class: "quiet", role: "status" });
    return h("div", { class: "timeline-look" },
      h("div", { class: "timeline-frame" }, this.glass, this.text),
      h("div", { class: "timeline-steps" },
        step(say("First screen"), "⇤", () => 0), step(say("One screen back"), "◀", () => this.place() - 1),
        this.slider,
        step(say("One screen on"), "▶", () => this.place() + 1), step(say("Now"), "⇥", () => this.screens.length - 1)),
      this.when,
      h("div", { class: "row" }, this.back, this.present),
      this.told,
      h("p", { class: "quiet", id: `${this.id}-what` }, say("Looking changes nothing. Going back takes the reader, its memory, its clock and its cards to that moment; the screens after it leave the list. The present is kept first as a snapshot named “before rewind”.")));
  }

  list() {
    this.options = h("div", { class: "timeline-list", role: "listbox", tabindex: "0", "aria-label": say("Screens, the newest last"), onkeydown: (event) => this.key(event), onclick: (event) => this.click(event) });
    this.earlier = h("button", { type: "button", class: "button button-small", hidden: true, onclick: () => this.loadEarlier() }, say("Load earlier screens"));
    this.count = h("span", { class: "quiet" });
    return h("div", { class: "timeline-rest" }, h("div", { class: "row" }, this.count, this.earlier), this.options);
  }

  async load() {
    if (this.loading) {
      this.again = true;
      return;
    }
    this.loading = true;
    do {
      this.again = false;
      const after = Math.max(0, this.reader.screen.revision - LOADED);
      const told = await this.read(() => get(`${this.reader.path}/timeline?after=${after}&limit=1000`));
      if (told !== null) {
        this.screens = told.screens;
        this.earliest = after === 0;
      }
    } while (this.again);
    this.loading = false;
    this.take(this.waiting);
    this.waiting = [];
    if (this.looking !== null && !this.screens.some((each) => each.revision === this.looking)) {
      this.looking = null;
    }
    this.show();
  }

  async loadEarlier() {
    const first = this.screens[0]?.revision ?? 1;
    const after = Math.max(0, first - 1 - LOADED);
    const told = await this.attempt(() => get(`${this.reader.path}/timeline?after=${after}&limit=${LOADED}`));
    if (told !== null) {
      const found = told.screens.filter((each) => each.revision < first);
      this.screens = [...found, ...this.screens];
      this.earliest = after === 0 || found.length === 0;
      this.show();
    }
  }

  take(screens) {
    if (this.loading) {
      this.waiting.push(...screens);
      return;
    }
    const fresh = screens.filter((each) => each.revision > (this.screens.at(-1)?.revision ?? -1));
    if (fresh.length > 0) {
      this.screens.push(...fresh);
      if (this.screens.length > KEPT + MARGIN) {
        this.rows.droppedAbove(this.screens.splice(0, this.screens.length - KEPT).length);
        this.earliest = false;
      }
      this.showSoon();
    }
  }

  showSoon() {
    this.showing ??= requestAnimationFrame(() => {
      this.showing = null;
      this.show();
    });
  }

  /** The place of the screen that is looked at. */
  place() {
    const found = this.looking === null ? -1 : this.screens.findIndex((each) => each.revision === this.looking);
    return found < 0 ? this.screens.length - 1 : found;
  }

  lookAt(place) {
    const at = Math.min(Math.max(place, 0), this.screens.length - 1);
    put(this.told);
    this.looking = at === this.screens.length - 1 ? null : this.screens[at]?.revision ?? null;
    this.rows.reveal(at);
    this.show();
  }

  show() {
    const { screens } = this;
    const at = this.place();
    const screen = screens[at];
    this.rows.items = screens;
    if (this.looking === null) {
      this.rows.render();
      this.rows.reveal(screens.length - 1);
    }
    this.rows.render();
    this.earlier.hidden = this.earliest;
    put(this.count, sayMany(screens.length, "{count:,} screen", "{count:,} screens"));
    if (screen === undefined) {
      return;
    }
    Object.assign(this.slider, { max: screens.length - 1, value: at });
    set(this.slider, "aria-valuetext", `${timeOfDay(screen.clock)} ${said(screen)}`);
    const isPresent = this.looking === null;
    set(this.back, "aria-disabled", isPresent ? "true" : null);
    this.present.hidden = isPresent;
    set(this, "data-looking", isPresent ? "present" : "past");
    put(this.when, isPresent ? h("span", { class: "badge badge-ok" }, say("Now")) : h("span", { class: "badge badge-warn" }, say("The past")), " ",
      moment(screen.clock), " · ", say("screen {revision}", { revision: screen.revision }));
    const text = said(screen);
    if (this.text.textContent !== text && !isPresent) {
      put(this.text, text);
    }
    if (this.font) {
      paintScreen(this.glass, screen, this.font, LARGE_DOT, 1);
    }
    this.markChosen(screen);
  }

  markChosen(screen) {
    this.options.querySelectorAll("[role=option]").forEach((row) => set(row, "aria-selected", String(row.dataset.revision === String(screen.revision))));
    set(this.options, "aria-activedescendant", this.rows.rowOf(screen)?.id ?? null);
  }

  row(screen) {
    const canvas = h("canvas", { class: "lcd-glass timeline-small", ...screenSize(SMALL_DOT), "aria-hidden": "true" });
    const row = h("div", { role: "option", class: "timeline-row", id: `${this.id}-${screen.revision}`, "data-revision": screen.revision, "aria-selected": "false" },
      canvas,
      h("span", { class: "timeline-words" },
        h("span", { class: "timeline-time" }, timeOfDay(screen.clock), " ", h("span", { class: "quiet" }, `#${screen.revision}`)),
        h("span", { class: "timeline-said", lang: "fr" }, screen.on ? said(screen) : say("off"))));
    if (this.font) {
      // Once the row is in the page: the colours come from its style.
      requestAnimationFrame(() => paintScreen(canvas, screen, this.font, SMALL_DOT, 0));
    }
    return row;
  }

  click(event) {
    const row = nearest(event, "[role=option]");
    if (row !== null) {
      this.lookAt(this.screens.findIndex((each) => String(each.revision) === row.dataset.revision));
    }
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const page = Math.max(1, Math.floor(this.options.clientHeight / this.rows.height) - 1);
    const to = placeByKey(event.key, this.place(), this.screens.length, page);
    if (to !== null) {
      event.preventDefault();
      this.lookAt(to);
    }
  }

  async goBack() {
    const revision = this.looking;
    if (revision === null) {
      return;
    }
    const gone = await this.attempt(() => post(`${this.reader.path}/rewind`, { revision }));
    if (gone !== null) {
      this.looking = null;
      this.reader.takeScreen(gone);
      put(this.told, say("The reader is where it was. What was the present is kept among the snapshots below."));
      await this.load();
    }
  }
}

/** Return what a screen says, in one line. */
function said(screen) {
  return inOneLine(screen.lines);
}

function spacer() {
  return h("div", { class: "timeline-spacer", role: "presentation", "aria-hidden": "true" });
}

customElements.define("tla-timeline", TimelineOnPage);
