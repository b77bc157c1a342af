// <tla-files-ready>: what is ready for lots, by recipient and owner, what is not yet and why, and making lots.

import { euros } from "../amounts.js";
import { get, post } from "../api.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { all, say, sayMany, spoken } from "../words.js";
import { address } from "./address.js";
import { askCode } from "./code_dialog.js";
import { actOrWhy, holds } from "./files_card.js";
import { isIdle } from "./idle.js";
import { tellWord } from "./last_word.js";

class Ready extends Part {
  practice = null;

  draw() {
    this.body = h("div", { class: "files-part" }, h("p", { class: "quiet" }, say("Loading…")));
    this.done = h("div", { class: "files-done", role: "status" });
    put(this, this.body, h("div", { "data-notice": "" }), this.done);
    this.listen(this.practice, "home", () => this.load());
    this.listen(spoken, "language", () => this.load());
    this.load();
  }

  /** Ask anew, once however often this is wanted meanwhile. */
  async load() {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    do {
      this.again = false;
      const name = this.practice.reader?.name;
      const told = await this.read(() => get(`/v1/practice/lots${name ? `?reader=${encodeURIComponent(name)}` : ""}`));
      if (told !== null && this.isConnected) {
        this.show(told);
      }
    } while (this.again && this.isConnected);
    this.asking = false;
  }

  show({ ready, held_back: heldBack, holder, problem }) {
    const focused = this.body.contains(document.activeElement);
    const owners = [...new Set(ready.filter((each) => each.signs).map((each) => each.owner_name))];
    const others = [...new Set(ready.filter((each) => !each.signs).map((each) => each.owner_name))];
    const why = problem === null ? "" : [problem.detail, problem.action].filter(Boolean).join(". ");
    put(this.body,
      ready.length === 0 ? null : groups(
        say("Ready to be put into lots"),
        ready.map((each) => [
          h("span", {}, each.recipient),
          h("span", { class: "quiet" }, each.owner_name, " · ", each.kind.toUpperCase(), [" · ", each.signs ? say("to be signed by the card in the reader") : say("waits for its owner's CPS")]),
          each.count, each.total,
        ])),
      owners.length === 0 || others.length === 0 ? null : h("p", {}, say("The card in the reader signs the lots of its owner alone. To be inserted for the others: the CPS of {names}.", { names: all(others) })),
      actOrWhy(owners.length === 0 ? say("Make the lots…") : say("Make the lots of {names}…", { names: all(owners) }), why, () => this.make(holder || (this.practice.home?.reader?.ps?.holder ?? "")), { idle: isIdle(problem) }),
      heldBack.length === 0 ? null : h("details", { class: "folded files-held" },
        h("summary", {}, sayMany(heldBack.reduce((sum, each) => sum + each.count, 0), "{count:,} document may not leave yet", "{count:,} documents may not leave yet")),
        groups(say("May not leave yet"), heldBack.map((each) => [each.reason, h("span", { class: "quiet" }, each.owner_name), each.count, each.total]))));
    if (focused) {
      this.body.querySelector(".button")?.focus();
    }
  }

  async make(holder) {
    const { reader } = this.practice;
    const made = await askCode(this.practice, {
      title: say("Make the lots"), act: say("Sign the lots"),
      text: say("The CPS of {holder} signs each lot; every signature of every document is verified first.", { holder }),
      order: (how) => post("/v1/practice/lots", { reader: reader.name, ...how }),
    });
    if (made !== null) {
      tellWord(this.done, outcome(made));
      this.body.querySelector(".button")?.focus();
    }
  }
}

/** Return a table of groups: what, whose, how many, and their total. */
function groups(label, rows) {
  return h("table", { class: "table files-groups", "aria-label": label },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("What")), h("th", { scope: "col", class: "list-end" }, say("Number")), h("th", { scope: "col", class: "list-end" }, say("Total")))),
    h("tbody", {}, rows.map(([what, whose, count, total]) => h("tr", {},
      h("th", { scope: "row" }, h("span", { class: "files-what" }, what), whose), h("td", { class: "list-end" }, count), h("td", { class: "list-end" }, euros(total))))));
}

function outcome({ files, left_out: leftOut, more, elsewhere, partial }) {
  return [
    h("p", {}, h("strong", {}, sayMany(files.length, "{count} file made, to be sent", "{count} files made, to be sent"))),
    files.length === 0 ? null : h("ul", {}, files.map((each) => h("li", {}, h("a", { href: address("files", each.identity), class: "mono" }, each.identity), " · ", each.recipient, " · ", holds(each)))),
    elsewhere.map((name) => h("p", {}, say("Documents of {name} wait for the CPS of {name}.", { name }))),
    partial === 0 ? null : h("p", {}, sayMany(partial, "{count:,} document waits for its final signature, and is in no lot.", "{count:,} documents wait for their final signature, and are in no lot.")),
    leftOut.length === 0 ? null : h("div", { class: "callout" },
      h("p", {}, h("strong", {}, sayMany(leftOut.length + more, "{count:,} document was left out", "{count:,} documents were left out"))),
      h("ul", {}, leftOut.map((each) => h("li", {}, each.kind.toUpperCase(), " ", each.number, " · ", each.reason)))),
  ];
}

customElements.define("tla-files-ready", Ready);
