// <tla-apdu>: send one command to the reader's software or to a card, as a program at the cable would.

import "./answered.js";
import { post } from "./api.js";
import { h, put } from "./markup.js";
import { Part, part } from "./part.js";
import { say } from "./words.js";

const DEVICES = [
  ["log_sv", () => say("the reader (Log_SV)")],
  ["ps", () => say("the PS card")],
  ["vitale", () => say("the Vitale card")],
];
const KNOWN = [["8010000000", "identify"], ["8012000000", "read configuration"], ["8014000000", "read clock"], ["8018000000", "diagnostics"], ["00A4000000", "SELECT"]];

class Apdu extends Part {
  draw() {
    const known = h("datalist", { id: `${this.reader.name}-commands` }, KNOWN.map(([hex, name]) => h("option", { value: hex }, name)));
    this.device = h("select", { class: "select", "aria-label": say("To") }, DEVICES.map(([name, told]) => h("option", { value: name }, told())));
    this.command = h("input", {
      class: "input input-wide mono", required: true, list: known.id, autocomplete: "off", spellcheck: "false", maxlength: 131_200,
      "aria-label": say("Command APDU, in hexadecimal"), placeholder: "80 10 00 00 00",
    });
    this.button = h("button", { type: "submit", class: "button button-primary" }, say("Send"));
    this.answered = part("tla-answered", { reader: this.reader });
    put(this, h("details", { class: "folded" },
      h("summary", {}, say("Send a command…")),
      h("form", { class: "row", onsubmit: (event) => {
        event.preventDefault();
        this.send();
      } }, this.device, this.command, known, this.button),
      this.answered),
    h("div", { "data-notice": "" }));
  }

  async send() {
    this.answered.show(null);
    this.button.disabled = true;
    const command = this.command.value.replace(/[\s:]+/g, "");
    const exchange = await this.attempt(() => post(`${this.reader.path}/apdu`, { device: this.device.value, command }));
    this.button.disabled = false;
    this.answered.show(exchange);
  }
}

customElements.define("tla-apdu", Apdu);
