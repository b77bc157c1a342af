// One kind of supporting document in the dialog: how it travels, what is attached, and a place for more.

import { day, euros, fileSize } from "../amounts.js";
import { del } from "../api.js";
import { confirm } from "../dialog.js";
import { freshId, h, put } from "../markup.js";
import { all, say, sayMany } from "../words.js";
import { attachFile } from "./attach.js";
import { choice, choices } from "./choice.js";
import { dropZone } from "./drop.js";
import { tellWord } from "./last_word.js";
import { showPages } from "./page_view.js";
import { TRAVEL_LOOKS, square } from "./square.js";

/** The files that people look for; what is taken is decided by their content. */
export const DOCUMENTS = ".pdf,.jpg,.jpeg,.png";

/** Return how something travels, in words. */
export function travelWords(travel) {
  return { digital: say("travels in digital form"), paper: say("to be sent on paper"), none: say("not needed") }[travel];
}

function attachedTold({ piece: { name }, attached: { length } }) {
  if (length === 0) {
    return say("{name} was attached already.", { name });
  }
  return length === 1 ? say("{name} is attached.", { name })
    : sayMany(length, "{name} is attached to {count} invoice.", "{name} is attached to {count} invoices.", { name });
}

/** The part of a dialog of pieces about one role. `section` is its element, `after` what comes at its end. */
export class PieceRole {
  constructor(pieces, role) {
    Object.assign(this, { pieces, role });
    const title = freshId("role");
    const [name, label] = {
      prescription: [say("The prescription"), say("Attach the prescription…")],
      "care-sheet": [say("Care sheet"), say("Attach the signed care sheet…")],
      other: [say("Other documents"), say("Attach another document…")],
    }[role];
    this.travel = h("span", { class: "pieces-travel" });
    this.list = h("ul", { class: "plain-list" });
    this.zone = dropZone({ label, hint: say("PDF, JPEG or PNG; or drop it here"), accept: DOCUMENTS, multiple: true, take: (files) => this.attach(files) });
    this.told = h("p", { class: "quiet", role: "status" });
    this.others = h("div", { class: "pieces-others" });
    this.also = new Set();
    this.after = h("div", { class: "pieces-after" });
    this.section = h("section", { class: "pieces-part", "aria-labelledby": title },
      h("div", { class: "row" }, h("h3", { class: "part-title", id: title }, name), this.travel),
      this.list, this.others, this.zone, this.told, this.after);
  }

  /** Begin with this one. */
  begin() {
    this.section.scrollIntoView({ block: "nearest" });
    (this.zone.hidden ? this.list.querySelector("button") : this.zone.querySelector("button"))?.focus();
  }

  show(now) {
    const travel = { prescription: now.prescription, "care-sheet": now.sheet }[this.role];
    put(this.travel, travel === undefined ? null : [square(TRAVEL_LOOKS[travel], travelWords(travel)), " ", h("span", { "aria-hidden": "true" }, travelWords(travel))]);
    this.zone.hidden = now.closed !== "" || (this.role === "care-sheet" && now.no_sheet !== "");
    const pieces = now.pieces.filter((each) => each.role === this.role);
    const kept = new Map([...this.list.children].map((each) => [each.dataset.piece, each]));
    put(this.list, pieces.map((piece) => {
      const key = `${piece.digest} ${now.closed}`;
      return kept.get(key) ?? this.item(piece, key, now.closed === "");
    }));
    this.list.hidden = pieces.length === 0;
    this.showOthers(this.role === "prescription" && now.closed === "" ? now.same_prescription : []);
  }

  /** Offer the invoices that what is attached here belongs to as well. */
  showOthers(others) {
    const focused = this.others.contains(document.activeElement) ? document.activeElement.dataset.choice : undefined;
    const names = others.map(({ owner, number }) => `${owner}:${number}`);
    this.also = new Set(names.filter((name) => this.also.has(name)));
    put(this.others, others.length === 0 ? null : choices(say("Attach it to these invoices of the same prescription, too"), others.map((each, at) => choice({
      name: names[at], chosen: this.also.has(names[at]), change: (wanted) => wanted ? this.also.add(names[at]) : this.also.delete(names[at]),
      label: [h("strong", {}, each.number), " ", h("span", {}, `${day(each.date)} · ${each.owner_name} · ${euros(each.total)}`)],
    }))));
    if (focused !== undefined) {
      this.others.querySelector(`[data-choice="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  item(piece, key, open) {
    const { digest, name, pages, size, left_out: leftOut, original } = piece;
    const title = freshId("piece");
    const button = (label, act, look = "") => h("button", { type: "button", class: `button button-small ${look}`, "aria-describedby": title, onclick: act }, label);
    const picture = h("img", { class: "pieces-thumb", src: `/v1/practice/pieces/${digest}/pages/1.png`, alt: "", loading: "lazy", onerror: () => picture.remove() });
    return h("li", { class: "listed pieces-piece", "data-piece": key }, picture,
      h("div", { class: "listed-words" },
        h("div", { id: title, class: "pieces-name" }, name),
        h("div", { class: "quiet" }, sayMany(pages, "{count} page", "{count} pages"), " · ", h("span", {}, fileSize(size))),
        leftOut.length === 0 ? null : h("div", { class: "quiet" },
          sayMany(leftOut.length, "Left out as empty: page {pages}", "Left out as empty: pages {pages}", { pages: all(leftOut) }), " ",
          h("a", { href: `/v1/practice/pieces/${original}`, download: "" }, say("The document as it came")))),
      h("div", { class: "row" },
        button(say("Show its pages"), () => this.open(piece)),
        h("a", { class: "button button-small", href: `/v1/practice/pieces/${digest}`, download: "", "aria-describedby": title }, say("Open")),
        open ? button(say("Detach…"), () => this.detach(piece)) : null));
  }

  open({ digest, name, pages }) {
    showPages({ title: name, pages, path: (page) => `/v1/practice/pieces/${digest}/pages/${page}.png` });
  }

  async attach(files) {
    const { pieces, role } = this;
    const { owner, number } = pieces;
    for (const file of files) {
      tellWord(this.told, say("Checking {name}…", { name: file.name }));
      const done = await pieces.attempt(() => attachFile(pieces.practice, { owner, number, role, also: [...this.also] }, file));
      put(this.told, done === null ? null : attachedTold(done));
      if (done === null) {
        break;
      }
      await pieces.refresh();
    }
  }

  async detach({ digest, name }) {
    const { pieces } = this;
    const wanted = await confirm({
      title: say("Detach {name}?", { name }), text: say("It stays kept with the practice's documents, and no longer travels with this invoice."), act: say("Detach"),
    });
    const told = wanted ? await pieces.attempt(() => del(`/v1/practice/pieces/${digest}?invoice=${pieces.invoice}`)) : null;
    if (told !== null) {
      pieces.show(told);
      tellWord(this.told, say("{name} is detached.", { name }));
      this.begin();
    }
  }
}
