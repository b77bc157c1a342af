// <tla-switches>: what a person does to the reader's case: power, cable, battery, and opening it.

import { post, put as send } from "./api.js";
import { confirm } from "./dialog.js";
import { h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { say } from "./words.js";

class Switches extends Part {
  draw() {
    this.power = this.lever(say("Power"), () => this.change("power", { on: !this.reader.now.on }));
    this.cable = this.lever(say("Cable"), () => this.change("cable", { plugged: !this.reader.now.plugged }));
    this.level = h("input", {
      type: "range", min: 0, max: 100, step: 1, class: "range", "aria-label": say("Battery"),
      oninput: () => this.showLevel(),
      onchange: () => this.change("battery", { percent: Number(this.level.value) }),
    });
    this.percent = h("output", { class: "switch-state" });
    this.case = h("div", { class: "switch-row" });
    put(this,
      h("h3", { class: "part-title" }, say("Power, cable and case")),
      this.power.row, this.cable.row,
      h("label", { class: "switch-row" }, h("span", { class: "switch-name" }, say("Battery")), this.level, this.percent),
      this.case);
    this.listen(this.reader, "reader", () => this.show());
    this.listen(this.reader, "screen", () => this.show());
    this.show();
  }

  lever(name, flip) {
    const state = h("span", { class: "switch-state", "aria-hidden": "true" });
    const button = h("button", { type: "button", role: "switch", class: "switch", "aria-label": name, onclick: flip }, h("span", { class: "switch-knob" }));
    return { row: h("div", { class: "switch-row" }, h("span", { class: "switch-name", "aria-hidden": "true" }, name), button, state), button, state };
  }

  show() {
    const { plugged, battery, tampered } = this.reader.now;
    const { on } = this.reader.screen;
    this.turn(this.power, on, on ? say("on") : say("off"));
    this.turn(this.cable, plugged, plugged ? say("plugged in") : say("unplugged"));
    if (document.activeElement !== this.level || this.level.dataset.told !== String(battery)) {
      this.level.value = battery;
      this.level.dataset.told = battery;
    }
    this.showLevel();
    if (this.tampered !== tampered) {
      this.tampered = tampered;
      put(this.case, h("span", { class: "switch-name" }, say("Case")), tampered
        ? h("span", { class: "badge badge-danger" }, "⚠ ", say("opened: the reader takes neither invoices nor updates"))
        : [h("span", { class: "switch-closed" }, say("closed")), h("button", { type: "button", class: "button button-small", onclick: () => this.open() }, say("Open the case…"))]);
    }
  }

  showLevel() {
    const told = say("{percent}%", { percent: this.level.value });
    put(this.percent, told);
    set(this.level, "aria-valuetext", told);
  }

  turn({ button, state }, on, told) {
    set(button, "aria-checked", on ? "true" : "false");
    put(state, told);
  }

  change(what, body) {
    return this.attempt(async () => this.reader.takeReader(await send(`${this.reader.path}/${what}`, body)));
  }

  async open() {
    const sure = await confirm({
      title: say("Open the case?"),
      text: say("The tamper sensor notices, and the reader stays marked as opened. Only a snapshot or the timeline brings back the time before."),
      act: say("Open the case"),
    });
    if (sure) {
      await this.attempt(async () => this.reader.takeReader(await post(`${this.reader.path}/tamper`)));
    }
  }
}

customElements.define("tla-switches", Switches);
