// <tla-practice-signature>: what waits for whose card, and the final signatures of the card in the slot.

import { euros } from "../amounts.js";
import { get } from "../api.js";
import { cardFace, kindName } from "../cards.js";
import { h, put } from "../markup.js";
import { all, currentLanguage, say, sayMany, spoken } from "../words.js";
import { cardHands } from "./card_hand.js";
import { triesLeft } from "./code_dialog.js";
import { dueDocuments } from "./due_documents.js";
import { isIdle } from "./idle.js";
import { tellWord } from "./last_word.js";
import { stayedTable } from "./loading_out.js";
import { ReaderWork } from "./reader_work.js";
import { linkTo } from "./views.js";

class FinalSignature extends ReaderWork {
  cannot = null;
  waiting = null;

  draw() {
    this.classList.add("view");
    this.due = h("div", {});
    this.documents = h("div", {});
    this.card = h("div", {});
    this.awaited = h("p", {});
    this.act = h("div", {});
    this.frame("sign");
    put(this, h("section", { class: "home-card loading-part" },
      h("h2", { class: "part-title" }, say("Final signature")),
      h("p", { class: "quiet" }, say("What was certified with another's card waits for the CPS of its owner; without it, nothing can be sent.")),
      h("div", { "data-notice": "" }), this.due, this.documents, this.card, this.awaited, cardHands(this.practice, ["ps"], { told: false }), this.act, this.progress, this.stopped, this.told));
    this.listen(this.practice, "home", () => this.show());
    this.listen(spoken, "language", () => this.refresh());
  }

  shown() {}

  async ask() {
    const { due, cannot } = await get(`/v1/practice/signatures-due?reader=${encodeURIComponent(this.practice.reader.name)}`);
    Object.assign(this, { waiting: due, cannot });
  }

  show() {
    const { home } = this.practice;
    if (home === null) {
      return;
    }
    const ps = home.reader?.ps ?? null;
    const due = this.waiting ?? home.to_sign;
    put(this.due, due.length > 0 ? dueTable(due, ps) : isIdle(this.cannot) ? null : h("p", { class: "quiet" }, say("Nothing waits for a final signature"), "."));
    this.showDocuments(due);
    put(this.card, ps === null ? h("p", { class: "quiet" }, say("No card is in the PS slot.")) : h("div", { class: "slot-card" },
      h("span", { "aria-hidden": "true" }, cardFace({ kind: ps.card, holder: ps.holder })),
      h("div", { class: "slot-words" }, h("p", { class: "slot-holder" }, ps.holder),
        h("p", { class: "quiet" }, kindName(ps.card), " · ", triesLeft(ps.tries_left)))));
    const awaited = due.filter(({ owner }) => !ps?.owns.includes(owner)).map(({ name }) => name);
    put(this.awaited, awaited.length === 0 || isIdle(this.cannot) ? null : say("Awaited: the CPS of {names}.", { names: all(awaited) }));
    const held = document.activeElement?.dataset?.act === "sign";
    put(this.act, this.practice.reader === null ? say("There is no reader on the bench.") : this.actRow("sign", this.busy ? null : this.cannot, say("Sign"), () => this.sign()));
    if (held) {
      this.act.querySelector("[data-act=sign]")?.focus();
    }
  }

  /** Those that are open stay open, and are asked for anew where something changed. */
  showDocuments(due) {
    const made = JSON.stringify([currentLanguage(), due]);
    if (made !== this.made) {
      this.made = made;
      const open = new Set([...this.documents.querySelectorAll("[open]")].map((each) => each.dataset.owner));
      put(this.documents, due.map((each) => dueDocuments(each, open.has(each.owner))));
    }
  }

  async sign() {
    const asked = { title: say("Final signature"), act: say("Sign"), path: "/v1/surgery/sign" };
    const done = await this.carryOutWithCode(asked, () => this.sign());
    if (done !== null) {
      tellWord(this.told, outcome(done, this.waiting ?? []));
    }
  }
}

function dueTable(due, ps) {
  return h("table", { class: "table home-table loading-due" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("Owner")), h("th", { scope: "col", class: "list-end" }, say("Number")),
      h("th", { scope: "col", class: "list-end" }, say("Total")), h("th", { scope: "col" }, say("Card")))),
    h("tbody", {}, due.map(({ owner, name, count, total }) => h("tr", {},
      h("th", { scope: "row" }, name), h("td", { class: "list-end" }, count), h("td", { class: "list-end" }, euros(total)),
      h("td", {}, ps?.owns.includes(owner) ? h("span", { class: "badge badge-ok" }, "✓ ", say("in the slot")) : say("to be inserted"))))));
}

function outcome({ holder, signed, elsewhere, refused }, waiting) {
  const names = all(waiting.map(({ name }) => name));
  return [
    h("p", {}, sayMany(signed, "{count} signed with the CPS of {holder}.", "{count} signed with the CPS of {holder}.", { holder }),
      elsewhere > 0 ? [" ", sayMany(elsewhere, "{count} waits for the CPS of {names}.", "{count} wait for the CPS of {names}.", { names })] : null),
    signed > 0 ? h("p", {}, linkTo("lists", [3], say("They are in the list “FSEs to send”"))) : null,
    refused.length === 0 ? null : stayedTable(say("Not signed"), refused),
  ];
}

customElements.define("tla-practice-signature", FinalSignature);
