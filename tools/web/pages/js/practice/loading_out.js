// <tla-loading-out>: what is on the reader, by patient; brought back with a card, and what stayed and why.

import { euros } from "../amounts.js";
import { get } from "../api.js";
import { h, put } from "../markup.js";
import { say, sayMany, spoken } from "../words.js";
import { cardHands } from "./card_hand.js";
import { inHandButton } from "./reader_in_hand.js";
import { tellWord } from "./last_word.js";
import { ReaderWork } from "./reader_work.js";
import { wordedSquare } from "./square.js";
import { listTable } from "./table.js";
import { linkTo } from "./views.js";

class LoadingOut extends ReaderWork {
  now = null;

  draw() {
    this.counts = h("p", {});
    this.act = h("div", {});
    this.hand = inHandButton(this.practice);
    this.table = listTable({
      label: say("On the reader"), columns: columns(), empty: say("Nothing is on the reader."),
      fetch: (wanted, signal) => this.window(wanted, signal),
    });
    this.table.classList.add("loading-table");
    this.frame("unload");
    put(this, h("h2", { class: "part-title" }, say("Unloading")), h("div", { "data-notice": "" }),
      this.counts, this.table, cardHands(this.practice, ["ps"]), this.act, this.hand, this.progress, this.stopped, this.told);
    this.listen(spoken, "language", () => this.refresh());
  }

  async window({ start, limit }, signal) {
    if (this.practice.reader === null) {
      return { count: 0, rows: [] };
    }
    const told = await get(`/v1/practice/on-reader?${new URLSearchParams({ reader: this.practice.reader.name, start, limit })}`, { signal });
    return { ...told, rows: told.documents };
  }

  async ask() {
    this.now = await this.window({ start: 0, limit: 0 });
    this.table.refresh();
  }

  show() {
    this.hand.hidden = this.practice.reader === null;
    if (this.now === null || this.practice.reader === null) {
      [this.counts, this.act].forEach((each) => put(each));
      return;
    }
    const { count, states, cannot } = this.now;
    put(this.counts, states === null
      ? count > 0 && sayMany(count, "{count} document was loaded; what is certified is told once the reader answers.", "{count} documents were loaded; what is certified is told once the reader answers.")
      : joined([
        states.loaded > 0 && sayMany(states.loaded, "{count} not certified", "{count} not certified"),
        states.partial > 0 && sayMany(states.partial, "{count} partially secured", "{count} partially secured"),
        states.complete > 0 && sayMany(states.complete, "{count} complete", "{count} complete"),
        states.cancelled > 0 && sayMany(states.cancelled, "{count} given up", "{count} given up"),
      ]));
    const held = document.activeElement?.dataset?.act === "unload";
    put(this.act, this.actRow("unload", this.busy ? null : cannot, say("Unload"), () => this.unload()));
    if (held) {
      this.act.querySelector("[data-act=unload]").focus();
    }
  }

  async unload() {
    const done = await this.carryOutWithCode({
      title: say("Unload"), act: say("Unload"), path: "/v1/surgery/unload",
      text: say("What is certified and safe in the ledger leaves the reader."),
    }, () => this.unload());
    if (done !== null) {
      tellWord(this.told, outcome(done));
    }
  }

  howFar() {
    return h("p", {}, say("What came is safe in the ledger; the rest is on the reader still."));
  }
}

function outcome({ partial, complete, cancelled, waiting, left }) {
  return [
    h("p", {},
      joined([
        complete > 0 && sayMany(complete, "{count} complete document brought back", "{count} complete documents brought back"),
        partial > 0 && sayMany(partial, "{count} partially secured document brought back", "{count} partially secured documents brought back"),
      ]) ?? say("Nothing was brought back"), ".",
      cancelled > 0 ? [" ", sayMany(cancelled, "{count} was given up on the round.", "{count} were given up on the round.")] : null,
      waiting > 0 ? [" ", sayMany(waiting, "{count} stays to be certified.", "{count} stay to be certified.")] : null),
    partial > 0 ? h("p", {}, linkTo("signature", [], say("Give the final signatures"))) : null,
    left.length === 0 ? null : stayedTable(say("Stayed on the reader"), left),
  ];
}

/** Return words one after another; null where there are none. */
function joined(words) {
  const found = words.filter(Boolean);
  return found.length === 0 ? null : found.flatMap((each, at) => (at === 0 ? [each] : [" · ", each]));
}

/** Return a table of documents that stayed as they are, and why. */
export function stayedTable(title, left) {
  return h("table", { class: "table" }, h("caption", {}, title),
    h("thead", {}, h("tr", {}, [say("No."), say("Document"), say("Why"), say("What to do")].map((each) => h("th", { scope: "col" }, each)))),
    h("tbody", {}, left.map(({ number, kind, reason, action }) => h("tr", {},
      h("th", { scope: "row" }, number), h("td", {}, kind.toUpperCase()), h("td", {}, reason), h("td", {}, action)))));
}

function columns() {
  return [
    { name: "patient", title: say("Patient"), wide: true, cell: (row) => row.patient || say("unknown to the ledger") },
    { name: "number", title: say("No."), cell: (row) => row.number },
    { name: "owner", title: say("Owner"), cell: (row) => row.name },
    { name: "kind", title: say("Document"), cell: (row) => row.kind.toUpperCase() },
    { name: "total", title: say("Total"), end: true, cell: (row) => (row.total === null ? "" : euros(row.total)) },
    { name: "state", title: say("State"), cell: ({ state }) => stateTold(state) },
  ];
}

function stateTold(state) {
  const [look, told] = {
    loaded: ["red", say("not certified yet")],
    partial: ["half", say("partially secured")],
    complete: ["green", say("completely secured")],
    cancelled: ["none", say("given up")],
    unknown: ["none", say("not known")],
  }[state];
  return wordedSquare(look, told);
}

customElements.define("tla-loading-out", LoadingOut);
