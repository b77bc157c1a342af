// <tla-trace>: every exchange with the reader as it happens, named and with its status.

import { del } from "./api.js";
import "./exchange.js";
import { freshId, h, nearest, put, set } from "./markup.js";
import { timeOfDay } from "./moments.js";
import { Part, part } from "./part.js";
import { traceOf } from "./trace_store.js";
import { DEVICES, deviceName, isError, linkName } from "./trace_words.js";
import { placeByKey, RowsInSight } from "./virtual.js";
import { number, say, sayMany, spoken } from "./words.js";

const NEAR_END = 24;

class TraceOnPage extends Part {
  wanted = { text: "", device: "", link: "", errors: false };
  paused = false;
  follows = true;
  shown = [];
  taken = 0;

  draw() {
    this.store = traceOf(this.reader);
    this.id ||= freshId("trace");
    put(this, h("h3", { class: "part-title" }, say("Trace")), this.tools(), this.table(), this.foot(), (this.detail = h("div", { class: "trace-detail" })));
    this.rows = new RowsInSight({
      scroller: this.scroller, body: this.body, make: (item) => this.row(item), key: (item) => item.at, spacer, signal: this.gone.signal,
    });
    this.listen(this.store, "more", () => this.takeSoon());
    this.listen(this.store, "anew", () => this.anew());
    this.listen(spoken, "language", () => {
      this.rows.forget();
      this.rows.render();
      this.showFoot();
    });
    this.anew();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    cancelAnimationFrame(this.waiting);
    this.waiting = null;
  }

  tools() {
    this.links = h("select", { class: "select", "aria-label": say("Link"), onchange: () => this.want({ link: this.links.value }) }, h("option", { value: "" }, say("All links")));
    const text = h("input", { class: "input trace-text", type: "search", placeholder: say("Filter"), "aria-label": say("Filter by name, status or bytes"), oninput: () => this.want({ text: plain(text.value) }) });
    const device = h("select", { class: "select", "aria-label": say("Device"), onchange: () => this.want({ device: device.value }) },
      h("option", { value: "" }, say("All devices")), DEVICES.map((each) => h("option", { value: each }, deviceName(each))));
    const errors = h("button", { type: "button", class: "button button-small", "aria-pressed": "false", onclick: () => {
      this.want({ errors: !this.wanted.errors });
      set(errors, "aria-pressed", String(this.wanted.errors));
    } }, say("Errors only"));
    this.pauseButton = h("button", { type: "button", class: "button button-small", "aria-pressed": "false", onclick: () => this.pause(!this.paused) }, say("Pause"));
    this.followButton = h("button", { type: "button", class: "button button-small", "aria-pressed": "true", onclick: () => this.follow(!this.follows) }, say("Follow"));
    return h("div", { class: "trace-tools" },
      h("div", { class: "row trace-filters", role: "group", "aria-label": say("What is shown") }, text, device, this.links, errors),
      h("div", { class: "row" }, this.pauseButton, this.followButton,
        h("button", { type: "button", class: "button button-small", onclick: () => this.clear() }, say("Clear")),
        h("a", { class: "button button-small", href: `${this.reader.path}/trace.pcapng`, download: `${this.reader.name}.pcapng` }, say("Download for Wireshark"))));
  }

  table() {
    this.body = h("tbody", { role: "rowgroup" });
    this.scroller = h("div", { class: "trace-scroller" },
      h("table", { class: "trace-table", role: "grid", tabindex: "0", "aria-label": say("Exchanges, the newest last"), "aria-describedby": `${this.id}-how`, onkeydown: (event) => this.key(event), onclick: (event) => this.click(event) },
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
          h("th", { role: "columnheader", scope: "col" }, say("Time, way")),
          h("th", { role: "columnheader", scope: "col" }, say("Command, fields")),
          h("th", { role: "columnheader", scope: "col" }, say("Status, size")))),
        this.body));
    this.grid = this.scroller.firstChild;
    this.empty = h("p", { class: "empty", hidden: true });
    this.scroller.append(this.empty);
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    return this.scroller;
  }

  foot() {
    this.count = h("span", {});
    this.pausedCount = h("span", { class: "badge badge-warn", role: "status", hidden: true });
    return h("div", { class: "trace-foot quiet" }, this.count, this.pausedCount,
      h("span", { id: `${this.id}-how` }, say("Arrows choose, Enter shows the bytes.")), h("div", { "data-notice": "" }));
  }

  want(change) {
    this.wanted = { ...this.wanted, ...change };
    this.anew();
  }

  /** Whether an item is shown under the filter. */
  passes({ exchange }) {
    const { text, device, link, errors } = this.wanted;
    if (exchange === undefined) {
      return !text && !device && !link && !errors;
    }
    return (!device || exchange.device === device) && (!link || exchange.link === link) && (!errors || isError(exchange.word))
      && (!text || plain([exchange.name, exchange.brief, exchange.word, exchange.meaning, linkName(exchange.link), exchange.command, exchange.response].join(" ")).includes(text));
  }

  /** Filter all that there is again. */
  anew() {
    this.shown = this.store.items.filter((item) => this.passes(item));
    this.taken = this.store.items.at(-1)?.at ?? this.store.added;
    this.refresh();
  }

  /** Take what is new in the next frame, so that a flood costs no more than the frames it lasts. */
  takeSoon() {
    if (this.paused) {
      this.showFoot();
      return;
    }
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.takeNew();
    });
  }

  takeNew() {
    const { items } = this.store;
    let from = items.length;
    while (from > 0 && items[from - 1].at > this.taken) {
      from -= 1;
    }
    for (const item of items.slice(from)) {
      if (this.passes(item)) {
        this.shown.push(item);
      }
    }
    this.taken = items.at(-1)?.at ?? this.taken;
    const oldest = items[0]?.at ?? 0;
    const gone = this.shown.findIndex((item) => item.at >= oldest);
    if (gone > 0) {
      this.shown.splice(0, gone);
      if (!this.follows) {
        this.rows.droppedAbove(gone);
      }
    }
    this.refresh();
  }

  refresh() {
    this.rows.items = this.shown;
    set(this.grid, "aria-rowcount", this.shown.length + 1);
    this.empty.hidden = this.shown.length > 0;
    put(this.empty, this.store.items.length > 0 ? say("Nothing passes the filter.") : say("No exchange yet. Plug the cable in and let a program talk to the reader, or send a command."));
    this.showLinks();
    this.showFoot();
    if (this.follows && !this.paused) {
      this.rows.render();
      this.scroller.scrollTop = this.scroller.scrollHeight;
    }
    this.rows.renderSoon();
  }

  showLinks() {
    const known = [...this.links.options].map((each) => each.value);
    for (const link of this.store.links) {
      if (!known.includes(link)) {
        this.links.append(h("option", { value: link }, linkName(link)));
      }
    }
  }

  showFoot() {
    const exchanges = this.shown.reduce((sum, item) => sum + (item.exchange === undefined ? 0 : 1), 0);
    put(this.count, sayMany(exchanges, "{count:,} exchange", "{count:,} exchanges"),
      this.store.leftOut > 0 ? [" · ", sayMany(this.store.leftOut, "{count:,} not shown: more came than can be read", "{count:,} not shown: more came than can be read")] : null);
    const fresh = this.paused ? this.store.added - this.taken : 0;
    this.pausedCount.hidden = !this.paused;
    put(this.pausedCount, fresh > 0 ? sayMany(Math.ceil(fresh), "Paused: {count:,} new", "Paused: {count:,} new") : say("Paused"));
  }

  pause(paused) {
    this.paused = paused;
    set(this.pauseButton, "aria-pressed", String(paused));
    this.showFoot();
    if (!paused) {
      this.takeNew();
    }
  }

  follow(follows) {
    this.follows = follows;
    set(this.followButton, "aria-pressed", String(follows));
    if (follows) {
      this.scroller.scrollTop = this.scroller.scrollHeight;
    }
  }

  /** Follow while the end is in sight, and leave the rows in peace once somebody scrolls back. */
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const atEnd = scrollTop + clientHeight >= scrollHeight - NEAR_END;
    const back = scrollTop < (this.before ?? 0) - 1;
    this.before = scrollTop;
    if (this.follows && back && !atEnd) {
      this.follow(false);
    } else if (!this.follows && atEnd && !back && this.scrolledByHand) {
      this.follow(true);
    }
    this.scrolledByHand = true;
  }

  async clear() {
    await this.attempt(async () => {
      await del(`${this.reader.path}/trace`);
      this.store.clear();
      this.close();
    });
  }

  row(item) {
    const id = `${this.id}-${item.at}`;
    if (item.gap !== undefined) {
      return h("tr", { role: "row", class: "trace-gap", id, "aria-selected": "false" },
        h("td", { role: "gridcell", colspan: 3 }, sayMany(item.gap.count, "{count:,} more not shown", "{count:,} more not shown"), " ",
          h("span", { class: "trace-fill" }, say("Show them"))));
    }
    if (item.mark !== undefined) {
      return h("tr", { role: "row", class: "trace-mark", id, "aria-selected": "false" },
        h("td", { role: "gridcell", colspan: 3 }, say("The reader went back to {time}", { time: timeOfDay(item.mark.clock) })));
    }
    return this.exchangeRow(item.exchange, id, item);
  }

  exchangeRow(exchange, id, item) {
    const { name, word, meaning, brief, clock, link, device, ms, command, response } = exchange;
    const error = isError(word);
    return h("tr", { role: "row", id, class: error ? "trace-row trace-error" : "trace-row", "data-number": exchange.number, "aria-selected": String(this.open === exchange.number), "data-active": item === this.active },
      h("td", { role: "gridcell" },
        h("span", { class: "trace-time" }, timeOfDay(clock, true)),
        h("span", { class: "trace-under" }, linkName(link), h("span", { "aria-hidden": "true" }, " → "), h("span", { class: "visually-hidden" }, " ", say("to"), " "), deviceName(device))),
      h("td", { role: "gridcell" },
        h("span", { class: "trace-name" }, name),
        h("span", { class: "trace-under", title: brief ?? "" }, brief ?? "")),
      h("td", { role: "gridcell" },
        h("span", { class: "trace-status" }, h("span", { class: error ? "badge badge-danger" : "badge badge-ok" }, word ?? "–"), " ", h("span", { title: meaning }, meaning)),
        h("span", { class: "trace-under" }, h("span", { "aria-hidden": "true" }, "→ "), number(command.length / 2), h("span", { "aria-hidden": "true" }, " ← "), h("span", { class: "visually-hidden" }, " / "), number((response ?? "").length / 2), " · ", say("{ms} ms", { ms }))));
  }

  click(event) {
    const row = nearest(event, "tbody tr[id]");
    const item = row === null ? undefined : this.shown.find((each) => `${this.id}-${each.at}` === row.id);
    if (item !== undefined) {
      this.activate(item);
      this.choose(item, false);
    }
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const at = this.shown.indexOf(this.active);
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rows.height) - 2);
    const to = placeByKey(event.key, at, this.shown.length, page);
    if (to !== null) {
      this.follow(false);
      this.rows.reveal(to, this.grid.tHead.offsetHeight);
      this.rows.render();
      this.activate(this.shown[to]);
    } else if ((event.key === "Enter" || event.key === " ") && at >= 0) {
      this.choose(this.active, true);
    } else if (event.key === "Escape" && this.open !== undefined) {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Make an item the one that the keys act on. */
  activate(item) {
    const before = this.active === undefined ? null : this.rows.rowOf(this.active);
    if (before !== null) {
      set(before, "data-active", null);
    }
    this.active = item;
    const row = this.rows.rowOf(item);
    if (row !== null) {
      set(row, "data-active", true);
    }
    set(this.grid, "aria-activedescendant", row?.id ?? null);
  }

  choose(item, byKey) {
    if (item.gap !== undefined) {
      this.follow(false);
      this.attempt(() => this.store.fill(item));
    } else if (item.exchange !== undefined) {
      this.show(item, byKey);
    }
  }

  show(item, byKey) {
    this.follow(false);
    this.markOpen(item.exchange.number);
    let pane = this.detail.firstChild;
    if (pane === null) {
      pane = part("tla-exchange", { reader: this.reader, class: "exchange", role: "region", "aria-label": say("The chosen exchange") });
      pane.exchange = item.exchange;
      pane.closed = () => this.close();
      put(this.detail, pane);
    } else {
      pane.show(item.exchange);
    }
    if (byKey) {
      pane.heading.focus();
    }
    pane.scrollIntoView({ block: "nearest" });
  }

  markOpen(opened) {
    this.open = opened;
    this.body.querySelectorAll("[data-number]").forEach((row) => set(row, "aria-selected", String(row.dataset.number === String(opened))));
  }

  close() {
    const inside = this.detail.contains(document.activeElement);
    put(this.detail);
    this.markOpen(undefined);
    if (inside) {
      this.grid.focus();
    }
  }
}

function spacer() {
  return h("tr", { class: "trace-spacer", "aria-hidden": "true" });
}

/** Return a text without accents and capitals, in which a filter looks. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

customElements.define("tla-trace", TraceOnPage);
