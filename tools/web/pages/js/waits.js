// <tla-waits>: wait until the screen shows something, or a command is answered. It goes on while another tab is
// looked at: what is waited for is often done there.

import { get, post } from "./api.js";
import { inOneLine, ON_SCREEN } from "./conditions.js";
import { freshId, h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { toldAgain } from "./trace_store.js";
import { say, spoken } from "./words.js";

const CONDITIONS = [...ON_SCREEN, ["exchange", () => say("an answer is given to the command")]];
const ANY_COMMAND = "any";
const USUAL_SECONDS = 30;
const MOST_SECONDS = 366 * 24 * 3600;

const waits = new WeakMap();

/** Return the wait of a reader: one for the page's whole life. */
function waitOf(reader) {
  if (!waits.has(reader)) {
    waits.set(reader, new Wait(reader));
  }
  return waits.get(reader);
}

/**
 * One wait, under way or over. `ended` is null, {met: answer}, {late: seconds}, {stopped: true} or {problem}.
 * Tells of each change by the event "change".
 */
class Wait extends EventTarget {
  /** What is waited for, as {condition, sought}; null when nothing is. */
  wanted = null;
  ended = null;

  constructor(reader) {
    super();
    this.reader = reader;
    reader.addEventListener("gone", () => this.stop());
  }

  async begin(condition, sought, seconds) {
    this.wanted = { condition, sought };
    this.ended = null;
    this.leaving = new AbortController();
    this.tell();
    const { signal } = this.leaving;
    const body = { [condition]: sought, timeout: Math.round(seconds * 1000) };
    try {
      this.ended = { met: await post(`${this.reader.path}/wait`, body, { signal }) };
    } catch (error) {
      this.ended = signal.aborted ? { stopped: true } : error.code === "wait-timed-out" ? { late: seconds } : { problem: error };
    }
    this.wanted = null;
    this.tell();
  }

  stop() {
    this.leaving?.abort();
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}

class Waits extends Part {
  draw() {
    this.wait = waitOf(this.reader);
    this.result = h("p", { class: "wait-result", role: "status" });
    put(this,
      h("h3", { class: "part-title" }, say("Wait")),
      h("p", { class: "quiet" }, say("The bench waits in the reader's time: while its clock stands still, the time passes at once.")),
      this.form(),
      this.result,
      h("div", { "data-notice": "" }));
    this.listen(this.wait, "change", () => this.show());
    this.listen(spoken, "language", () => this.tellAgain());
    this.explain();
    this.show();
  }

  form() {
    const names = h("datalist", { id: freshId("commands") });
    this.condition = h("select", { class: "select", onchange: () => this.explain() },
      CONDITIONS.map(([name, told]) => h("option", { value: name }, told())));
    this.soughtName = h("span", {});
    this.sought = h("input", { class: "input", maxlength: 200, autocomplete: "off", spellcheck: "false", "data-names": names.id });
    this.seconds = h("input", { class: "input wait-seconds", type: "number", min: 0, max: MOST_SECONDS, step: 1, value: USUAL_SECONDS, required: true });
    this.begin = h("button", { type: "submit", class: "button button-primary" }, say("Wait"));
    this.stop = h("button", { type: "button", class: "button", hidden: true, onclick: () => this.wait.stop() }, say("Stop waiting"));
    this.loadNames(names);
    this.listen(spoken, "language", () => this.loadNames(names));
    return h("form", { class: "form boxed", onsubmit: (event) => {
      event.preventDefault();
      this.wait.begin(this.condition.value, this.sought.value.trim() || ANY_COMMAND, this.seconds.valueAsNumber);
    } },
    h("div", { class: "row wait-row" },
      h("label", { class: "field" }, h("span", {}, say("Until")), this.condition),
      h("label", { class: "field wait-sought" }, this.soughtName, this.sought), names),
    h("div", { class: "row wait-row" },
      h("label", { class: "field" }, h("span", {}, say("At most, in seconds of the reader's time")), this.seconds),
      this.begin, this.stop));
  }

  async loadNames(names) {
    const told = await this.read(() => get("/v1/commands"));
    if (told !== null) {
      put(names, told.commands.map(({ name, text }) => h("option", { value: name }, text)));
    }
  }

  /** Fit the field to what is waited for. */
  explain() {
    const isCommand = this.condition.value === "exchange";
    put(this.soughtName, isCommand ? say("Name, or instruction in hexadecimal") : say("Text or pattern"));
    set(this.sought, "placeholder", isCommand ? say("any command") : "CODE PORTEUR");
    set(this.sought, "list", isCommand ? this.sought.dataset.names : null);
    this.sought.required = !isCommand;
  }

  show() {
    const { wanted, ended } = this.wait;
    this.offer(...(wanted === null ? [this.begin, this.stop] : [this.stop, this.begin]));
    this.refused(ended?.problem ?? null);
    put(this.result, wanted === null ? told(ended) : this.underWay(wanted));
    this.result.hidden = this.result.firstChild === null;
  }

  /** Offer one button in the place of another, and leave the focus where it was. */
  offer(button, other) {
    const hadFocus = document.activeElement === other;
    button.hidden = false;
    other.hidden = true;
    if (hadFocus) {
      button.focus();
    }
  }

  underWay({ condition, sought }) {
    const [, name] = CONDITIONS.find(([each]) => each === condition);
    return [h("span", { class: "badge badge-warn" }, say("waiting")), " ", say("Until"), " ", name(), " ",
      condition === "exchange" && sought === ANY_COMMAND ? say("any command") : h("code", {}, sought)];
  }

  /** What a command and its status are called is the bench's to say, in either language. */
  async tellAgain() {
    const { met } = this.wait.ended ?? {};
    if (met?.exchange) {
      this.wait.ended = { met: { ...met, exchange: await toldAgain(this.reader, met.exchange) } };
      this.show();
    }
  }
}

/** Return in words how a wait ended. */
function told(ended) {
  if (ended?.met) {
    const { screen, exchange } = ended.met;
    return [h("span", { class: "badge badge-ok" }, say("it came")), " ", exchange
      ? say("Exchange {number}: {name}, {word}: {meaning}", { number: exchange.number, name: exchange.name, word: exchange.word ?? "–", meaning: exchange.meaning })
      : [say("Screen {revision}:", { revision: screen.revision }), " ", h("span", { lang: "fr" }, inOneLine(screen.lines))]];
  }
  if (ended?.late !== undefined) {
    return say("It did not come within {seconds} s of the reader's time.", { seconds: ended.late });
  }
  return ended?.stopped ? say("You stopped waiting.") : [];
}

customElements.define("tla-waits", Waits);
