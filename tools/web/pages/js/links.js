// <tla-links>: the ways by which other programs reach the reader, with their addresses to copy.

import { del, post } from "./api.js";
import { h, put } from "./markup.js";
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
    this.kind = h("select", { class: "select", onchange: () => this.explain() }, KINDS.map(({ kind, name }) => h("option", { value: kind }, name())));
    this.address = h("input", { class: "input mono", required: true, autocomplete: "off", spellcheck: "false" });
    this.label = h("span", {});
    this.about = h("p", { class: "quiet" });
    this.unplugged = h("p", { class: "quiet" }, say("The cable is unplugged: the reader answers on its links once it is plugged in."));
    put(this,
      h("h3", { class: "part-title" }, say("Links")),
      h("p", { class: "quiet" }, say("A link is a way for other programs to reach this reader as they reach a real one: through a serial port, a socket or PC/SC.")),
      this.list,
      this.unplugged,
      h("form", { class: "boxed link-form", onsubmit: (event) => {
        event.preventDefault();
        this.open();
      } },
      h("div", { class: "row" },
        h("label", { class: "field" }, h("span", {}, say("Kind of link")), this.kind),
        h("label", { class: "field link-address" }, this.label, this.address),
        h("button", { type: "submit", class: "button button-primary" }, say("Open a link"))),
      this.about),
      h("div", { "data-notice": "" }));
    this.listen(this.reader, "reader", () => this.show());
    this.explain();
    this.show();
  }

  explain() {
    const { about, address, label } = KINDS[this.kind.selectedIndex];
    put(this.about, about());
    put(this.label, label());
    this.address.value = address(this.reader.name);
  }

  show() {
    const links = this.reader.now.links ?? [];
    this.unplugged.hidden = links.length === 0 || this.reader.now.plugged;
    const told = JSON.stringify(links);
    if (told !== this.shown) {
      this.shown = told;
      put(this.list, links.length === 0 ? h("li", { class: "quiet" }, say("No link is open: this reader is reached over HTTP alone.")) : links.map((link) => this.item(link)));
    }
  }

  item(link) {
    const copied = h("span", { class: "quiet", role: "status" });
    const copy = () => this.attempt(async () => {
      await navigator.clipboard.writeText(link.url);
      put(copied, say("Copied"));
    });
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
