// <tla-snapshots>: moments kept under a name, restored, taken away and brought in as files.

import { del, get, post, upload } from "./api.js";
import { inOneLine } from "./conditions.js";
import { confirm } from "./dialog.js";
import { loadFont, paintScreen, screenSize } from "./dots.js";
import { h, put } from "./markup.js";
import { moment } from "./moments.js";
import { Part } from "./part.js";
import { say, spoken } from "./words.js";

const SMALL_DOT = 2;
const ENDING = ".snapshot";

class SnapshotsOnPage extends Part {
  snapshots = [];

  draw() {
    this.name = h("input", { class: "input", name: "name", maxlength: 60, required: true, autocomplete: "off", placeholder: say("for example: loaded") });
    this.file = h("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", onchange: () => this.uploadChosen() });
    this.list = h("ul", { class: "snapshots", "aria-label": say("Snapshots") });
    this.done = h("p", { class: "quiet", role: "status" });
    put(this,
      h("h3", { class: "part-title" }, say("Snapshots")),
      h("form", { class: "row snapshot-form", onsubmit: (event) => this.save(event) },
        h("label", { class: "field-inline snapshot-name" }, h("span", {}, say("Name")), this.name),
        h("button", { type: "submit", class: "button button-primary" }, say("Save this moment")),
        h("button", { type: "button", class: "button", onclick: () => this.file.click() }, say("Import a file…")), this.file),
      this.done, h("div", { "data-notice": "" }),
      this.list,
      h("p", { class: "quiet snapshot-keys" }, h("strong", {}, say("A snapshot holds test keys"), ". "), say("It is the whole reader with its cards: memory, clock, and their test keys, never a code porteur. Give the file only to people who may have these.")));
    this.listen(this.reader, "snapshot", () => this.load());
    this.listen(this.reader, "rewound", () => this.load());
    this.listen(this.reader, "reload", () => this.load());
    this.listen(spoken, "language", () => this.show());
    loadFont().then((font) => {
      this.font = font;
      this.show();
    }, () => {});
    this.load();
  }

  get path() {
    return `${this.reader.path}/snapshots`;
  }

  pathOf(name) {
    return `${this.path}/${encodeURIComponent(name)}`;
  }

  async load() {
    const told = await this.read(() => get(this.path));
    if (told !== null) {
      this.snapshots = told.snapshots;
      this.show();
    }
  }

  show() {
    const focused = document.activeElement?.closest?.("[data-snapshot]")?.dataset.snapshot;
    put(this.list, this.snapshots.length === 0 ? h("li", { class: "empty" }, say("Nothing is kept yet. Save a moment to come back to it, as often as you like.")) : this.snapshots.map((each) => this.item(each)));
    if (focused !== undefined) {
      this.list.querySelector(`[data-snapshot="${CSS.escape(focused)}"] button`)?.focus();
    }
    if (this.font) {
      this.list.querySelectorAll("canvas").forEach((canvas, at) => {
        paintScreen(canvas, this.snapshots[at], this.font, SMALL_DOT, 0);
      });
    }
  }

  item(snapshot) {
    const { name, clock, lines, on, automatic, seed, profile } = snapshot;
    const from = [profile === null ? null : say("version {version}", { version: profile }), seed === null ? say("seed unknown") : say("seed {seed}", { seed })];
    const text = on ? inOneLine(lines) : say("off");
    return h("li", { class: "snapshot", "data-snapshot": name },
      h("canvas", { class: "lcd-glass timeline-small", ...screenSize(SMALL_DOT), "aria-hidden": "true" }),
      h("div", { class: "snapshot-words" },
        h("strong", { class: "snapshot-title" }, name),
        h("span", { class: "quiet" }, [moment(clock), ...from, automatic ? say("kept by itself") : null].filter((each) => each !== null).join(" · ")),
        h("span", { class: "visually-hidden", lang: "fr" }, text)),
      h("div", { class: "row snapshot-acts" },
        h("button", { type: "button", class: "button button-small", "aria-label": say("Restore {name}", { name }), onclick: () => this.restore(name) }, say("Restore")),
        h("a", { class: "button button-small", href: this.pathOf(name), download: `${name}${ENDING}`, "aria-label": say("Download {name}", { name }) }, say("Download")),
        h("button", { type: "button", class: "button button-small", "aria-label": say("Remove the snapshot {name}", { name }), onclick: () => this.remove(name) }, say("Remove"))));
  }

  async save(event) {
    event.preventDefault();
    const name = this.name.value.trim();
    const saved = await this.attempt(() => post(this.path, { name }));
    if (saved !== null) {
      this.name.value = "";
      put(this.done, say("Saved as {name}.", { name }));
      await this.load();
    }
  }

  async restore(name) {
    const screen = await this.attempt(() => post(`${this.pathOf(name)}/restore`));
    if (screen !== null) {
      put(this.done, say("The reader is as it was in {name}.", { name }));
      await this.reader.load();
    }
  }

  async remove(name) {
    const sure = await confirm({ title: say("Remove the snapshot {name}?", { name }), text: say("It cannot be brought back, except from a file that you downloaded."), act: say("Remove the snapshot") });
    if (sure) {
      await this.attempt(() => del(this.pathOf(name)));
      await this.load();
    }
  }

  async uploadChosen() {
    const [file] = this.file.files;
    this.file.value = "";
    if (file === undefined) {
      return;
    }
    const name = file.name.replace(/\.[^.]*$/, "") || file.name;
    await this.attempt(async () => {
      await upload(this.pathOf(name), file, { method: "PUT" });
      put(this.done, say("{name} was brought in. Restore it to go there.", { name }));
    });
    await this.load();
  }
}

customElements.define("tla-snapshots", SnapshotsOnPage);
