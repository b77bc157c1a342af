// <tla-bench>: the whole page: head, readers, and the panels of the chosen one.

import { get } from "./api.js";
import { openDialog } from "./dialog.js";
import { connectionState, pageHead, placeLinks } from "./head.js";
import { arrange, h, put, set } from "./markup.js";
import { loadPanels } from "./panels.js";
import { Part, part } from "./part.js";
import "./reader.js";
import { keep, kept, say } from "./words.js";

const SIDE_BY_SIDE = "side-by-side";
const CHOSEN = "reader";

class BenchOnPage extends Part {
  draw() {
    this.shown = new Map();
    this.together = kept(SIDE_BY_SIDE) === "true";
    this.choices = h("div", { class: "choices", role: "group", "aria-label": say("Readers") });
    this.readers = h("div", { class: "readers" });
    this.beside = h("div", { class: "beside", id: "beside" });
    put(this, this.skip(), this.head(), h("div", { class: "top-notice", "data-notice": "" }), (this.main = h("main", { class: "bench" }, this.readers, this.beside)), this.foot());
    this.listen(this.bench, "readers", () => this.show());
    this.listen(this.bench, "problem", () => this.show());
    this.show();
    loadPanels().then((panels) => {
      this.panels = panels;
      this.showPanels();
    });
  }

  /** Return the way past the readers, for whoever goes by Tab. */
  skip() {
    return h("a", { class: "skip", href: "#beside", onclick: (event) => {
      event.preventDefault();
      this.querySelector("#beside [role=tabpanel]")?.focus();
    } }, say("Skip to the panel"));
  }

  head() {
    const places = placeLinks();
    places.show("bench");
    return pageHead(this, {
      middle: [places, h("div", { class: "top-readers" }, this.choices)], switches: connectionState(this, this.bench),
    });
  }

  foot() {
    const version = h("span", {});
    get("/v1/status").then((told) => put(version, say("Version {version}.", { version: told.version }), " "), () => {});
    return h("footer", { class: "foot quiet" },
      version,
      h("span", {}, say("Everything here is fictitious and marked TEST.")), " ",
      h("a", { href: "/reference" }, say("HTTP API of this bench")));
  }

  show() {
    const names = [...this.bench.readers.keys()];
    if (!names.includes(this.chosen)) {
      this.chosen = names.find((name) => name === kept(CHOSEN)) ?? names[0];
    }
    for (const [name, element] of this.shown) {
      if (this.bench.readers.get(name) !== element.reader) {
        element.remove();
        this.shown.delete(name);
      }
    }
    const visible = this.together ? names : names.filter((name) => name === this.chosen);
    for (const name of names) {
      if (visible.includes(name) && !this.shown.has(name)) {
        const element = part("tla-reader", { reader: this.bench.readers.get(name), bench: this.bench });
        element.addEventListener("focusin", () => this.choose(name));
        element.addEventListener("pointerdown", () => this.choose(name));
        this.shown.set(name, element);
      } else if (!visible.includes(name) && this.shown.has(name)) {
        this.shown.get(name).remove();
        this.shown.delete(name);
      }
    }
    const wanted = visible.map((name) => this.shown.get(name));
    arrange(this.readers, wanted.length > 0 ? wanted : [this.nothing()]);
    set(this.main, "data-readers", ["none", "one", "two"][visible.length] ?? "many");
    document.title = this.chosen === undefined ? "tla-sim" : `${this.chosen} · tla-sim`;
    this.showChoices(names);
    this.showPanels();
  }

  nothing() {
    const { problem, connection } = this.bench;
    if (problem !== null) {
      return h("div", { class: "notice", role: "alert" }, h("p", { class: "notice-message" }, problem.told ?? problem.message), problem.action ? h("p", {}, problem.action) : null);
    }
    return h("p", { class: "empty" }, connection === "open" ? say("There is no reader on the bench. Make one.") : "");
  }

  showChoices(names) {
    const focused = document.activeElement?.dataset?.reader;
    put(this.choices,
      names.map((name) => h("button", { type: "button", class: "chip", "data-reader": name, "aria-pressed": name === this.chosen ? "true" : "false", onclick: () => this.choose(name) }, name)),
      h("button", { type: "button", class: "chip chip-new", onclick: () => this.make() }, h("span", { "aria-hidden": "true" }, "+ "), say("New reader…")),
      names.length < 2 ? null : h("button", { type: "button", class: "chip", "aria-pressed": this.together ? "true" : "false", onclick: () => this.besides(!this.together) }, say("Side by side")));
    if (focused !== undefined) {
      this.choices.querySelector(`[data-reader="${CSS.escape(focused)}"]`)?.focus();
    }
    for (const [name, element] of this.shown) {
      element.classList.toggle("chosen", name === this.chosen && this.shown.size > 1);
    }
  }

  choose(name) {
    if (this.chosen !== name) {
      this.chosen = name;
      keep(CHOSEN, name);
      this.show();
    }
  }

  besides(together) {
    this.together = together;
    keep(SIDE_BY_SIDE, String(together));
    this.show();
  }

  showPanels() {
    const reader = this.bench.readers.get(this.chosen);
    if (!this.panels || this.beside.firstChild?.reader === reader) {
      return;
    }
    if (reader === undefined || this.panels.length === 0) {
      put(this.beside);
      return;
    }
    const panels = part("tla-panels", { reader, bench: this.bench });
    panels.panels = this.panels;
    put(this.beside, panels);
  }

  async make() {
    const told = await this.attempt(() => get("/v1/profiles"));
    if (told === null) {
      return;
    }
    openDialog(say("New reader"), (dialog) => {
      const form = document.createElement("tla-new-reader");
      Object.assign(form, { profiles: told.profiles, bench: this.bench, made: (name) => {
        dialog.close();
        this.together = this.together || this.bench.readers.size > 1;
        keep(SIDE_BY_SIDE, String(this.together));
        this.chosen = name;
        this.show();
      }, cancelled: () => dialog.close() });
      return form;
    });
  }
}

class NewReader extends Part {
  draw() {
    const { profiles } = this;
    const name = h("input", { class: "input", name: "name", maxlength: 40, autocomplete: "off", placeholder: say("chosen for you") });
    const seed = h("input", { class: "input", name: "seed", type: "number", min: 0, step: 1, placeholder: say("chosen for you") });
    const profile = h("select", { class: "select", name: "profile" }, profiles.map((each) => h("option", { value: each.name }, each.text ? say("{name}: {text}", { name: each.name, text: each.text }) : each.name)));
    const [first] = this.bench.readers.values();
    profile.value = first?.now.profile ?? profile.value;
    put(this, h("form", { class: "form", onsubmit: (event) => {
      event.preventDefault();
      this.attempt(async () => {
        const wanted = { name: readerName(name.value) || undefined, profile: profile.value || undefined, seed: seed.value === "" ? undefined : Number(seed.value) };
        this.made(await this.bench.make(wanted));
      });
    } },
    h("label", { class: "field" }, h("span", {}, say("Name")), name, h("span", { class: "quiet" }, say("Small letters, digits and hyphens."))),
    h("label", { class: "field" }, h("span", {}, say("Version of its software")), profile),
    h("label", { class: "field" }, h("span", {}, say("Seed")), seed, h("span", { class: "quiet" }, say("The same seed makes the same reader, to the byte."))),
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", class: "button", onclick: () => this.cancelled() }, say("Cancel")),
      h("button", { type: "submit", class: "button button-primary" }, say("Make the reader")))));
  }
}

/** Return the nearest to what was typed that a reader can be called. */
function readerName(typed) {
  const plain = typed.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
}

export { part };

customElements.define("tla-bench", BenchOnPage);
customElements.define("tla-new-reader", NewReader);
