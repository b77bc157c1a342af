// <tla-answers-drop>: recipients' answers (ARL) dropped here, and what each of them says.

import { Problem, upload } from "../api.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, sayMany } from "../words.js";
import { address } from "./address.js";
import { dropZone } from "./drop.js";
import { claimWord } from "./last_word.js";

const MOST_SHOWN = 20;

class AnswersDrop extends Part {
  practice = null;

  draw() {
    this.told = h("ul", { class: "plain-list", "aria-live": "polite" });
    put(this,
      dropZone({
        label: say("Read an answer…"), hint: say("or drop the ARL here: it says what the recipient accepts and rejects"),
        multiple: true, take: (files) => this.take(files),
      }),
      this.told);
  }

  async take(files) {
    claimWord(this.told);
    for (const file of files) {
      const line = await this.answered(file);
      if (!this.isConnected) {
        return;
      }
      this.told.prepend(line);
      while (this.told.children.length > MOST_SHOWN) {
        this.told.lastElementChild.remove();
      }
    }
  }

  async answered(file) {
    try {
      return read(file.name, await upload("/v1/practice/answers", file));
    } catch (error) {
      const { told, action } = error instanceof Problem ? error : new Problem(say("The page failed: {error}", { error }), say("Load the page again"));
      return h("li", { class: "notice answer-line" }, h("p", { class: "quiet" }, file.name), h("p", { class: "notice-message" }, told), action ? h("p", {}, action) : null);
    }
  }
}

function read(name, { identity, recipient, known, accepted, rejected, rejections }) {
  return h("li", { class: rejected === 0 ? "answer-line answer-good" : "answer-line answer-bad" },
    h("p", { class: "quiet" }, name),
    h("p", {}, recipient, " · ", h("a", { class: "mono", href: address("files", identity) }, identity), known ? [" · ", say("read before, nothing changed")] : null),
    h("p", {}, h("strong", {}, sayMany(accepted, "{count:,} document accepted", "{count:,} documents accepted"), ", ", sayMany(rejected, "{count:,} rejected", "{count:,} rejected"))),
    rejected === 0 ? null : h("ul", {}, rejections.slice(0, MOST_SHOWN).map((each) => h("li", {},
      each.kind.toUpperCase(), " ", each.number, " · ", h("span", { class: "mono" }, each.code), " ", each.reason))),
    rejected > MOST_SHOWN ? h("p", {}, h("a", { href: address("files", identity) }, say("All {count:,} of them", { count: rejected }))) : null,
    rejected === 0 ? null : h("p", {}, h("a", { href: address("files", "rejected") }, say("Rectify what was rejected"))));
}

customElements.define("tla-answers-drop", AnswersDrop);
