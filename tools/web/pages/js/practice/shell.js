// <tla-practice>: the page of the practice: its head, the bar of views, the view, and the reader beside it.

import { Problem } from "../api.js";
import { connectionState, pageHead, placeLinks } from "../head.js";
import { freshId, h, put, set } from "../markup.js";
import { Part, part } from "../part.js";
import "../reader.js";
import { say, spoken } from "../words.js";
import { readAddress } from "./address.js";
import { billingMenu } from "./billing_menu.js";
import { followFocus } from "./focus.js";
import { followShortcuts, showShortcuts } from "./shortcuts.js";
import { PracticeState } from "./state.js";
import { VIEWS, keyOf, viewOf } from "./views.js";

const ARROWS = ["ArrowDown", "ArrowUp"];
const WIDE = "(min-width: 68rem)";

class Practice extends Part {
  draw() {
    this.practice = new PracticeState(this.bench);
    this.mainId = freshId("view");
    this.places = placeLinks((place, event) => this.switchPlace(place, event));
    this.choice = h("select", { class: "select select-small", "aria-label": say("Reader"), onchange: () => this.practice.choose(this.choice.value) });
    this.name = h("span", { class: "practice-name" });
    const middle = h("div", { class: "top-middle" }, this.places, this.name, this.choice);
    this.view = h("main", { class: "practice-main", id: this.mainId, tabindex: "-1", onkeydown: (event) => this.enterTable(event) });
    this.device = h("div", { class: "practice-device" });
    this.beside = h("span", { class: "quiet" });
    this.aside = h("details", { class: "practice-aside" }, h("summary", {}, say("The reader"), " ", this.beside), this.device);
    const wide = matchMedia(WIDE);
    this.listen(wide, "change", () => this.unfold(wide.matches));
    this.unfold(wide.matches);
    put(this,
      h("a", { class: "skip", href: `#${this.mainId}`, onclick: (event) => this.skip(event) }, say("Skip to the view")),
      pageHead(this, { middle, switches: connectionState(this, this.bench) }),
      this.drawBar(),
      h("div", { class: "top-notice", "data-notice": "" }),
      (this.body = h("div", { class: "practice-body" }, this.view, this.aside)),
      h("footer", { class: "foot quiet" }, h("span", {}, say("Everything here is fictitious and marked TEST."))));
    this.listen(window, "hashchange", () => this.show(true));
    this.listen(window, "popstate", () => this.showPlace());
    this.listen(this.practice, "home", () => this.showHome());
    this.listen(this.practice, "reader", () => {
      this.showReaders();
      this.showLost();
    });
    this.listen(this.bench, "readers", () => this.showReaders());
    this.listen(spoken, "language", () => this.showBar());
    followFocus(this, this.view, this.gone.signal);
    followShortcuts(this.gone.signal, () => this.billing.open());
    this.showPlace();
    this.showReaders();
    this.showHome();
    this.show(false);
  }

  drawBar() {
    this.links = new Map(VIEWS.map((view) => [view.name, barLink(view)]));
    this.showBar();
    return h("nav", { class: "bar", "aria-label": say("Views") },
      (this.bar = h("div", { class: "bar-views" }, [...this.links.values()].map(({ link }) => link))),
      (this.billing = billingMenu(this.practice)),
      h("button", { type: "button", class: "button button-small bar-keys", "aria-keyshortcuts": "?", onclick: showShortcuts }, h("span", { class: "bar-word" }, say("Keys")), h("kbd", { "aria-hidden": "true" }, "?")));
  }

  skip(event) {
    event.preventDefault();
    this.view.focus();
  }

  /** An arrow that is pressed in the view itself goes on in its table, when there is one. */
  enterTable(event) {
    const tables = [...this.view.querySelectorAll("tla-list-table")].filter((each) => each.checkVisibility());
    if (event.target === this.view && ARROWS.includes(event.key) && !(event.ctrlKey || event.altKey || event.metaKey) && tables.length === 1) {
      event.preventDefault();
      tables[0].enter(event.key);
    }
  }

  /** Change between the practice alone and both without loading the page anew. */
  switchPlace(place, event) {
    if (place !== "bench" && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      history.pushState(null, "", `/practice${place === "both" ? "?both" : ""}${location.hash}`);
      this.showPlace();
    }
  }

  /** Where the reader has no place beside the view it is behind its name until it is wanted. */
  unfold(wide) {
    this.aside.open = wide;
  }

  get both() {
    return new URLSearchParams(location.search).has("both");
  }

  showPlace() {
    this.places.show(this.both ? "both" : "practice");
    this.body.classList.toggle("practice-both", this.both);
    this.showDevice();
  }

  showReaders() {
    const names = [...this.bench.readers.keys()];
    this.choice.hidden = names.length < 2;
    put(this.choice, names.map((name) => h("option", { value: name }, name)));
    this.choice.value = this.practice.reader?.name ?? "";
    this.showDevice();
  }

  /** Say that the reader is gone, and which one the page goes on with. */
  showLost() {
    const { lost, reader } = this.practice;
    this.refused(lost === null ? null : new Problem(
      say("Reader {name} was taken off the bench", { name: lost }),
      reader === null ? say("Make another one on the bench") : say("The page goes on with {name}; choose another at the top", { name: reader.name })));
  }

  showDevice() {
    const { reader } = this.practice;
    this.aside.hidden = !this.both;
    put(this.beside, reader?.name ?? "");
    if (!this.both) {
      put(this.device);
    } else if (reader === null) {
      put(this.device, h("p", { class: "empty" }, say("There is no reader on the bench. Make one.")));
    } else if (this.device.firstChild?.reader !== reader) {
      put(this.device, part("tla-reader", { reader, bench: this.bench }));
    }
  }

  showHome() {
    const { home, problem } = this.practice;
    put(this.name, home?.practice ?? "");
    this.showTitle();
    if (home !== null) {
      const before = this.bar.textContent;
      for (const view of VIEWS) {
        const count = view.count?.(home) ?? 0;
        const { badge } = this.links.get(view.name);
        badge.hidden = count === 0;
        put(badge, count);
      }
      if (this.bar.textContent !== before) {
        this.revealLink();
      }
    }
    if (problem !== null && problem.status !== 0) {
      this.failed(problem);
      this.unread = true;
    } else if (problem === null && this.unread) {
      this.refused(null);
    }
  }

  showBar() {
    this.showTitle();
    for (const view of VIEWS) {
      const { link, key } = this.links.get(view.name);
      set(link, "aria-keyshortcuts", keyOf(view).toUpperCase());
      put(key, keyOf(view).toUpperCase());
    }
  }

  /** Show the view that the address names; `moved` once somebody went there: then the focus goes along. */
  async show(moved) {
    const named = readAddress(location.hash);
    const view = viewOf(named.view) ?? VIEWS[0];
    const parts = view.name === named.view ? named.parts : [];
    const before = this.view.firstElementChild;
    this.chosen = view;
    for (const [name, { link }] of this.links) {
      set(link, "aria-current", name === view.name ? "page" : null);
    }
    this.revealLink();
    this.showTitle();
    if (before?.localName === view.element) {
      before.parts = parts;
      before.shown();
      return;
    }
    const loaded = await this.attempt(() => view.load());
    if (loaded === null || this.chosen !== view || !this.isConnected) {
      return;
    }
    const made = part(view.element, { bench: this.bench });
    Object.assign(made, { practice: this.practice, parts });
    put(this.view, made);
    if (moved) {
      window.scrollTo({ top: 0 });
      this.view.focus({ preventScroll: true });
    }
  }

  /** Keep the view that is shown in sight in the bar, which moves along where it is narrow. */
  revealLink() {
    this.links.get(this.chosen?.name)?.link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  showTitle() {
    document.title = [this.chosen?.title(), this.practice.home?.practice, "tla-sim"].filter(Boolean).join(" · ");
    set(this.view, "aria-label", this.chosen?.title() ?? null);
  }
}

function barLink(view) {
  const badge = h("span", { class: "bar-count", hidden: true });
  const key = h("kbd", { class: "bar-key", "aria-hidden": "true" });
  const link = h("a", { class: "bar-link", href: `#${view.name}` }, h("span", {}, view.title()), badge, key);
  return { link, badge, key };
}

customElements.define("tla-practice", Practice);
