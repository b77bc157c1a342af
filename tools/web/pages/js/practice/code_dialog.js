// The dialog for the code porteur: of the card in the PS slot, for one piece of work, and kept nowhere.

import { Problem } from "../api.js";
import { cardFace, kindName } from "../cards.js";
import { openDialog } from "../dialog.js";
import "../keypad.js";
import "../lcd.js";
import { freshId, h, put, set } from "../markup.js";
import { part } from "../part.js";
import { TEST_CODE } from "../work_words.js";
import { say, sayMany } from "../words.js";
import { cardHands } from "./card_hand.js";
import { forgetWord } from "./last_word.js";

const FORM = /^[0-9]{4,8}$/;

/**
 * Ask for the code of the card in the PS slot and do something with it. `order(how)` does it; `how` is
 * {code} or {code_at_reader: true}, to be sent along. Returns what `order` returned, or null when it was
 * given up. A refusal is shown in the dialog, which stays open for another try; `slots` are those whose cards can be
 * changed for it.
 */
export function askCode(practice, { title = say("Code porteur"), text = null, act = say("Go on"), slots = ["ps"], order }) {
  return new Promise((answer) => {
    const asking = new CodeDialog(practice, { title, text, act, slots, order });
    asking.dialog.addEventListener("close", () => answer(asking.done));
  });
}

class CodeDialog {
  done = null;
  atReader = false;

  constructor(practice, { title, text, act, slots, order }) {
    Object.assign(this, { practice, act, order, reader: practice.reader });
    forgetWord();
    this.gone = new AbortController();
    this.hint = freshId("code-hint");
    this.dialog = openDialog(title, () => [
      h("div", { class: "code-who" }, (this.card = h("div", { class: "code-card" })), cardHands(practice, ["ps"], { told: false })),
      text === null ? null : h("p", { class: "code-text" }, text),
      (this.body = h("div", {})),
      (this.refusal = h("div", { role: "alert" })),
      (this.others = cardHands(practice, slots.filter((slot) => slot !== "ps"))),
      (this.buttons = h("div", { class: "dialog-buttons" })),
    ]);
    this.dialog.classList.add("code-dialog");
    this.others.hidden = true;
    this.dialog.addEventListener("close", () => this.close());
    // With another reader it would be another's card: whoever asked begins anew.
    practice.addEventListener("reader", () => this.dialog.close(), { signal: this.gone.signal });
    practice.addEventListener("home", () => this.showCard(), { signal: this.gone.signal });
    this.showCard();
    this.askHere();
  }

  showCard() {
    const ps = this.practice.home?.reader?.ps ?? null;
    put(this.card, ps === null
      ? h("p", { class: "quiet" }, say("No card is in the PS slot."))
      : [cardFace({ kind: ps.card, holder: ps.holder }), h("div", {},
        h("p", { class: "code-holder" }, ps.holder),
        h("p", { class: "quiet" }, kindName(ps.card), " · ", triesLeft(ps.tries_left)))]);
  }

  /** Ask for it here: the field is emptied before anything is sent, and goes with the dialog. */
  askHere() {
    this.atReader = false;
    this.field = h("input", {
      class: "input code-field", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 8, spellcheck: "false",
      "aria-describedby": this.hint, "data-1p-ignore": true, "data-lpignore": "true",
    });
    const form = h("form", { class: "form", autocomplete: "off", onsubmit: (event) => this.submit(event) },
      h("label", { class: "field" }, h("span", {}, say("Code porteur")), this.field,
        h("span", { class: "quiet", id: this.hint }, say("4 to 8 digits; that of the test cards is {code}. It goes to the card and is kept nowhere.", { code: TEST_CODE }))));
    form.id = freshId("code");
    put(this.body, form, h("p", { class: "code-or" },
      h("button", { type: "button", class: "button button-small", onclick: () => this.askAtReader() }, say("Type it on the reader's keys instead"))));
    this.go = h("button", { type: "submit", form: form.id, class: "button button-primary" }, this.act);
    put(this.buttons,
      h("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, say("Cancel")),
      this.go);
    this.field.focus();
  }

  submit(event) {
    event.preventDefault();
    if (this.busy) {
      return;
    }
    const code = this.field.value;
    this.field.value = "";
    if (FORM.test(code)) {
      this.send({ code });
    } else {
      this.refuse(new Problem(say("A code porteur is 4 to 8 digits"), say("Type it again")));
    }
  }

  /** Have it typed on the reader's keys, which are shown here: nothing else of the page can be reached. */
  askAtReader() {
    const { reader, practice: { bench } } = this;
    this.atReader = true;
    this.refuse(null);
    const keypad = part("tla-keypad", { reader, bench });
    const device = h("div", {
      class: "device code-device", role: "group", tabindex: "0", "aria-label": say("Keyboard of {name}", { name: reader.name }),
      onkeydown: (event) => {
        if (keypad.type(event)) {
          event.preventDefault();
        }
      },
    }, h("div", { class: "device-body" }, h("div", { class: "device-bezel" }, part("tla-lcd", { reader, bench })), keypad));
    put(this.body, h("p", { class: "code-text" }, say("Type the code on the reader's keys, then VAL; ANN gives up.")),
      h("p", { class: "code-text quiet hand-hint" }, say("On the keyboard: digits, Enter for VAL, Escape for ANN, Backspace for COR.")), device);
    put(this.buttons, h("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, say("Cancel")));
    device.focus();
    this.send({ code_at_reader: true });
  }

  async send(how) {
    this.busy = true;
    this.refuse(null);
    set(this.go, "aria-busy", "true");
    try {
      this.done = (await this.order(how)) ?? {};
      this.dialog.close();
    } catch (error) {
      await this.practice.refresh();
      this.failed(error);
    } finally {
      this.busy = false;
      set(this.go, "aria-busy", null);
    }
  }

  failed(error) {
    if (!this.dialog.open) {
      return;
    }
    if (this.atReader) {
      this.askHere();
    }
    this.refuse(error instanceof Problem ? error : new Problem(say("The page failed: {error}", { error }), say("Load the page again")));
    this.field.focus();
  }

  refuse(problem) {
    this.others.hidden = problem === null;
    put(this.refusal, problem === null ? null : h("div", { class: "notice" },
      h("p", { class: "notice-message" }, problem.told), problem.action ? h("p", {}, problem.action) : null));
  }

  close() {
    this.gone.abort();
    this.field.value = "";
    // Work that waits for the keys would wait on: ANN ends it as a person would.
    if (this.busy && this.atReader && this.practice.reader === this.reader) {
      this.reader.press("ANN").catch(() => {});
    }
  }
}

/** Return how many wrong codes a card still allows. */
export function triesLeft(count) {
  return count === 0 ? say("blocked: no try left") : sayMany(count, "{count} try left", "{count} tries left");
}
