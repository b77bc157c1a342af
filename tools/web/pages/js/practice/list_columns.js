// The columns of the lists, as the document has them.

import { amount, day, minute, shortDay } from "../amounts.js";
import { h, set } from "../markup.js";
import { say } from "../words.js";
import { address } from "./address.js";
import { takeFiles } from "./drop.js";
import { TRAVEL_LOOKS, mark, square } from "./square.js";

/**
 * Return the columns of a list by its name. `attach(row, role, files)` is called when files are dropped on the
 * cell of a prescription or a care sheet.
 */
export function columnsOf(name, attach) {
  if (name === "5" || name === "sent") {
    return fileColumns(name === "sent");
  }
  return name === "rejected" ? rejectedColumns() : documentColumns(name === "1" || name === "2", attach);
}

function documentColumns(open, attach) {
  return [
    number(),
    { name: "degraded", title: say("Degraded"), sort: true, cell: (row) => mark(row.degraded, row.degraded ? say("degraded") : say("secured")) },
    { name: "third_party", title: say("TP"), sort: true, cell: (row) => mark(row.third_party, row.third_party ? say("third-party payment") : say("no third-party payment")) },
    ...parties(),
    { name: "prescription", title: say("Prescription Scor"), sort: true, cell: prescription, made: takes("prescription", attach) },
    { name: "sheet", title: say("Care sheet Scor"), sort: true, cell: sheet, made: takes("care-sheet", attach) },
    { name: "owner", title: say("Owner"), sort: true, under: "patient", cell: (row) => row.owner_name },
    ...(open ? [{ name: "state", title: say("State"), sort: true, cell: (row) => row.state_word }] : []),
  ];
}

function rejectedColumns() {
  return [
    number(),
    { name: "kind", title: say("Type"), cell: (row) => row.kind.toUpperCase() },
    ...parties(),
    { name: "code", title: say("Code"), cell: (row) => row.code },
    { name: "reason", title: say("Reason"), wide: true, cell: (row) => h("span", { title: row.reason }, row.reason) },
  ];
}

function fileColumns(gone) {
  return [
    { name: "number", title: say("File"), sort: true, cell: (row) => row.identity },
    { name: "kind", title: say("Type"), sort: true, cell: (row) => row.kind.toUpperCase() },
    { name: "recipient", title: say("Recipient"), sort: true, wide: true, cell: (row) => row.recipient },
    { name: "lots", title: say("Lots"), sort: true, end: true, cell: (row) => row.lots },
    { name: "documents", title: say("Documents"), sort: true, end: true, cell: (row) => row.documents },
    { name: "total", title: say("Total"), sort: true, end: true, cell: (row) => amount(row.total) },
    { name: "date", title: say("Made on"), sort: true, under: "number", cell: (row) => minute(row.made_at) },
    { name: "state", title: say("State"), sort: true, cell: (row) => row.state_word },
    ...(gone ? [
      { name: "sent", title: say("Sent on"), under: "state", cell: (row) => row.sent_at === null ? "" : minute(row.sent_at) },
      { name: "way", title: say("Way of sending"), cell: (row) => row.way_word },
      { name: "rejected", title: say("Rejections"), end: true, cell: (row) => row.rejected },
    ] : []),
  ];
}

function number() {
  return { name: "number", title: say("Invoice no."), sort: true, cell: (row) => h("a", { class: "lists-number", href: address("invoices", row.owner, row.number) }, row.number) };
}

function parties() {
  return [
    { name: "patient", title: say("Patient's name"), sort: true, wide: true, cell: (row) => h("span", { title: row.patient }, row.patient) },
    { name: "recipient", title: say("Recipient"), sort: true, wide: true, under: "patient", cell: (row) => h("span", { title: row.recipient }, row.recipient) },
    { name: "date", title: say("Invoice date"), sort: true, under: "number", cell: (row) => day(row.made_on) },
    { name: "total", title: say("Total"), sort: true, end: true, cell: (row) => amount(row.total) },
  ];
}

function prescription({ prescription: travels, prescribed_on: on }) {
  const told = {
    digital: say("the prescription travels digitally"),
    paper: say("the prescription is to be sent on paper"),
    none: say("no prescription"),
  }[travels];
  return square(TRAVEL_LOOKS[travels], told, on === null ? null : shortDay(on));
}

function sheet({ sheet: travels }) {
  const told = {
    digital: say("the care sheet travels digitally"),
    paper: say("the care sheet is to be sent on paper"),
    none: say("a secured invoice has no care sheet"),
  }[travels];
  return square(TRAVEL_LOOKS[travels], told);
}

/** The cell that an invoice's piece stands in takes files, while it can change; otherwise it says why it cannot. */
function takes(role, attach) {
  return (cell, row) => {
    if (row.closed) {
      set(cell, "title", row.closed);
      return;
    }
    cell.classList.add("lists-drop");
    set(cell, "title", say("Drop a PDF, JPEG or PNG here, or press Enter"));
    takeFiles(cell, (files) => attach(row, role, files));
  };
}
