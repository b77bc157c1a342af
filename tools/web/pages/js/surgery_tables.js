// The tables of the practice's side: by owner, every invoice, and what stays where it is.

import { day, euros } from "./amounts.js";
import { h } from "./markup.js";
import { say } from "./words.js";

export function ownersTable({ owners }) {
  if (owners.length === 0) {
    return null;
  }
  const columns = [
    [say("Prepared"), (each) => each.prepared],
    [say("On a reader"), (each) => each.loaded],
    [say("To sign"), (each) => each.partial],
    [say("Ready"), (each) => each.complete + each.final],
    [say("Sent"), (each) => each.transmitted],
  ];
  if (owners.some((each) => each.cancelled > 0)) {
    columns.push([say("Cancelled"), (each) => each.cancelled]);
  }
  const counted = ([title, count], each) => cell(title, count(each), count(each) ? "number" : "number none");
  return table({
    name: say("Invoices by owner"), look: "surgery-by-owner",
    heads: [[say("Owner")], ...columns.map(([title]) => [title, "number"]), [say("Total"), "number wide-only"]],
    rows: owners.map((each) => [each.name, columns.map((column) => counted(column, each)), cell(say("Total"), euros(each.total), "number wide-only")]),
  });
}

export function documentsTable({ documents, more }) {
  return [
    table({
      name: say("Every invoice"), look: "surgery-every", captioned: false,
      heads: [[say("Invoice")], [say("Patient")], [say("Owner"), "wide-only"], [say("Date"), "wide-only"], [say("Total"), "number"], [say("Where it stands")]],
      rows: documents.map((each) => [
        named(each), cell(say("Patient"), each.patient, "patient"), cell(say("Owner"), each.name, "wide-only"),
        cell(say("Date"), day(each.date), "wide-only date"), cell(say("Total"), euros(each.total), "number"),
        cell(say("Where it stands"), [stateWords(each), file(each)], "surgery-state"),
      ]),
    }),
    more > 0 ? h("p", { class: "quiet" }, say("{count} more are not shown.", { count: more })) : null,
  ];
}

/** Return what did not go through, or null when everything did. */
export function staysTable(action, done) {
  const rows = {
    load: () => [],
    unload: () => done.left,
    sign: () => done.refused,
    transmit: () => done.withheld.map((each) => ({ ...each, reason: reasons(each), action: "" })),
  }[action]();
  if (rows.length === 0) {
    return null;
  }
  const titles = {
    unload: say("Stays on the reader"), sign: say("Not signed"), transmit: say("Cannot be sent yet"),
  };
  return [
    h("h3", {}, titles[action]),
    table({
      name: titles[action], look: "surgery-stay", captioned: false,
      heads: [[say("Invoice")], [say("Why")]],
      rows: rows.map((each) => [named(each), cell(say("Why"), [each.reason, each.action ? h("div", { class: "quiet" }, each.action) : null])]),
    }),
  ];
}

function reasons({ problem, lacks }) {
  return problem || lacks.map(({ signature, card }, at) => [at ? " · " : "", signature === "vitale"
    ? say("Missing: Vitale signature ({card})", { card }) : say("Missing: owner's signature ({card})", { card })]);
}

function named({ number, kind }) {
  return kind === "dre" ? `${number} (DRE)` : number;
}

function stateWords({ state, patient, name }) {
  switch (state) {
    case "prepared": return say("prepared");
    case "loaded": return say("on a reader, for the Vitale of {patient}", { patient });
    case "partial": return say("waits for the CPS of {name}", { name });
    case "complete": return say("complete, ready to send");
    case "final": return say("signed, ready to send");
    case "cancelled": return say("given up on the round");
    default: return say("sent");
  }
}

function file({ file: name }) {
  return name
    ? [" ", h("a", { href: `/v1/surgery/files/${name}`, download: name, title: name }, say("Download"),
      h("span", { class: "visually-hidden" }, " ", name))]
    : null;
}

/** Return a table, whose rows begin with what names them. Roles are said, for narrow panels make cards of the rows. */
function table({ name, look, heads, rows, captioned = true }) {
  return h("table", { class: `table surgery-table ${look}`, role: "table", "aria-label": captioned ? null : name },
    captioned ? h("caption", {}, name) : null,
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map(([title, kind = ""]) =>
      h("th", { role: "columnheader", scope: "col", class: kind }, title)))),
    h("tbody", { role: "rowgroup" }, rows.map(([row, ...cells]) =>
      h("tr", { role: "row" }, h("th", { role: "rowheader", scope: "row" }, row), cells))));
}

function cell(title, told, kind = "") {
  return h("td", { role: "cell", class: kind, "data-title": title }, told);
}
