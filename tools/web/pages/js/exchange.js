// <tla-exchange>: one exchange, its bytes beside the fields that they carry.

import { get } from "./api.js";
import { freshId, h, nearest, put, set } from "./markup.js";
import { timeOfDay } from "./moments.js";
import { Part } from "./part.js";
import { deviceName, isError, linkName } from "./trace_words.js";
import { say, sayMany, spoken } from "./words.js";

const SHOWN_BYTES = 2048;
const OPEN_FIELDS = 60;
const SHOWN_CHARACTERS = 120;

class ExchangeInBytes extends Part {
  draw() {
    this.closed ??= () => {};
    this.heading = h("h3", { class: "part-title", tabindex: "-1" });
    this.summary = h("p", { class: "exchange-summary" });
    this.facts = h("p", { class: "quiet exchange-facts" });
    this.sides = h("div", { class: "exchange-sides" });
    put(this,
      h("div", { class: "exchange-head" }, this.heading,
        h("button", { type: "button", class: "button button-small", onclick: () => this.closed() }, say("Close"))),
      this.summary, this.facts, h("div", { "data-notice": "" }), this.sides);
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.closed();
      }
    });
    this.listen(spoken, "language", () => this.load());
    if (this.exchange) {
      this.show(this.exchange);
    }
  }

  /** Show an exchange: what is known of it at once, its fields when they have come. */
  show(exchange) {
    this.exchange = exchange;
    set(this, "data-number", exchange.number);
    this.tell(exchange);
    put(this.sides, this.side(exchange.command, [], true), this.side(exchange.response ?? "", [], false));
    return this.load();
  }

  tell(exchange) {
    const { number, clock, link, device, ms, name, word, meaning, summary } = exchange;
    put(this.heading, say("Exchange {number}: {name}", { number, name }));
    put(this.summary, summary ?? "");
    this.summary.hidden = !summary;
    put(this.facts,
      h("span", { class: isError(word) ? "badge badge-danger" : "badge badge-ok" }, word ?? "–"), " ", meaning, " · ",
      timeOfDay(clock, true), " · ", say("{ms} ms", { ms }), " · ", say("{link} to {device}", { link: linkName(link), device: deviceName(device) }));
  }

  async load() {
    const { number } = this.exchange;
    const told = await this.attempt(() => get(`${this.reader.path}/trace/${number}`));
    if (told === null || this.exchange.number !== number) {
      return;
    }
    this.tell(told);
    put(this.sides, this.side(told.command, told.request ?? [], true), this.side(told.response ?? "", told.answer ?? [], false));
  }

  side(hex, fields, isCommand) {
    const made = document.createElement("tla-bytes");
    Object.assign(made, { hex, fields, isCommand });
    return made;
  }
}

class BytesBesideFields extends Part {
  draw() {
    const { hex, fields, isCommand } = this;
    const size = hex.length / 2;
    const id = freshId("bytes");
    this.leaves = [];
    this.collect(fields);
    this.bytes = h("div", { class: "bytes", role: "group", "aria-label": isCommand ? say("Bytes of the command") : say("Bytes of the answer") });
    this.more = h("button", { type: "button", class: "button button-small", hidden: true, onclick: () => this.addBytes(this.drawn + SHOWN_BYTES) });
    this.tree = h("ul", { class: "fields", role: "tree", "aria-labelledby": id });
    this.drawn = 0;
    this.addBytes(SHOWN_BYTES);
    put(this.tree, fields.map((field) => this.item(field, 1)));
    const first = this.tree.querySelector("[role=treeitem]");
    if (first !== null) {
      set(first, "tabindex", "0");
    }
    put(this,
      h("div", { class: "side-head" },
        h("h4", { class: "side-title", id }, h("span", { "aria-hidden": "true" }, isCommand ? "→ " : "← "), isCommand ? say("Command") : say("Answer"), " ",
          h("span", { class: "quiet" }, sayMany(size, "{count} byte", "{count} bytes"))),
        size === 0 ? null : h("button", { type: "button", class: "button button-small", "aria-label": isCommand ? say("Copy the command as hex") : say("Copy the answer as hex"), onclick: (event) => this.copy(event.currentTarget) }, say("Copy as hex"))),
      size === 0 ? h("p", { class: "quiet" }, say("No answer came.")) : h("div", { class: "side-body" }, h("div", {}, this.bytes, this.more), fields.length > 0 ? this.tree : null),
      h("div", { "data-notice": "" }));
    this.react();
  }

  collect(fields) {
    for (const field of fields) {
      if (field.fields) {
        this.collect(field.fields);
      } else {
        this.leaves.push(field);
      }
    }
  }

  addBytes(upTo) {
    const size = this.hex.length / 2;
    const end = Math.min(size, Math.max(upTo, SHOWN_BYTES));
    const made = [];
    for (let at = this.drawn; at < end; at += 1) {
      made.push(h("span", { class: "byte", "data-at": at }, this.hex.slice(2 * at, 2 * at + 2).toUpperCase()));
    }
    this.bytes.append(...made);
    this.leaves.forEach((field, turn) => {
      for (let at = Math.max(field.start, this.drawn); at < Math.min(field.end, end); at += 1) {
        this.bytes.children[at].classList.add(turn % 2 === 0 ? "byte-even" : "byte-odd");
        this.bytes.children[at].classList.toggle("byte-lead", at < field.start + (field.lead ?? 0));
      }
    });
    this.drawn = end;
    this.more.hidden = end >= size;
    put(this.more, sayMany(size - end, "Show {count} more byte", "Show {count} more bytes"));
  }

  item(field, level) {
    const inside = field.fields ?? [];
    const open = inside.length > 0 && (this.leaves.length <= OPEN_FIELDS || level === 1);
    const row = h("span", { class: "field-row" },
      h("span", { class: "field-twist", "aria-hidden": "true" }, inside.length > 0 ? (open ? "▾" : "▸") : ""),
      h("span", { class: "field-name" }, field.name),
      h("span", { class: "field-value" }, value(field)),
      h("span", { class: "field-text" }, field.text));
    const made = h("li", { role: "treeitem", class: "field-item", tabindex: "-1", "aria-level": level, "aria-expanded": inside.length > 0 ? String(open) : null, "aria-selected": "false" }, row);
    made.field = field;
    if (open) {
      this.addInside(made, level);
    }
    return made;
  }

  addInside(made, level) {
    if (made.querySelector(":scope > ul") === null) {
      made.append(h("ul", { role: "group", class: "fields" }, made.field.fields.map((each) => this.item(each, level + 1))));
    }
  }

  twist(made, open) {
    if (!made.field.fields || made.getAttribute("aria-expanded") === String(open)) {
      return;
    }
    set(made, "aria-expanded", String(open));
    put(made.querySelector(".field-twist"), open ? "▾" : "▸");
    this.addInside(made, Number(made.getAttribute("aria-level")));
    made.querySelector(":scope > ul").hidden = !open;
  }

  react() {
    this.tree.addEventListener("pointerover", (event) => this.markField(nearest(event, "[role=treeitem]")));
    this.tree.addEventListener("pointerleave", () => this.markField(this.focusedItem()));
    this.tree.addEventListener("focusin", (event) => this.markField(nearest(event, "[role=treeitem]")));
    this.tree.addEventListener("focusout", () => this.markField(null));
    this.tree.addEventListener("click", (event) => {
      const made = nearest(event, "[role=treeitem]");
      if (made !== null) {
        this.twist(made, made.getAttribute("aria-expanded") === "false");
        this.focusItem(made);
      }
    });
    this.tree.addEventListener("keydown", (event) => this.key(event));
    this.bytes.addEventListener("pointerover", (event) => {
      const byte = nearest(event, "[data-at]");
      if (byte !== null) {
        this.markField(this.itemAt(Number(byte.dataset.at)));
      }
    });
    this.bytes.addEventListener("pointerleave", () => this.markField(this.focusedItem()));
    this.bytes.addEventListener("click", (event) => {
      const byte = nearest(event, "[data-at]");
      const made = byte === null ? null : this.itemAt(Number(byte.dataset.at));
      if (made !== null) {
        this.focusItem(made);
      }
    });
  }

  /** Return the innermost field in the page that has the byte at an offset. */
  itemAt(at) {
    let found = null;
    for (const made of this.tree.querySelectorAll("[role=treeitem]")) {
      if (made.field.start <= at && at < made.field.end && made.closest("ul[hidden]") === null) {
        found = made;
      }
    }
    return found;
  }

  focusedItem() {
    return this.tree.contains(document.activeElement) ? document.activeElement : null;
  }

  focusItem(made) {
    const before = this.tree.querySelector('[tabindex="0"]');
    if (before !== null) {
      set(before, "tabindex", "-1");
    }
    set(made, "tabindex", "0");
    made.focus();
  }

  /** Mark a field and its bytes; null takes the marks away. */
  markField(made) {
    if (this.marked === made) {
      return;
    }
    if (this.marked) {
      set(this.marked, "aria-selected", "false");
    }
    this.bytes.querySelectorAll(".byte-marked").forEach((byte) => byte.classList.remove("byte-marked"));
    this.marked = made;
    if (made === null) {
      return;
    }
    set(made, "aria-selected", "true");
    const { start, end } = made.field;
    if (end > this.drawn) {
      this.addBytes(end);
    }
    for (let at = start; at < end; at += 1) {
      this.bytes.children[at].classList.add("byte-marked");
    }
  }

  key(event) {
    const made = this.focusedItem();
    if (made === null || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const visible = [...this.tree.querySelectorAll("[role=treeitem]")].filter((each) => each.closest("ul[hidden]") === null);
    const at = visible.indexOf(made);
    const open = made.getAttribute("aria-expanded");
    const to = { ArrowDown: visible[at + 1], ArrowUp: visible[at - 1], Home: visible[0], End: visible.at(-1) }[event.key];
    if (to) {
      this.focusItem(to);
    } else if (event.key === "ArrowRight" && open !== null) {
      if (open === "true") {
        this.focusItem(made.querySelector("[role=treeitem]"));
      } else {
        this.twist(made, true);
      }
    } else if (event.key === "ArrowLeft" && open === "true") {
      this.twist(made, false);
    } else if (event.key === "ArrowLeft") {
      const parent = made.parentElement.closest("[role=treeitem]");
      if (parent !== null) {
        this.focusItem(parent);
      }
    } else if ((event.key === "Enter" || event.key === " ") && open !== null) {
      this.twist(made, open === "false");
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  copy(button) {
    return this.attempt(async () => {
      await navigator.clipboard.writeText(this.hex.toUpperCase());
      put(button, say("Copied"));
      setTimeout(() => put(button, say("Copy as hex")), 1500);
    });
  }
}

/** Return a field's value as people read it. */
function value(field) {
  if (field.value === true || field.value === false) {
    return field.value ? say("yes") : say("no");
  }
  if (field.shown && field.value !== null) {
    return [h("span", { class: "field-shown" }, field.shown), " ", h("span", { class: "field-raw" }, shorten(String(field.value)))];
  }
  return shorten(field.shown ?? (field.value === null ? "" : String(field.value)));
}

function shorten(text) {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

customElements.define("tla-bytes", BytesBesideFields);
customElements.define("tla-exchange", ExchangeInBytes);
