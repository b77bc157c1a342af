// <tla-practice-files>: lots, files, sending and answers: all at a glance, one file, or what was rejected.

import { h, put } from "../markup.js";
import { say } from "../words.js";
import { address } from "./address.js";
import "./file_look.js";
import "./files_overview.js";
import "./rejected.js";
import { View } from "./view.js";

const IDENTITY = /^[0-9a-f]{16}$/;

class Files extends View {
  draw() {
    this.content = h("div", {});
    this.back = h("p", { class: "files-back" },
      h("a", { class: "button button-small", href: address("files") }, h("span", { "aria-hidden": "true" }, "← "), say("All files")));
    put(this, this.back, this.content);
  }

  shown() {
    const [named = ""] = this.parts;
    const one = IDENTITY.test(named);
    const tag = one ? "tla-file-look" : named === "rejected" ? "tla-rejected" : "tla-files-overview";
    this.back.hidden = tag === "tla-files-overview";
    const made = document.createElement(tag);
    Object.assign(made, { practice: this.practice, bench: this.bench, identity: one ? named : null });
    put(this.content, made);
  }
}

customElements.define("tla-practice-files", Files);
