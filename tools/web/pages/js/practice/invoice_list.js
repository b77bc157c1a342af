// The practice's invoices by owner and patient: where each stands, and the way to its summary.

import { day, euros } from "../amounts.js";
import { get } from "../api.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, sayMany } from "../words.js";
import { address, go } from "./address.js";
import { mark } from "./square.js";
import { listTable } from "./table.js";
import { linkTo } from "./views.js";

const TYPING_MS = 150;

class InvoiceList extends Part {
  practice = null;
  patient = "";

  draw() {
    this.owner = h("select", { class: "select", onchange: () => this.table.load() }, h("option", { value: "" }, say("Everyone's")));
    this.named = h("input", { class: "input", type: "search", autocomplete: "off", maxlength: 60, value: this.patient, oninput: () => this.loadSoon() });
    this.told = h("p", { class: "quiet", role: "status" });
    this.table = listTable({
      label: say("Invoices"), columns: columns(), empty: say("No invoice is prepared."),
      fetch: (wanted, signal) => this.ask(wanted, signal), loaded: (told) => this.showTold(told),
      open: (row) => go("invoices", row.owner, row.number),
    });
    this.table.classList.add("invoices-table");
    put(this,
      h("div", { class: "row invoices-filters" },
        h("label", { class: "field-inline" }, h("span", {}, say("Owner")), this.owner),
        h("label", { class: "field-inline" }, h("span", {}, say("Patient")), this.named),
        h("button", { type: "button", class: "button button-small", onclick: () => this.table.print() }, say("Print the list")),
        linkTo("editing", ["new-invoice"], say("New invoice")),
        this.told),
      this.table);
    this.listen(this.practice, "changed", () => this.table.refresh());
    this.table.load();
  }

  disconnectedCallback() {
    clearTimeout(this.waiting);
    super.disconnectedCallback();
  }

  takeFocus() {
    this.table.grid.focus();
  }

  loadSoon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.table.load(), TYPING_MS);
  }

  async ask({ start, limit }, signal) {
    const wanted = new URLSearchParams({ owner: this.owner.value, patient: this.named.value.trim(), start, limit });
    const told = await get(`/v1/practice/invoices?${wanted}`, { signal });
    return { ...told, rows: told.lines };
  }

  showTold({ count, total, owners }) {
    put(this.told, sayMany(count, "{count} invoice, {total}", "{count} invoices, {total}", { total: euros(total) }));
    if (this.owner.value === "") {
      put(this.owner, h("option", { value: "" }, say("Everyone's")),
        owners.map((each) => h("option", { value: each.owner }, each.name)));
    }
  }
}

function columns() {
  return [
    { name: "number", title: say("No."), cell: (row) => h("a", { href: address("invoices", row.owner, row.number), class: "invoices-number" }, row.number) },
    { name: "owner", title: say("Owner"), under: "patient", cell: (row) => row.owner_name },
    { name: "patient", title: say("Patient"), cell: (row) => row.patient },
    { name: "date", title: say("Date"), under: "number", cell: (row) => day(row.date) },
    { name: "recipient", title: say("Recipient"), under: "stands", cell: (row) => row.recipient },
    { name: "total", title: say("Total"), end: true, cell: (row) => euros(row.total) },
    { name: "degraded", title: say("Degraded"), cell: (row) => mark(row.mode === "degraded", row.mode === "degraded" ? say("degraded") : say("secured")) },
    { name: "stands", title: say("Where it stands"), wide: true, cell: (row) => row.stands },
  ];
}

customElements.define("tla-invoice-list", InvoiceList);
