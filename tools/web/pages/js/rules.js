// <tla-rules>: what the bench does by itself when a screen shows a text.

import { del, get, post } from "./api.js";
import { kindName, SLOTS, slotName } from "./cards.js";
import { inOneLine, ON_SCREEN } from "./conditions.js";
import { h, put } from "./markup.js";
import { Part } from "./part.js";
import { say, ToldInEach } from "./words.js";

const MOST_TOLD = 20;

class Rules extends Part {
  draw() {
    this.list = h("ul", { class: "plain-list", "aria-label": say("Rules") });
    this.happened = h("div", { class: "plain-list quiet", role: "log", "aria-label": say("What the rules did") });
    put(this,
      h("h3", { class: "part-title" }, say("Rules")),
      h("p", { class: "quiet" }, say("When a screen meets the condition, the bench puts cards in or takes them out, injects a fault, and presses keys; also for the screen that is shown now.")),
      this.list, this.form(), this.happened);
    this.listen(this.reader, "rule", (event) => this.acted(event.detail));
    this.listen(this.reader, "reload", () => this.load());
    this.load();
  }

  form() {
    const choice = (label, options) => h("select", { class: "select", "aria-label": label }, options);
    this.condition = choice(say("Condition"), ON_SCREEN.map(([name, told]) => h("option", { value: name }, told())));
    this.sought = h("input", { class: "input input-wide", required: true, maxlength: 200, "aria-label": say("Text or pattern"), placeholder: "CODE PORTEUR" });
    this.keys = h("input", { class: "input", autocomplete: "off", placeholder: "1 2 3 4 VAL" });
    this.into = { vitale: h("select", { class: "select" }), ps: h("select", { class: "select" }) };
    this.from = h("select", { class: "select" }, h("option", { value: "" }, say("neither slot")),
      SLOTS.map((slot) => h("option", { value: slot }, slotName(slot))), h("option", { value: SLOTS.join(" ") }, say("both slots")));
    this.fault = h("input", { class: "input", autocomplete: "off", placeholder: "ps.pull@0" });
    this.once = h("input", { type: "checkbox", class: "check", checked: true });
    this.showCards();
    this.listen(this.reader, "cards", () => this.showCards());
    return h("form", { class: "form boxed", onsubmit: (event) => {
      event.preventDefault();
      this.add();
    } },
    h("div", { class: "row" }, h("span", { class: "field-inline" }, say("When"), this.condition), this.sought),
    h("div", { class: "form-grid" },
      h("label", { class: "field" }, h("span", {}, say("Take the card out of")), this.from),
      h("label", { class: "field" }, h("span", {}, say("Put into the PS slot")), this.into.ps),
      h("label", { class: "field" }, h("span", {}, say("Put into the Vitale slot")), this.into.vitale),
      h("label", { class: "field" }, h("span", {}, say("Fault to inject")), this.fault),
      h("label", { class: "field" }, h("span", {}, say("Keys to press")), this.keys),
      h("label", { class: "field-inline rule-once" }, this.once, say("Once only"))),
    h("div", { class: "row" }, h("button", { type: "submit", class: "button button-primary" }, say("Add the rule"))));
  }

  /** Offer the tray's cards for each slot, those that belong there first. */
  showCards() {
    for (const [slot, select] of Object.entries(this.into)) {
      const { value } = select;
      const belongs = (card) => (card.kind === "vitale") === (slot === "vitale");
      const sorted = [...this.reader.cards.filter(belongs), ...this.reader.cards.filter((card) => !belongs(card))];
      put(select, h("option", { value: "" }, say("no card")),
        sorted.map((card) => h("option", { value: card.name }, card.holder || card.name, " (", kindName(card.kind), ")")));
      select.value = sorted.some((card) => card.name === value) ? value : "";
    }
  }

  load() {
    return this.read(async () => this.show((await get(`${this.reader.path}/rules`)).rules));
  }

  show(rules) {
    put(this.list, rules.length === 0 ? h("li", { class: "quiet" }, say("No rule yet.")) : rules.map(({ id, rule }) =>
      h("li", { class: "listed" },
        h("span", { class: "listed-words" }, worded(rule)),
        rule.once ? h("span", { class: "badge" }, say("once")) : null,
        h("button", { type: "button", class: "button button-small", "aria-label": say("Remove rule {id}", { id }), onclick: () => this.drop(id) }, say("Remove")))));
  }

  add() {
    const keys = this.keys.value.toUpperCase().split(/[\s,;]+/).filter((each) => each !== "");
    const wanted = {
      [this.condition.value]: this.sought.value,
      keys: keys.length > 0 ? keys : undefined,
      insert: Object.fromEntries(Object.entries(this.into).filter(([, { value }]) => value !== "").map(([slot, { value }]) => [slot, value])),
      remove: this.from.value === "" ? [] : this.from.value.split(" "),
      fault: this.fault.value.trim() || undefined,
      once: this.once.checked,
    };
    return this.attempt(async () => {
      const added = await post(`${this.reader.path}/rules`, wanted);
      if (added.matched.length === 0) {
        this.told(say("Rule {id}: waiting for such a screen", { id: added.id }));
      }
      this.keys.value = "";
      await this.load();
    });
  }

  drop(id) {
    return this.attempt(async () => {
      await del(`${this.reader.path}/rules/${id}`);
      await this.load();
    });
  }

  acted({ id, matched }) {
    const said = say("Rule {id} acted on screen {revision}: {screen}", { id, revision: matched.revision, screen: inOneLine(matched.lines) });
    this.told(said, matched.translations ? new ToldInEach(matched.translations) : null);
    this.load();
  }

  told(sentence, problem = null) {
    this.happened.prepend(h("p", {}, sentence, problem ? h("strong", {}, " ", problem) : null));
    while (this.happened.children.length > MOST_TOLD) {
      this.happened.lastChild.remove();
    }
  }
}

function worded(rule) {
  const [name, told] = ON_SCREEN.find(([each]) => rule[each]);
  return [
    told(), " ", h("code", {}, rule[name]),
    rule.remove.map((slot) => [" → ", say("take the card out: {slot}", { slot: slotName(slot) })]),
    Object.entries(rule.insert).map(([slot, card]) => [" → ", say("put {card} in: {slot}", { card, slot: slotName(slot) })]),
    rule.fault ? [" → ", say("fault {fault}", { fault: rule.fault })] : null,
    rule.keys.length > 0 ? [" → ", h("kbd", {}, rule.keys.join(" "))] : null,
  ];
}

customElements.define("tla-rules", Rules);
