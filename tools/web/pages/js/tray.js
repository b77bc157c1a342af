// <tla-tray>: the cards at hand. Each is dragged to a slot, or sent there from the menu beside it.

import { del, upload } from "./api.js";
import { SLOTS, cardFace, droppedCard, isCard, kindName, slotName, startDrag } from "./cards.js";
import { h, put } from "./markup.js";
import { menu } from "./menu.js";
import { Part } from "./part.js";
import { insertCard, removeCard } from "./slot.js";
import { say } from "./words.js";

class Tray extends Part {
  draw() {
    this.list = h("ul", { class: "tray-cards", "aria-label": say("Cards") });
    this.file = h("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", multiple: true, onchange: () => this.chosen() });
    put(this,
      h("div", { class: "tray-head" },
        h("h3", { class: "part-title" }, say("Cards")),
        h("button", { type: "button", class: "button button-small", onclick: () => this.file.click() }, say("Add a card…")),
        this.file),
      this.list);
    this.takeDrops();
    this.listen(this.reader, "cards", () => this.show());
    this.show();
  }

  show() {
    const told = JSON.stringify(this.reader.cards);
    if (told === this.shown) {
      return;
    }
    const focused = document.activeElement?.closest?.("[data-card]")?.dataset.card;
    this.shown = told;
    put(this.list, this.reader.cards.map((card) => this.item(card)));
    if (focused !== undefined) {
      this.list.querySelector(`[data-card="${CSS.escape(focused)}"] button`)?.focus();
    }
  }

  item(card) {
    const used = card.slot !== null;
    return h("li", {
      class: used ? "tray-card tray-card-used" : "tray-card", "data-card": card.name, draggable: "true",
      ondragstart: (event) => startDrag(event, this.reader, card),
    },
    cardFace(card),
    h("span", { class: "tray-words" },
      h("span", { class: "tray-holder" }, card.holder || card.name),
      h("span", { class: "tray-kind" }, used ? slotName(card.slot) : kindName(card.kind))),
    used
      ? h("button", { type: "button", class: "button button-small", "aria-label": say("Remove {name}", { name: card.name }), onclick: () => this.attempt(() => removeCard(this.reader, card.slot)) }, say("Remove"))
      : menu(say("Insert…"), { name: say("Insert {name}", { name: card.name }), look: "button button-small", entries: () => this.offered(card) }));
  }

  offered(card) {
    const natural = card.kind === "vitale" ? SLOTS : [...SLOTS].reverse();
    const slots = natural.map((slot) => ({
      label: slotName(slot), act: () => this.insert(slot, card.name),
    }));
    const away = { label: say("Take it out of the tray"), act: () => this.attempt(() => this.drop(card)) };
    return card.uploaded ? [...slots, away] : slots;
  }

  insert(slot, name) {
    return this.attempt(async () => {
      await insertCard(this.reader, slot, name);
      this.reader.takeKeyboard();
    });
  }

  async drop(card) {
    await del(`${this.reader.path}/cards/${encodeURIComponent(card.name)}`);
    await this.reader.loadCards();
  }

  async chosen() {
    const files = [...this.file.files];
    this.file.value = "";
    await this.add(files);
  }

  add(files) {
    return this.attempt(async () => {
      for (const file of files) {
        await upload(`${this.reader.path}/cards?name=${encodeURIComponent(this.freeName(file.name.replace(/\.card$/, "")))}`, file);
        await this.reader.loadCards();
      }
    });
  }

  /** Return a name that no card of the tray has: the one given, or with a number behind it. */
  freeName(name) {
    const taken = this.reader.cards.map((card) => card.name);
    let free = name;
    for (let number = 2; taken.includes(free); number += 1) {
      free = `${name}-${number}`;
    }
    return free;
  }

  /** A card of a slot that is dropped here comes out; a file that is dropped here is added. */
  takeDrops() {
    this.addEventListener("dragover", (event) => {
      if (isCard(event) || event.dataTransfer.types.includes("Files")) {
        event.preventDefault();
        this.classList.add("tray-aimed");
      }
    });
    this.addEventListener("dragleave", () => this.classList.remove("tray-aimed"));
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      this.classList.remove("tray-aimed");
      const name = isCard(event) ? droppedCard(event, this.reader) : null;
      const slot = this.reader.cards.find((card) => card.name === name)?.slot ?? null;
      if (slot !== null) {
        this.attempt(() => removeCard(this.reader, slot));
      } else if (event.dataTransfer.files.length > 0) {
        this.add([...event.dataTransfer.files]);
      }
    });
  }
}

customElements.define("tla-tray", Tray);
