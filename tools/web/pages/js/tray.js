// <tla-tray>: the cards at hand. Each is dragged to a slot, or sent there from the menu beside it.

import { del, upload } from "./api.js";
import { SLOTS, cardFace, cardName, droppedCard, isCard, kindName, slotName, startDrag } from "./cards.js";
import { arrange, h, put, set } from "./markup.js";
import { menu } from "./menu.js";
import { Part } from "./part.js";
import { insertCard, removeCard } from "./slot.js";
import { say } from "./words.js";

class Tray extends Part {
  draw() {
    this.items = new Map();
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

  /** Show the cards; each keeps its place in the page, for somebody may be dragging one or reading its menu. */
  show() {
    const { cards } = this.reader;
    for (const name of this.items.keys()) {
      if (!cards.some((card) => card.name === name)) {
        this.items.delete(name);
      }
    }
    arrange(this.list, cards.map((card) => this.item(card)));
  }

  /** Return the item of a card, as the card is now. */
  item(card) {
    const told = JSON.stringify(card);
    let item = this.items.get(card.name);
    if (item === undefined || item.face !== faceOf(card)) {
      item = { face: faceOf(card), element: this.newItem(card) };
      this.items.set(card.name, item);
    }
    if (item.told !== told) {
      item.told = told;
      this.tell(item.element, card);
    }
    return item.element;
  }

  newItem(card) {
    return h("li", { "data-card": card.name, draggable: "true", ondragstart: (event) => startDrag(event, this.reader, card) },
      cardFace(card),
      h("span", { class: "tray-words" },
        h("span", { class: "tray-holder" }, card.holder || card.name),
        h("span", { class: "tray-kind" })),
      h("span", { class: "tray-act" }));
  }

  /** Tell where a card is, and offer what can be done with it there. */
  tell(element, card) {
    const used = card.slot !== null;
    const hadFocus = element.contains(document.activeElement);
    set(element, "class", used ? "tray-card tray-card-used" : "tray-card");
    put(element.querySelector(".tray-kind"), used ? slotName(card.slot) : kindName(card.kind));
    put(element.querySelector(".tray-act"), used
      ? h("button", { type: "button", class: "button button-small", "aria-label": say("Remove {name}", { name: cardName(card) }), onclick: () => this.attempt(() => removeCard(this.reader, card.slot)) }, say("Remove"))
      : menu(say("Insert…"), { name: say("Insert {name}", { name: cardName(card) }), look: "button button-small", entries: () => this.offered(card) }));
    if (hadFocus) {
      element.querySelector("button").focus();
    }
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

/** Return what of a card its picture shows, which stays as it is wherever the card is. */
function faceOf({ kind, holder, uploaded }) {
  return JSON.stringify([kind, holder, uploaded]);
}

customElements.define("tla-tray", Tray);
