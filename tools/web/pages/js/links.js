// <tla-links>: the ways by which other programs reach the reader, with their addresses to copy.

import { del, post } from "./api.js";
import { h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { say } from "./words.js";

// The kinds of link: what a person calls them, for whom they are, and an address to begin with.
const KINDS = [
  { kind: "tcp", name: () => say("TCP"), about: () => say("For programs that speak the reader's serial protocol over a socket. Port 0 takes a free one."), address: () => "0", label: () => say("Port, or address:port") },
  { kind: "pty", name: () => say("Serial line (pty)"), about: () => say("For practice software that opens a serial port: the file becomes the port."), address: (name) => `/tmp/tla-${name}`, label: () => say("File") },
  { kind: "ccid", name: () => say("PC/SC, serial CCID"), about: () => say("For programs that reach the cards by PC/SC: a pcscd opens this line."), address: (name) => `/tmp/tla-${name}-ccid`, label: () => say("File") },
  { kind: "vpcd", name: () => say("PC/SC, vpcd"), about: () => say("For programs that reach the cards by PC/SC, through the vpcd driver of a running pcscd."), address: () => "127.0.0.1:35963", label: () => say("Address and port of vpcd") },
];

class Links extends Part {
  draw() {
    this.list = h("ul", { class: "links", "aria-label": say("Open links") });
    this.kind = h("select", { class: "select", "aria-label": say("Kind of link"), onchange: () => this.explain() },
      KINDS.map(({ kind, name }) => h("option", { value: kind }, name())));
    this.address = h("input", { class: "input input-wide mono", required: true, autocomplete: "off", spellcheck: "false" });
    this.about = h("p", { class: "quiet" });
    put(this,
      h("h3", { class: "part-title" }, say("Links")),
      this.list,
      h("form", { class: "row", onsubmit: (event) => {
        event.preventDefault();
        this.open();
      } }, this.kind, this.address, h("button", { type: "submit", class: "button button-primary" }, say("Open a link"))),
      this.about);
    this.listen(this.reader, "reader", () => this.show());
    this.explain();
    this.show();
  }

  explain() {
    const { about, address, label } = KINDS[this.kind.selectedIndex];
    put(this.about, about());
    set(this.address, "aria-label", label());
    this.address.value = address(this.reader.name);
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
      await post(`${this.reader.path}/links`, { link: `${this.kind.value}:${this.address.value.trim()}` });
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
