// What a section of the practice has: a list to search, to open one of, to add to.

import { h, put } from "../markup.js";
import { euros } from "../amounts.js";
import { say } from "../words.js";
import { address, go } from "./address.js";
import { SECTION_WORDS, labelOf } from "./field_words.js";
import { fresh } from "./form.js";
import { listTable } from "./table.js";

const name = (who) => [who.last_name, who.first_name].filter(Boolean).join(" ");

/** What a section's items are called, and what is told beside that. `part` is the name of its schema. */
export const ITEMS = {
  practitioners: { part: "Practitioner", title: name, told: (each) => (each.situations ?? []).map(({ billing_number: number }) => number).join(", "), label: () => labelOf("", "billing_number") },
  staff: { part: "StaffMember", title: name, told: (each) => each.national_id, label: () => labelOf("", "national_id") },
  patients: { part: "Patient", title: (each) => (each.beneficiaries ?? []).map(name).filter(Boolean).join(", "), told: (each) => each.nir, label: () => labelOf("", "nir") },
  prescribers: { part: "Prescriber", title: name, told: (each) => each.billing_number, label: () => labelOf("", "billing_number") },
  funds: { part: "FundBody", title: (each) => each.label, told: (each) => [each.regime, each.fund, each.centre].filter(Boolean).join(" "), label: () => labelOf("", "regime") },
  invoices: { part: "Invoice", title: (each) => each.number, told: (each) => [each.date, each.patient, amount(each)].filter(Boolean).join(" · "), label: () => say("Date, patient and amount") },
};

/** Return the list of a section of a draft. */
export function sectionList(draft, section) {
  const { title, told, label, part } = ITEMS[section];
  const search = h("input", { class: "input", type: "search", autocomplete: "off", oninput: () => table.load() });
  const table = listTable({
    label: SECTION_WORDS[section].title(), empty: say("Nothing is in this list."),
    columns: [
      { name: "title", title: section === "invoices" ? say("No.") : say("Name"), wide: true, cell: (row) => h("a", { href: address("editing", section, row.at) }, title(row.item) || say("(without a name)")) },
      { name: "told", title: label(), wide: true, cell: (row) => told(row.item) ?? "" },
    ],
    fetch: async ({ start, limit }) => {
      const words = search.value.trim().toLocaleLowerCase();
      const rows = draft.items(section).map((item, at) => ({ item, at }))
        .filter(({ item }) => words === "" || `${title(item)} ${told(item)}`.toLocaleLowerCase().includes(words));
      return { count: rows.length, rows: rows.slice(start, start + limit) };
    },
    open: (row) => go("editing", section, row.at),
  });
  table.classList.add("edit-table");
  const add = section === "invoices"
    ? h("a", { class: "button", href: address("editing", "new-invoice") }, SECTION_WORDS[section].add())
    : h("button", { type: "button", class: "button", onclick: () => {
      const at = draft.items(section).length;
      draft.practice[section] = [...draft.items(section), fresh(draft.schema, part)];
      draft.judging.spare(`${section}[${at}]`);
      draft.edited(section);
      go("editing", section, at);
    } }, SECTION_WORDS[section].add());
  const made = h("div", { class: "edit-section" }, h("div", { class: "row" },
    h("label", { class: "field-inline" }, h("span", {}, say("Search")), search), add), table);
  queueMicrotask(() => table.load());
  return made;
}

/** Take an item out of a section. */
export function removeItem(draft, section, at) {
  draft.items(section).splice(at, 1);
  draft.judging.takeOut(section, at);
  draft.edited(section);
}

function amount({ totals }) {
  const total = Number(totals?.total);
  return Number.isFinite(total) ? euros(Math.round(total * 100)) : "";
}
