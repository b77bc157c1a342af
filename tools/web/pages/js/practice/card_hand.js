// <tla-card-hand>: what a hand does with one slot of the chosen reader: a card put in, or taken out.

import { cardFace, cardName, kindName, slotName } from "../cards.js";
import { openDialog } from "../dialog.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { belongs, insertCard, offeredCards, removeCard, whyNoCards } from "../slot.js";
import { say } from "../words.js";

/** Return the hands for slots of the practice's reader, with the words for what is in them, or without. */
export function cardHands(practice, slots, { told = true } = {}) {
  return h("div", { class: "card-hands" }, slots.map((slot) =>
    Object.assign(document.createElement("tla-card-hand"), { practice, slot, told })));
}

class CardHand extends Part {
  practice = null;
  slot = "ps";
  told = true;

  draw() {
    this.what = h("p", { class: "card-hand-told", hidden: !this.told });
    this.insert = h("button", { type: "button", class: "button button-small", "aria-haspopup": "dialog", onclick: () => this.putIn() });
    this.remove = h("button", { type: "button", class: "button button-small", onclick: () => this.takeOut() }, say("Remove"));
    put(this, this.what, h("div", { class: "row" }, this.insert, this.remove), h("div", { "data-notice": "" }));
    this.listen(this.practice, "reader", () => this.follow());
    this.follow();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.left?.abort();
  }

  follow() {
    this.left?.abort();
    this.left = new AbortController();
    this.practice.reader?.addEventListener("reader", () => this.show(), { signal: this.left.signal });
    this.refused(null);
    this.show();
  }

  show() {
    const { reader } = this.practice;
    const card = reader?.now.slots?.[this.slot] ?? null;
    const hadFocus = this.contains(document.activeElement);
    const name = slotName(this.slot);
    this.hidden = reader === null;
    put(this.what, h("span", { class: "quiet" }, name), " ", card === null ? say("Empty") : cardName(card));
    put(this.insert, card === null ? say("Insert a card…") : say("Another card…"), h("span", { class: "visually-hidden" }, " ", name));
    put(this.remove, say("Remove"), h("span", { class: "visually-hidden" }, " ", name));
    this.remove.hidden = card === null;
    if (hadFocus && !this.contains(document.activeElement)) {
      this.insert.focus();
    }
  }

  async putIn() {
    const { reader } = this.practice;
    const name = await chooseCard(reader, this.slot);
    if (name !== null) {
      await this.attempt(() => insertCard(reader, this.slot, name));
    }
  }

  async takeOut() {
    await this.attempt(() => removeCard(this.practice.reader, this.slot));
    this.insert.focus();
  }
}

/** Ask which card goes into a slot. Returns its name, or null when none does. */
function chooseCard(reader, slot) {
  return new Promise((answer) => {
    const offered = h("div", {});
    const dialog = openDialog(say("Insert a card: {slot}", { slot: slotName(slot) }), (opened) => [
      offered,
      h("div", { class: "dialog-buttons" }, h("button", { type: "button", class: "button", onclick: () => opened.close() }, say("Cancel"))),
    ]);
    const closed = new AbortController();
    dialog.addEventListener("close", () => {
      closed.abort();
      answer(dialog.returnValue || null);
    });
    reader.addEventListener("gone", () => dialog.close(), { signal: closed.signal });
    reader.addEventListener("cards", () => offer(reader, slot, dialog, offered), { signal: closed.signal });
    offer(reader, slot, dialog, offered);
  });
}

/** Offer the cards of the tray as they are now. Whoever is at one of them stays there while it is offered. */
function offer(reader, slot, dialog, offered) {
  const why = whyNoCards(reader);
  const first = offered.querySelector("button") === null;
  const at = offered.contains(document.activeElement) ? document.activeElement.dataset.card : null;
  const cards = why === null ? offeredCards(reader, slot) : [];
  const elsewhere = cards.findIndex((card) => !belongs(card, slot));
  put(offered, why === null ? null : h("p", { class: "quiet", role: "status" }, why),
    h("ul", { class: "card-choices", onkeydown: moveFocus }, cards.map((card, place) => h("li", { class: place > 0 && place === elsewhere ? "card-elsewhere" : null }, h("button", {
      type: "button", class: "card-choice", "data-card": card.name, onclick: () => dialog.close(card.name),
    }, h("span", { "aria-hidden": "true" }, cardFace(card)), h("span", {}, h("strong", {}, card.holder || card.name), " ", h("span", { class: "quiet" }, kindName(card.kind))))))));
  if (first || at !== null) {
    const choices = [...offered.querySelectorAll("button")];
    (choices.find((each) => each.dataset.card === at) ?? choices.at(0) ?? dialog.querySelector("button")).focus();
  }
}

/** Move along the choices by the arrows. */
function moveFocus(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by !== undefined) {
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll("button")];
    all.at((all.indexOf(document.activeElement) + by) % all.length).focus();
  }
}

customElements.define("tla-card-hand", CardHand);
