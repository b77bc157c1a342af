// <tla-links>: the ways by which other programs reach the reader, with their addresses to copy.

import { del, post } from "./api.js";
import { h, put } from "./markup.js";
import { Part } from "./part.js";
import { say } from "./words.js";

const KINDS = [
  ["tcp:0", () => say("TCP, a port of this machine"), () => say("For programs that speak the reader's serial protocol over a socket.")],
  ["pty:", () => say("Serial line (pty)"), () => say("For practice software that opens a serial port.")],
  ["ccid:", () => say("PC/SC (serial CCID)"), () => say("For programs that reach cards by PC/SC: pcscd opens this line.")],
];

class Links extends Part {
  draw() {
    this.list = h("ul", { class: "links", "aria-label": say("Open links") });
    this.kind = h("select", { class: "select", "aria-label": say("Kind of link"), onchange: () => this.explain() },
      KINDS.map(([link, name]) => h("option", { value: link }, name())));
    this.about = h("p", { class: "quiet" });
    put(this,
      h("h3", { class: "part-title" }, say("Links")),
      this.list,
      h("div", { class: "row" }, this.kind, h("button", { type: "button", class: "button button-primary", onclick: () => this.open() }, say("Open a link"))),
      this.about);
    this.listen(this.reader, "reader", () => this.show());
    this.explain();
    this.show();
  }

  explain() {
    put(this.about, KINDS[this.kind.selectedIndex][2]());
  }

  show() {
    const links = this.reader.now.links ?? [];
    const told = JSON.stringify(links);
    if (told !== this.shown) {
      this.shown = told;
      put(this.list, links.length === 0 ? h("li", { class: "quiet" }, say("No link is open: programs reach the reader by HTTP only.")) : links.map((link) => this.item(link)));
    }
  }

  item(link) {
    const copied = h("span", { class: "quiet", role: "status" });
    const copy = async () => {
      await navigator.clipboard.writeText(link.url);
      put(copied, say("Copied"));
    };
    return h("li", { class: "link" },
      h("span", { class: "badge" }, link.link.split(":")[0]),
      h("code", { class: "link-url" }, link.url),
      h("button", { type: "button", class: "button button-small", "aria-label": say("Copy {url}", { url: link.url }), onclick: copy }, say("Copy")),
      h("button", { type: "button", class: "button button-small", "aria-label": say("Close {url}", { url: link.url }), onclick: () => this.close(link) }, say("Close")),
      copied);
  }

  open() {
    return this.attempt(async () => {
      await post(`${this.reader.path}/links`, { link: this.kind.value });
      await this.reader.load();
    });
  }

  close(link) {
    return this.attempt(async () => {
      await del(`${this.reader.path}/links/${encodeURIComponent(link.id)}`);
      await this.reader.load();
    });
  }
}

customElements.define("tla-links", Links);
