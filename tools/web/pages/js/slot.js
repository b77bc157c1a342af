// <tla-slot data-slot="ps|vitale">: a slot of the reader. A card is dropped on it, or chosen from its menu.

import { del, put as send } from "./api.js";
import { cardFace, droppedCard, isCard, kindName, slotName, startDrag } from "./cards.js";
import { h, put, set } from "./markup.js";
import { menu } from "./menu.js";
import { Part } from "./part.js";
import { say } from "./words.js";

class CardSlot extends Part {
  draw() {
    this.slotted = this.dataset.slot;
    set(this, "role", "group");
    set(this, "aria-label", slotName(this.slotted));
    this.classList.add("slot", `slot-${this.slotted}`);
    this.inside = h("div", { class: "slot-inside" });
    put(this, this.inside, h("div", { class: "slot-slit", "aria-hidden": "true" }));
    this.takeDrops();
    this.listen(this.reader, "reader", () => this.show());
    this.listen(this.reader, "screen", () => this.show());
    this.listen(this.reader, "cards", () => this.querySelector("tla-menu")?.renew());
    this.shown = undefined;
    this.show();
  }

  show() {
    const card = this.reader.now.slots?.[this.slotted] ?? null;
    const told = JSON.stringify(card);
    if (told === this.shown) {
      return;
    }
    const hadFocus = this.contains(document.activeElement);
    this.shown = told;
    this.classList.toggle("slot-full", card !== null);
    put(this.inside, card === null ? this.empty() : this.full(card));
    if (hadFocus) {
      this.querySelector("button")?.focus();
    }
  }

  empty() {
    return [
      h("span", { class: "slot-label" }, slotName(this.slotted)),
      h("span", { class: "slot-state" }, say("Empty")),
      menu(say("Insert…"), { name: say("Insert a card: {slot}", { slot: slotName(this.slotted) }), look: "button button-slot", entries: () => this.offered() }),
    ];
  }

  full(card) {
    const face = cardFace(card);
    face.draggable = true;
    face.addEventListener("dragstart", (event) => startDrag(event, this.reader, card));
    return [
      face,
      h("button", { type: "button", class: "button button-slot", onclick: () => this.takeOut() }, say("Remove")),
    ];
  }

  offered() {
    const why = whyNoCards(this.reader);
    return why !== null ? [{ label: why, disabled: true }] : offeredCards(this.reader, this.slotted).map((card) => ({
      key: card.name, label: card.holder || card.name, note: kindName(card.kind), act: () => this.choose(card.name),
    }));
  }

  insert(name) {
    return this.attempt(() => insertCard(this.reader, this.slotted, name));
  }

  /** Insert the card chosen from the menu; what comes next is typed at the reader's keys. */
  choose(name) {
    return this.attempt(async () => {
      await insertCard(this.reader, this.slotted, name);
      this.reader.takeKeyboard();
    });
  }

  takeOut() {
    return this.attempt(() => removeCard(this.reader, this.slotted));
  }

  takeDrops() {
    this.addEventListener("dragover", (event) => {
      if (isCard(event)) {
        event.preventDefault();
        this.classList.add("slot-aimed");
      }
    });
    this.addEventListener("dragleave", (event) => {
      if (!this.contains(event.relatedTarget)) {
        this.classList.remove("slot-aimed");
      }
    });
    this.addEventListener("drop", (event) => {
      this.classList.remove("slot-aimed");
      const name = isCard(event) ? droppedCard(event, this.reader) : null;
      if (name !== null) {
        event.preventDefault();
        this.insert(name);
      }
    });
  }
}

/** Return the cards that are in no slot: those that belong into this one come first. */
export function offeredCards(reader, slot) {
  const free = reader.cards.filter((card) => card.slot === null);
  return [...free.filter((card) => belongs(card, slot)), ...free.filter((card) => !belongs(card, slot))];
}

/** Why a reader offers no card for a slot: the tray is not loaded yet, or is empty. Null when it offers some. */
export function whyNoCards(reader) {
  if (!reader.cardsKnown) {
    return say("Loading…");
  }
  return reader.cards.some((card) => card.slot === null) ? null : say("Every card is in a slot.");
}

/** Whether a card is meant for a slot; any other can be tried there. */
export function belongs(card, slot) {
  return (card.kind === "vitale") === (slot === "vitale");
}

/** Put a card into a slot; one that is in the way, or in another slot, comes out first. */
export async function insertCard(reader, slot, name) {
  const at = reader.cards.find((card) => card.name === name)?.slot ?? null;
  if (at === slot) {
    return;
  }
  for (const full of new Set([at, reader.now.slots[slot] ? slot : null])) {
    if (full !== null) {
      await del(`${reader.path}/slots/${full}`);
    }
  }
  reader.takeScreen(await send(`${reader.path}/slots/${slot}`, { card: name }));
  await reader.load();
}

/** Take the card out of a slot. */
export async function removeCard(reader, slot) {
  reader.takeScreen(await del(`${reader.path}/slots/${slot}`));
  await reader.load();
}

customElements.define("tla-slot", CardSlot);
