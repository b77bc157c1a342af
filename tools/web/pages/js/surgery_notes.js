// What was done with a reader, line by line, and what stayed where it is. The lines outlive the panel.

import { h, put } from "./markup.js";
import { logLoad, logSign, logTransmit, logUnload } from "./surgery_log.js";
import { staysTable } from "./surgery_tables.js";
import { say } from "./words.js";

const MOST = 100;
const KEPT = new WeakMap();
const LINES = { load: logLoad, unload: logUnload, sign: logSign, transmit: logTransmit };

export class Notes {
  constructor(reader) {
    this.reader = reader;
    this.list = h("ol", { class: "surgery-log", role: "log", "aria-label": say("What was done"), tabindex: "0" });
    this.box = h("section", { hidden: true }, h("h3", {}, say("What was done")), this.list);
    this.stays = h("section", { class: "surgery-stays", hidden: true });
    this.add(KEPT.get(reader) ?? []);
  }

  /** Note what was done, from its answer. */
  note(action, done) {
    const lines = LINES[action](done);
    KEPT.set(this.reader, [...(KEPT.get(this.reader) ?? []), ...lines].slice(-MOST));
    this.add(lines);
    const shown = staysTable(action, done);
    this.stays.hidden = shown === null;
    put(this.stays, shown);
  }

  add(lines) {
    this.box.hidden = lines.length === 0 && this.box.hidden;
    this.list.append(...lines.map((line) => h("li", {}, line)));
    while (this.list.children.length > MOST) {
      this.list.firstElementChild.remove();
    }
    this.list.scrollTop = this.list.scrollHeight;
  }
}
