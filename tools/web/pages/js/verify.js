// <tla-verify>: verify the code porteur of the PS card, as practice software does before it certifies and signs.

import { post } from "./api.js";
import "./answered.js";
import { h, put } from "./markup.js";
import { Part, part } from "./part.js";
import { say } from "./words.js";

class Verify extends Part {
  draw() {
    this.code = h("input", {
      class: "input verify-code", type: "password", required: true, minlength: 4, maxlength: 8, pattern: "[0-9]{4,8}", inputmode: "numeric",
      autocomplete: "off", title: say("4 to 8 digits"),
    });
    this.button = h("button", { type: "submit", class: "button button-primary" }, say("Verify"));
    this.answered = part("tla-answered", { reader: this.reader });
    put(this, h("details", { class: "folded" },
      h("summary", {}, say("Verify a code porteur…")),
      h("form", { class: "row", autocomplete: "off", onsubmit: (event) => {
        event.preventDefault();
        this.send();
      } },
      h("label", { class: "field-inline" }, h("span", {}, say("Code of the PS card")), this.code), this.button),
      h("p", { class: "quiet" }, say("What is sent from here, and over the HTTP API, may then certify and sign. The code is kept nowhere.")),
      this.answered),
    h("div", { "data-notice": "" }));
  }

  async send() {
    const code = this.code.value;
    // Emptied before it is sent, so that nothing of the page holds the code while the reader thinks.
    this.code.value = "";
    this.answered.show(null);
    this.button.disabled = true;
    const exchange = await this.attempt(() => post(`${this.reader.path}/verify`, { code }));
    this.button.disabled = false;
    this.answered.show(exchange);
  }
}

customElements.define("tla-verify", Verify);
