// How a chip card looks, and the words for its kinds and for the slots.

import { h } from "./markup.js";
import { say } from "./words.js";

export const SLOTS = ["vitale", "ps"];
const DRAGGED = "application/x-tla-card";

/** Return what a slot is called. */
export function slotName(slot) {
  return slot === "ps" ? say("PS slot") : say("Vitale slot");
}

/** Return what kind of card it is, in a word or two. */
export function kindName(kind) {
  return {
    cps: say("CPS card"),
    cpe: say("CPE card"),
    cpf: say("CPF card"),
    vitale: say("Vitale card"),
  }[kind] ?? kind;
}

/**
 * Return what a card is called: its kind and its holder. The name of its file follows where somebody brought it, for
 * the holder may have another; alone it is the name of a card without a holder.
 */
export function cardName({ kind, holder, name, uploaded }) {
  if (!holder) {
    return name;
  }
  const called = say("{card} of {holder}", { card: cardWord(kind), holder });
  return uploaded ? `${called} (${name})` : called;
}

/** Return the word for a kind of card that is printed on it. */
function cardWord(kind) {
  return kind === "vitale" ? "Vitale" : kind.toUpperCase();
}

/** Return the card's face: a drawing with chip, kind and holder. */
export function cardFace(card) {
  return h("span", { class: `card-face card-${card.kind}` },
    h("span", { class: "card-kind" }, cardWord(card.kind)),
    h("span", { class: "card-chip", "aria-hidden": "true" }),
    h("span", { class: "card-holder" }, card.holder || card.name),
    h("span", { class: "card-test" }, "TEST"),
  );
}

/** Put a card on a drag, for the slots of one reader. */
export function startDrag(event, reader, card) {
  event.dataTransfer.setData(DRAGGED, JSON.stringify({ reader: reader.name, card: card.name }));
  event.dataTransfer.setData("text/plain", card.name);
  event.dataTransfer.effectAllowed = "move";
}

/** Whether what is dragged may be a card of the bench. */
export function isCard(event) {
  return event.dataTransfer.types.includes(DRAGGED);
}

/** Return the name of the card that was dropped, or null for what is not a card of this reader's tray. */
export function droppedCard(event, reader) {
  const told = event.dataTransfer.getData(DRAGGED);
  const dropped = told ? JSON.parse(told) : {};
  return dropped.reader === reader.name ? dropped.card : null;
}
