// <tla-practice-editing>: the practice edited in forms, checked as one types, saved for the server or as a file.

import { confirm } from "../dialog.js";
import { h, put, set } from "../markup.js";
import { all, say, spoken } from "../words.js";
import { address, go } from "./address.js";
import { choice } from "./choice.js";
import { checkedSummary } from "./checked.js";
import { computeAmounts } from "./computed_amounts.js";
import { SECTIONS, checkFile, draft, readText } from "./draft.js";
import { dropZone } from "./drop.js";
import { SECTION_WORDS } from "./field_words.js";
import { fileRefusal } from "./file_refusal.js";
import { Form } from "./form.js";
import { field } from "./form_fields.js";
import "./new_invoice.js";
import { placeWords } from "./place_words.js";
import { problemWords } from "./problem_words.js";
import { ITEMS, removeItem, sectionList } from "./section_list.js";
import { signatureButton } from "./signature.js";
import { View } from "./view.js";

class Editing extends View {
  form = null;

  draw() {
    this.state = h("p", { class: "edit-state", role: "status" });
    this.saveButton = h("button", { type: "button", class: "button button-primary", onclick: () => this.save() }, say("Save the changes"));
    this.backButton = h("button", { type: "button", class: "button", onclick: () => draft.steps.length > 0 && draft.stepBack() }, say("Undo the last change"));
    this.undoButton = h("button", { type: "button", class: "button", onclick: () => this.undo() }, say("Undo the changes"));
    this.links = new Map(["", ...SECTIONS].map((section) => [section, sectionLink(section)]));
    this.write = choice({ label: say("Write them to the file that the server was started with, too"), change: (chosen) => {
      draft.write = chosen;
    } });
    this.refusal = fileRefusal();
    this.cards = h("p", { class: "callout", role: "status", hidden: true });
    this.summary = checkedSummary({ focus: (place) => this.focusField(place), label: placeWords });
    this.content = h("div", { class: "edit-content" });
    put(this,
      h("div", { class: "row edit-bar" }, this.saveButton, this.backButton, this.undoButton,
        h("a", { class: "button", href: "/v1/practice/practice.json", download: "practice.json", onclick: (event) => this.saveFile(event) }, say("Save as a practice file")),
        h("a", { class: "button", href: address("editing", "new-invoice") }, say("New invoice"))),
      this.state, this.cards, this.write, h("div", { "data-notice": "" }),
      dropZone({ label: say("Open a practice file…"), hint: say("or drop one here; it is checked first"), accept: ".json,application/json", take: ([file]) => this.openFile(file) }),
      this.refusal,
      h("nav", { class: "edit-sections", "aria-label": say("Parts of the practice") }, [...this.links.values()].map(({ link }) => link)),
      this.summary, this.content);
    this.listen(draft, "draft", () => this.shown());
    this.listen(draft, "edited", () => this.showState());
    this.listen(draft, "elsewhere", () => this.showState());
    this.listen(draft, "checked", () => this.showProblems());
    this.listen(spoken, "language", () => {
      this.form?.retell();
      if (draft.practice !== null) {
        draft.checkSoon();
      }
    });
    this.listen(this.practice, "changed", () => draft.practice !== null && this.read(() => draft.look()));
    this.read(() => draft.open());
  }

  shown() {
    if (draft.practice === null) {
      return;
    }
    const [section = "", index = "", within = ""] = this.parts;
    const fresh = section === "new-invoice";
    for (const [name, { link }] of this.links) {
      set(link, "aria-current", name === (fresh ? "invoices" : section) ? "page" : null);
    }
    const known = Object.hasOwn(ITEMS, section);
    const item = known ? draft.items(section)[index] : undefined;
    if (!this.sameForm(section, index)) {
      this.form = null;
      put(this.content, fresh ? Object.assign(document.createElement("tla-new-invoice"), { practice: this.practice }) : item !== undefined ? this.item(section, Number(index), item) : known ? sectionList(draft, section) : this.whole());
    }
    this.showState();
    this.showProblems();
    if (within !== "") {
      this.focusField(`${section}[${index}].${within}`);
    }
  }

  sameForm(section, index) {
    return this.form !== null && this.form.root === draft.items(section)[index] && this.form.place === `${section}[${index}]`;
  }

  whole() {
    this.form = null;
    this.nameField = field({
      label: say("Name of the practice"), schema: draft.schema.properties.name, value: draft.practice.name, required: true,
      left: () => draft.touch("name"),
      change: (given, typed) => {
        draft.practice.name = given ?? "";
        draft.edited("name", typed);
      },
    });
    return h("div", { class: "edit-form" }, this.nameField);
  }

  item(section, at, value) {
    const { part, title } = ITEMS[section];
    this.form = new Form({ draft, name: part, value, place: `${section}[${at}]` });
    return [
      h("p", { class: "row" }, h("a", { class: "button button-small", href: address("editing", section) }, h("span", { "aria-hidden": "true" }, "← "), SECTION_WORDS[section].title()),
        h("button", { type: "button", class: "button button-small", onclick: () => this.remove(section, at) }, say("Remove it…"))),
      h("h2", {}, title(value) || SECTION_WORDS[section].add()), this.form.element,
      section === "invoices" ? computeAmounts(draft, this.form) : null,
      section === "practitioners" ? this.signatures(value) : null,
    ];
  }

  /** The ways to a practitioner's digitised signature, which is kept with the invoices and not in the practice file. */
  signatures({ situations = [], ...who }) {
    const numbers = situations.map((each) => each.billing_number).filter((each) => /^[0-9]{1,9}$/.test(each));
    return h("p", { class: "row" }, numbers.map((owner) => [
      signatureButton(this.practice, owner, ITEMS.practitioners.title(who)), numbers.length > 1 ? h("span", { class: "quiet" }, owner) : null,
    ]));
  }

  async remove(section, at) {
    if (await confirm({ title: say("Remove it?"), text: say("It leaves the practice once the changes are saved; until then they can be undone."), act: say("Remove") })) {
      removeItem(draft, section, at);
      go("editing", section);
    }
  }

  focusField(place) {
    if (place === "name" && this.nameField?.isConnected) {
      this.nameField.input.focus();
      return true;
    }
    return this.form?.focus(place) ?? false;
  }

  showProblems() {
    const mine = draft.shown.filter(ofPractice).map((each) => ({ ...each, told: problemWords(each) }));
    this.form?.problems(mine);
    this.nameField?.problem(mine.filter(({ place }) => place === "name").map(({ told }) => told));
    this.summary.show(this.form?.ordered(mine) ?? mine);
  }

  showState() {
    const { changed, elsewhere } = draft;
    put(this.state, elsewhere ? say("The practice was changed elsewhere meanwhile: save yours as a practice file to keep it, then undo your changes.")
      : changed ? say("There are changes that are not saved.") : draft.written !== null ? say("Everything is saved, and written to {file}.", { file: draft.written }) : say("Everything is saved for as long as this server runs."));
    this.state.classList.toggle("edit-unsaved", changed);
    this.cards.hidden = draft.newcomers.length === 0;
    put(this.cards, this.cards.hidden ? null : say("The readers that are here have no card of {names}: add a reader to the bench, which will have it.", { names: all(draft.newcomers) }));
    for (const button of [this.saveButton, this.undoButton]) {
      set(button, "aria-disabled", changed || (elsewhere && button === this.undoButton) ? null : "true");
    }
    this.write.hidden = draft.file === null;
    this.write.update({ chosen: draft.write, possible: true, note: say("{file}; what it had is kept beside it as {file}.bak", { file: draft.file ?? "" }) });
    set(this.backButton, "aria-disabled", draft.steps.length > 0 ? null : "true");
    for (const [section, { count }] of this.links) {
      put(count, section === "" ? "" : draft.items(section).length);
    }
  }

  async save() {
    if (!draft.changed) {
      return;
    }
    draft.judging.judgeAll();
    const found = await this.attempt(() => draft.check());
    if (found?.some(ofPractice)) {
      this.summary.take();
    } else if (found !== null) {
      await this.attempt(() => draft.save());
    }
  }

  async undo() {
    if ((draft.changed || draft.elsewhere) && await confirm({ title: say("Undo the changes?"), text: say("What you changed since it was last saved is lost."), act: say("Undo the changes") })) {
      await this.attempt(() => draft.load());
    }
  }

  /** Unsaved changes are in this page alone, and so is their file. */
  saveFile(event) {
    if (draft.changed) {
      event.preventDefault();
      const url = URL.createObjectURL(new Blob([`${JSON.stringify(draft.practice, null, 1)}\n`], { type: "application/json" }));
      h("a", { href: url, download: "practice.json" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    }
  }

  async openFile(file) {
    this.refusal.show(file.name, []);
    const told = await this.attempt(async () => {
      await draft.open();
      return await checkFile(file);
    });
    if (told === null) {
      return;
    }
    const text = await readText(file);
    this.refusal.show(file.name, told.problems, text);
    if (told.problems.length === 0) {
      draft.take(JSON.parse(text));
      go("editing");
    }
  }
}

/** Return whether a problem is one of the practice, and not of the invoice that is being written. */
function ofPractice({ place }) {
  return draft.invoice === null || !place.startsWith(draft.invoicePlace);
}

function sectionLink(section) {
  const count = h("span", { class: "edit-count" });
  const title = section === "" ? say("The practice") : SECTION_WORDS[section].title();
  return { count, link: h("a", { class: "edit-section-link", href: section === "" ? address("editing") : address("editing", section) }, h("span", {}, title), count) };
}

customElements.define("tla-practice-editing", Editing);
