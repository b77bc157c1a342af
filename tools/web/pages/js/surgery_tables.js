// The tables of the practice's side: by owner, every invoice, and what stays where it is.

import { h } from "./markup.js";
import { currentLanguage, say } from "./words.js";

/** Return an amount in cents as euros. */
export function euros(cents) {
  return new Intl.NumberFormat(locale(), { "style": "currency", currency: "EUR" }).format(cents / 100);
}

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
  return scrolling(say("Invoices by owner"), h("table", { class: "table surgery-by-owner" },
    h("caption", {}, say("Invoices by owner")),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("Owner")),
      columns.map(([title]) => h("th", { scope: "col", class: "number" }, title)),
      h("th", { scope: "col", class: "number wide-only" }, say("Total")))),
    h("tbody", {}, owners.map((each) => h("tr", {}, h("th", { scope: "row" }, each.name),
      columns.map(([, count]) => h("td", { class: count(each) ? "number" : "number none" }, count(each))),
      h("td", { class: "number wide-only" }, euros(each.total)))))));
}

export function documentsTable({ documents, more }) {
  return [
    scrolling(say("Every invoice"), h("table", { class: "table" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("Invoice")),
        h("th", { scope: "col", class: "wide-only" }, say("Owner")), h("th", { scope: "col" }, say("Patient")),
        h("th", { scope: "col", class: "wide-only" }, say("Date")),
        h("th", { scope: "col", class: "number" }, say("Total")), h("th", { scope: "col" }, say("Where it stands")))),
      h("tbody", {}, documents.map((each) => h("tr", {}, h("th", { scope: "row" }, named(each)), h("td", { class: "wide-only" }, each.name),
        h("td", {}, each.patient), h("td", { class: "wide-only" }, day(each.date)), h("td", { class: "number" }, euros(each.total)),
        h("td", {}, h("span", { class: "surgery-state", "data-state": each.state }, stateWords(each)), file(each))))))),
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
    scrolling(titles[action], h("table", { class: "table" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("Invoice")), h("th", { scope: "col" }, say("Why")))),
      h("tbody", {}, rows.map((each) => h("tr", {}, h("th", { scope: "row" }, named(each)),
        h("td", {}, each.reason, each.action ? h("div", { class: "quiet" }, each.action) : null)))))),
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

function day(iso) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeZone: "UTC" }).format(new Date(`${iso}T00:00Z`));
}

function scrolling(label, table) {
  return h("div", { class: "surgery-scroll", role: "region", "aria-label": label, tabindex: "0" }, table);
}

/** Dates and amounts as they are written here, in either language. */
function locale() {
  return currentLanguage() === "fr" ? "fr-FR" : "en-GB";
}
