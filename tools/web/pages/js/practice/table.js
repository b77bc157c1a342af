// <tla-list-table>: a list of any length, of which the rows in sight are in the page.

import { freshId, h, nearest, put, set } from "../markup.js";
import { Part } from "../part.js";
import { RowsInSight, placeByKey } from "../virtual.js";
import { say, sayMany, spoken } from "../words.js";
import { RowWindows } from "./windows.js";

const MOST_PRINTED = 1000;
const AT_ONCE = 500;

/**
 * Return a table. `columns` are {name, title, cell(row), sort?, end?, wide?, under?, made?}: `cell` gives what a
 * cell shows, `sort` lets it be sorted by, `end` puts it at the end of its cell, as for amounts, `wide` gives it
 * what room is left, `under` names the column that it stands under where there is no room for all, and
 * `made(cell, row)` does more with a cell. The first is the head of a row.
 * `fetch({start, limit, sort, descending}, signal)` gives {count, rows, …}.
 * `open(row)` is what Enter and a click do, `loaded(answer)` hears of each answer, `sorted(sort, descending)`
 * of each new order, `summed(answer)` says what stands below the rows, `hint` what can be done with them. Call `load()` to ask anew,
 * `refresh()` to do so where it stands.
 */
export function listTable({ label, columns, fetch, sort = null, descending = false, open = null, loaded = () => {}, sorted = () => {}, summed = rowCount, empty = say("Nothing is in this list."), hint = null }) {
  const made = document.createElement("tla-list-table");
  return Object.assign(made, { label, columns, fetch, sort, descending, open, loaded, sorted, summed, empty, hint });
}

class ListTable extends Part {
  active = -1;

  draw() {
    this.id ||= freshId("list");
    // All rows have one height; as cards they have their cells two by two.
    this.style.setProperty("--list-card-made", `${Math.ceil(this.columns.length / 2) * 1.5 + 1}rem`);
    this.windows = new RowWindows({
      fetch: async (wanted, signal) => {
        const told = await this.ask(wanted, signal);
        this.told = told;
        this.loaded(told);
        return told;
      },
      came: (first, last, anew) => this.came(first, last, anew), failed: (error) => this.failed(error),
    });
    this.heads = new Map(this.columns.map((column) => [column.name, this.headCell(column)]));
    this.body = h("tbody", { role: "rowgroup" });
    this.grid = h("table", { class: "list-table", role: "grid", tabindex: "0", "aria-label": this.label, "aria-describedby": `${this.id}-how`, onkeydown: (event) => this.key(event), onclick: (event) => this.click(event) },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row", "aria-rowindex": 1 }, [...this.heads.values()])), this.body);
    this.none = h("p", { class: "empty", hidden: true }, this.empty);
    this.scroller = h("div", { class: "list-scroller" }, this.grid, this.none);
    put(this, this.narrowSort(), this.scroller, h("p", { class: "list-foot quiet" },
      (this.total = h("span", { role: "status" })), h("span", { id: `${this.id}-how`, class: "hand-hint" }, this.hint ?? (this.open === null ? say("Arrows move along the rows.") : say("Arrows choose a row, Enter opens it.")))),
    h("div", { "data-notice": "" }));
    this.rows = new RowsInSight({
      scroller: this.scroller, body: this.body, make: (place) => this.row(place), key: (place) => place, spacer, signal: this.gone.signal,
    });
    this.scroller.addEventListener("scroll", () => this.want(), { passive: true });
    this.listen(spoken, "language", () => this.again());
    this.showOrder();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.windows.stop();
  }

  ask(wanted, signal) {
    return this.fetch({ ...wanted, sort: this.sort, descending: this.descending }, signal);
  }

  /** Ask for the list from its beginning. */
  load() {
    this.scroller.scrollTop = 0;
    this.active = -1;
    return this.windows.begin(0);
  }

  /** Ask for what is in sight anew. */
  refresh() {
    return this.windows.begin(this.firstInSight());
  }

  headCell(column) {
    const { name, title, sort } = column;
    const inside = sort ? h("button", { type: "button", class: "list-sort", onclick: () => this.sortBy(name) }, title, h("span", { class: "list-arrow", "aria-hidden": "true" })) : title;
    return h("th", { role: "columnheader", scope: "col", class: classOf(column), "data-column": name }, inside);
  }

  /** On a narrow page there are no column heads to click: the order is chosen from a list. */
  narrowSort() {
    const by = this.columns.filter((each) => each.sort);
    this.order = h("select", { class: "select", onchange: () => this.sortBy(...this.order.value.split(" ")) },
      by.flatMap(({ name, title }) => [
        h("option", { value: `${name} up` }, title, " ▲"), h("option", { value: `${name} down` }, title, " ▼")]));
    const folded = by.some(({ under }) => under);
    return h("label", { class: folded ? "list-order list-order-folds field-inline" : "list-order field-inline" }, h("span", {}, say("Sorted by")), this.order);
  }

  sortBy(name, way = null) {
    this.descending = way === null ? this.sort === name && !this.descending : way === "down";
    this.sort = name;
    this.showOrder();
    this.sorted(this.sort, this.descending);
    this.load();
  }

  showOrder() {
    this.order.value = `${this.sort} ${this.descending ? "down" : "up"}`;
    for (const [name, head] of this.heads) {
      const on = name === this.sort;
      const sortable = head.querySelector(".list-sort") !== null;
      set(head, "aria-sort", sortable ? (on ? (this.descending ? "descending" : "ascending") : "none") : null);
      put(head.querySelector(".list-arrow") ?? document.createElement("span"), on ? (this.descending ? "▼" : "▲") : "");
    }
  }

  came(first, last, anew) {
    const { count } = this.windows;
    this.refused(null);
    if (anew || this.rows.items.length !== count) {
      this.rows.items = Array.from({ length: count }, (_, place) => place);
    }
    this.again(anew ? null : [first, last]);
    set(this.grid, "aria-rowcount", count + 1);
    this.none.hidden = count > 0;
    put(this.total, this.summed(this.told));
    this.dispatchEvent(new Event("rows"));
  }

  /** Draw the rows again: all, or those of a window that came. */
  again(only = null) {
    if (only === null) {
      this.rows.forget();
    } else {
      for (let place = only[0]; place <= only[1]; place += 1) {
        this.rows.made.delete(place);
      }
    }
    this.rows.render();
    this.showActive();
    this.want();
  }

  want() {
    const first = this.firstInSight();
    const seen = Math.ceil(this.scroller.clientHeight / this.rows.height) + 1;
    if (this.windows.count > 0) {
      this.windows.want(first, Math.min(first + seen, this.windows.count - 1));
    }
  }

  firstInSight() {
    return Math.max(0, Math.min(Math.floor(this.scroller.scrollTop / this.rows.height), this.windows.count - 1));
  }

  row(place) {
    const row = this.windows.row(place);
    const shown = (column) => (row === undefined ? "…" : column.cell(row));
    const cells = this.columns.map((column, at) => cellOf(column, row, h("td", { role: at === 0 ? "rowheader" : "gridcell", class: classOf(column), "data-column": column.name },
      h("span", { class: "list-label", "aria-hidden": "true" }, column.title), h("span", { class: "list-cell" }, shown(column)),
      this.columns.filter((each) => each.under === column.name).map((each) => h("span", { class: "list-under", "data-under": each.name, title: each.title }, shown(each))))));
    return h("tr", { role: "row", class: row === undefined ? "list-row list-row-awaited" : "list-row", id: `${this.id}-${place}`, "aria-rowindex": place + 2, "data-place": place, "data-active": place === this.active }, cells);
  }

  click(event) {
    const row = nearest(event, "tbody tr[data-place]");
    if (row === null || nearest(event, "a, button, input, select, label") !== null) {
      return;
    }
    this.activate(Number(row.dataset.place));
    this.openActive();
  }

  key(event) {
    if (event.target !== this.grid || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (this.move(event.key) || (event.key === "Enter" && this.openActive())) {
      event.preventDefault();
    }
  }

  /** Take the focus, as by a key pressed in the list. */
  enter(key) {
    this.grid.focus();
    this.move(key);
  }

  /** Choose the row that a key leads to. Returns whether it leads to one. */
  move(key) {
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rows.height) - 2);
    const to = placeByKey(key, this.active, this.windows.count, page);
    if (to === null) {
      return false;
    }
    this.rows.reveal(to, this.grid.tHead.offsetHeight);
    this.rows.render();
    this.activate(to);
    this.want();
    return true;
  }

  activate(place) {
    this.active = place;
    this.showActive();
  }

  showActive() {
    for (const [place, row] of this.rows.made) {
      set(row, "data-active", place === this.active);
      set(row, "aria-selected", place === this.active ? "true" : null);
    }
    set(this.grid, "aria-activedescendant", this.rows.made.get(this.active)?.id ?? null);
  }

  openActive() {
    const row = this.windows.row(this.active);
    if (row === undefined || this.open === null) {
      return false;
    }
    this.open(row);
    return true;
  }

  /** Print the list: its rows are put into the page for that, up to a number that fits on paper. */
  async print() {
    const rows = [];
    let count, told;
    do {
      told = await this.ask({ start: rows.length, limit: AT_ONCE }, this.gone.signal);
      rows.push(...told.rows);
      count = told.rows.length > 0 ? told.count : rows.length;
    } while (rows.length < Math.min(count, MOST_PRINTED));
    const printed = h("div", { class: "list-printed" }, h("h2", {}, this.label), h("table", { class: "table" },
      h("thead", {}, h("tr", {}, this.columns.map((column) => h("th", { scope: "col", class: classOf(column), "data-column": column.name }, column.title)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, this.columns.map((column) => h("td", { class: classOf(column), "data-column": column.name }, column.cell(row)))))),
    h("p", {}, this.summed(told))),
    count > rows.length ? h("p", {}, say("The first {shown:,} of {count:,} rows.", { shown: rows.length, count })) : null);
    this.append(printed);
    addEventListener("afterprint", () => printed.remove(), { once: true });
    window.print();
  }
}

function rowCount({ count }) {
  return sayMany(count, "{count:,} row", "{count:,} rows");
}

function cellOf({ made }, row, cell) {
  if (made !== undefined && row !== undefined) {
    made(cell, row);
  }
  return cell;
}

function classOf({ end, wide, under }) {
  return [end ? "list-end" : "", wide ? "list-wide" : "", under ? "list-folds" : ""].filter(Boolean).join(" ") || null;
}

function spacer() {
  return h("tr", { class: "list-spacer", "aria-hidden": "true" });
}

customElements.define("tla-list-table", ListTable);
