// <tla-practice-lists>: the lists before transmission as tabs, what was rejected, and what was transmitted.

import { day, euros } from "../amounts.js";
import { get } from "../api.js";
import { freshId, h, nearest, put, set } from "../markup.js";
import { part } from "../part.js";
import { currentLanguage, keep, kept, say, sayMany, spoken } from "../words.js";
import { address, go } from "./address.js";
import { columnsOf } from "./list_columns.js";
import { forgetWord, tellWord } from "./last_word.js";
import "./list_filters.js";
import { LISTS, listTitle } from "./list_names.js";
import { attachFile, openPieces } from "./pieces.js";
import { listTable } from "./table.js";
import { View } from "./view.js";
import { viewOf } from "./views.js";

const KEPT = "list";
const LOOK_MS = 1000;
const OF_FILES = ["5", "sent"];

/** How each list was sorted last, while the page is open. */
const orders = new Map();

class Lists extends View {
  chosen = null;

  draw() {
    const page = freshId("list-page");
    this.heading = h("h2", { class: "lists-title" });
    this.csv = h("a", { class: "button button-small", download: "" }, say("Download (CSV)"));
    this.tabs = new Map(LISTS.map((name) => [name, tabOf(name, page)]));
    this.list = h("div", {
      class: "tabs lists-tabs", role: "tablist", "aria-label": say("Lists"), onkeydown: (event) => this.key(event),
      onclick: (event) => this.click(event),
    }, [...this.tabs.values()].map(({ tab }) => tab));
    this.filters = part("tla-list-filters");
    this.place = h("div", {});
    this.told = h("p", { class: "lists-told quiet", role: "status" });
    put(this,
      h("header", { class: "row lists-head" }, this.heading, this.csv,
        h("button", { type: "button", class: "button button-small", onclick: () => this.table.print() }, say("Print the list"))),
      this.list,
      (this.page = h("div", { class: "lists-page", role: "tabpanel", id: page, tabindex: "-1" }, this.filters, this.told, this.place)),
      h("div", { "data-notice": "" }));
    this.listen(this.filters, "change", () => this.ask());
    this.listen(this.practice, "changed", () => this.table.refresh());
    this.listen(this.practice, "home", () => this.showCounts());
    this.listen(spoken, "language", () => this.retell());
    this.ticking = setInterval(() => this.showDay(), LOOK_MS);
    this.showDay();
    this.showCounts();
  }

  disconnectedCallback() {
    clearInterval(this.ticking);
    super.disconnectedCallback();
  }

  shown() {
    const [asked = kept(KEPT)] = this.parts;
    const name = LISTS.includes(asked) ? asked : LISTS[0];
    if (name === this.chosen) {
      return;
    }
    this.chosen = name;
    keep(KEPT, name);
    for (const [each, { tab }] of this.tabs) {
      set(tab, "aria-selected", each === name ? "true" : "false");
      set(tab, "tabindex", each === name ? "0" : "-1");
    }
    const { tab } = this.tabs.get(name);
    set(this.page, "aria-labelledby", tab.id);
    this.refused(null);
    put(this.told);
    this.table = this.makeTable(name);
    put(this.place, this.table);
    this.ask();
  }

  makeTable(name) {
    const { sort = "date", descending = !OF_FILES.includes(name) } = orders.get(name) ?? {};
    const table = listTable({
      label: listTitle(name), sort, descending, columns: columnsOf(name, (row, role, files) => this.attach(row, role, files)),
      fetch: (wanted, signal) => this.fetch(name, wanted, signal),
      loaded: (told) => this.loaded(table, told),
      sorted: (by, down) => {
        orders.set(name, { sort: by, descending: down });
        this.showCsv();
      },
      summed: (told) => summed(name, told),
      open: this.opener(name),
      hint: ["1", "2", "3", "4"].includes(name) ? say("Arrows choose a row, Enter opens its documents; a PDF, JPEG or PNG can be dropped on a square.") : null,
    });
    table.classList.add("lists-table", ...(name > 0 && name < 5 ? ["lists-documents"] : OF_FILES.includes(name) ? ["lists-files"] : []), ...(name < 3 ? ["lists-open"] : []));
    return table;
  }

  /** What opening a row does: nothing where there is no view that shows it. */
  opener(name) {
    if (!OF_FILES.includes(name) && name !== "rejected") {
      return (row) => openPieces(this.practice, { owner: row.owner, number: row.number });
    }
    return viewOf("files") === undefined ? null : (row) => go("files", name === "rejected" ? "rejected" : row.identity);
  }

  // --- what is asked for -----------------------------------------------------------------------------------

  ask() {
    this.showCsv();
    return this.table.load();
  }

  async fetch(name, wanted, signal) {
    const told = await get(`/v1/practice/lists/${name}?${new URLSearchParams({ ...this.filters.query, ...wanted })}`, { signal });
    return { ...told, rows: OF_FILES.includes(name) ? told.files : told.documents };
  }

  loaded(table, told) {
    if (table !== this.table) {
      return;
    }
    table.classList.toggle("lists-one-owner", told.owners.length < 2);
    put(table.none, Object.keys(this.filters.query).length > 0 ? say("Nothing in this list passes the filters.") : say("Nothing is in this list."));
    if (!OF_FILES.includes(this.chosen)) {
      this.filters.offer(told);
    }
  }

  /** Attach files to an invoice, and say so; a refusal is told in place. */
  async attach({ owner, number }, role, files) {
    forgetWord();
    for (const file of files) {
      const done = await this.attempt(() => attachFile(this.practice, { owner, number, role }, file));
      if (done === null) {
        return;
      }
      tellWord(this.told, role === "prescription"
        ? say("{file} is attached to invoice {number} as its prescription.", { file: file.name, number })
        : say("{file} is attached to invoice {number} as its care sheet.", { file: file.name, number }));
    }
    this.table.refresh();
  }

  // --- what is shown ---------------------------------------------------------------------------------------

  showDay() {
    const { today } = this.practice;
    if (today !== this.today) {
      this.today = today;
      put(this.heading, say("Transmission on {day}", { day: day(today) }));
    }
  }

  showCounts() {
    const { home } = this.practice;
    if (home === null) {
      return;
    }
    const counts = { rejected: home.rejected.count, ...Object.fromEntries(home.lists.map(({ list, count }) => [list, count])) };
    for (const [name, { badge }] of this.tabs) {
      badge.hidden = counts[name] === undefined;
      put(badge, counts[name]);
    }
  }

  showCsv() {
    const { sort, descending } = this.table;
    const asked = new URLSearchParams({ ...this.filters.query, sort, descending, language: currentLanguage() });
    set(this.csv, "href", `/v1/practice/lists/${this.chosen}.csv?${asked}`);
  }

  retell() {
    this.today = null;
    this.showDay();
    this.showCsv();
    this.table.refresh();
  }

  // --- the tabs --------------------------------------------------------------------------------------------

  click(event) {
    const tab = nearest(event, "[role=tab]");
    if (tab !== null) {
      go("lists", tab.dataset.list);
    }
  }

  key(event) {
    const tabs = [...this.tabs.values()].map(({ tab }) => tab);
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (at >= 0 && to !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      const tab = tabs.at(to % tabs.length);
      tab.focus();
      location.replace(address("lists", tab.dataset.list));
    }
  }
}

function tabOf(name, page) {
  const badge = h("span", { class: "bar-count", hidden: true });
  const tab = h("button", { type: "button", role: "tab", class: "tab", id: freshId("list-tab"), "data-list": name, "aria-controls": page }, listTitle(name), " ", badge);
  return { tab, badge };
}

function summed(name, { count, total }) {
  const values = { total: euros(total) };
  return OF_FILES.includes(name)
    ? sayMany(count, "{count:,} file, {total}", "{count:,} files, {total}", values)
    : sayMany(count, "{count:,} document, {total}", "{count:,} documents, {total}", values);
}

customElements.define("tla-practice-lists", Lists);
