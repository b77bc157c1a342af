// <tla-practice-invoices>: the invoices by owner and patient, or one invoice's summary; and whether the partially
// secured mode is on.

import { h, put } from "../markup.js";
import { say } from "../words.js";
import { address } from "./address.js";
import "./invoice_list.js";
import "./invoice_summary.js";
import "./partial_banner.js";
import { View } from "./view.js";

const NUMBER = /^[0-9]{1,9}$/;

class Invoices extends View {
  draw() {
    this.content = h("div", { class: "invoices-content" });
    put(this,
      (this.bar = h("div", { class: "row invoices-bar" },
        h("a", { class: "button button-small", href: address("invoices") }, h("span", { "aria-hidden": "true" }, "← "), say("All invoices")))),
      document.createElement("tla-partial-banner"), this.content);
  }

  shown() {
    const [owner = "", number = ""] = this.parts;
    const one = NUMBER.test(owner) && NUMBER.test(number);
    const held = this.contains(document.activeElement);
    this.bar.hidden = !one;
    const made = document.createElement(one ? "tla-invoice-summary" : "tla-invoice-list");
    Object.assign(made, { practice: this.practice, bench: this.bench, invoice: one ? { owner, number } : null, patient: owner === "patient" ? number : "" });
    put(this.content, made);
    if (held) {
      made.takeFocus();
    }
  }
}

customElements.define("tla-practice-invoices", Invoices);
