// The pages of a document as pictures, one after the other.

import { Problem, blob } from "../api.js";
import { openDialog } from "../dialog.js";
import { h, put, set } from "../markup.js";
import { say } from "../words.js";

const STEPS = { ArrowLeft: -1, PageUp: -1, ArrowRight: 1, PageDown: 1, Home: -Infinity, End: Infinity };

/** Show pages in a dialog: `pages` of them, each a picture at `path(page)`, counted from 1. Returns the dialog. */
export function showPages({ title, pages, path }) {
  return new PageView({ title, pages, path }).dialog;
}

class PageView {
  page = 0;
  whole = true;
  source = null;

  constructor({ title, pages, path }) {
    Object.assign(this, { title, pages, path });
    const step = (by, label, sign) => h("button", { type: "button", class: "button button-small button-icon", "aria-label": label, onclick: () => this.turn(by) }, sign);
    this.back = step(-1, say("Previous page"), "‹");
    this.next = step(1, say("Next page"), "›");
    this.where = h("span", { role: "status", class: "pages-where" });
    this.fit = h("button", { type: "button", class: "button button-small", onclick: () => this.zoom(!this.whole) }, say("Whole page"));
    this.picture = h("img", { class: "pages-picture" });
    this.notice = h("div", { role: "alert" });
    this.scroller = h("div", { class: "pages-scroller", tabindex: "0", role: "group", "aria-label": say("The page"), onkeydown: (event) => this.key(event) }, this.notice, this.picture);
    this.dialog = openDialog(title, () => [
      h("div", { class: "row pages-bar" }, pages > 1 ? [this.back, this.where, this.next] : null, this.fit), this.scroller], { closable: true });
    this.dialog.classList.add("pages-dialog");
    this.dialog.addEventListener("close", () => this.forget());
    this.zoom(true);
    this.turn(1);
    this.scroller.focus();
  }

  key(event) {
    const by = STEPS[event.key];
    // Arrows move a page that is larger than its window, unless it is shown whole.
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey || (!this.whole && event.key.startsWith("Arrow"))) {
      return;
    }
    event.preventDefault();
    this.turn(by);
  }

  zoom(whole) {
    this.whole = whole;
    set(this.fit, "aria-pressed", String(whole));
    this.scroller.classList.toggle("pages-whole", whole);
  }

  async turn(by) {
    const page = Math.min(Math.max(this.page + by, 1), this.pages);
    if (page === this.page) {
      return;
    }
    this.page = page;
    set(this.back, "aria-disabled", page === 1 ? "true" : null);
    set(this.next, "aria-disabled", page === this.pages ? "true" : null);
    put(this.where, say("Page {page} of {pages}", { page, pages: this.pages }));
    set(this.picture, "alt", say("Page {page} of {name}", { page, name: this.title }));
    set(this.scroller, "aria-busy", "true");
    let source = null;
    let problem = null;
    try {
      source = URL.createObjectURL(await blob(this.path(page)));
    } catch (error) {
      problem = error instanceof Problem ? error : new Problem(say("The page failed: {error}", { error }), say("Load the page again"));
    }
    if (page === this.page && this.dialog.open) {
      this.show(source, problem);
    } else if (source !== null) {
      URL.revokeObjectURL(source);
    }
  }

  show(source, problem) {
    this.forget();
    this.source = source;
    set(this.scroller, "aria-busy", null);
    this.picture.hidden = source === null;
    set(this.picture, "src", source);
    put(this.notice, problem === null ? null : h("div", { class: "notice" },
      h("p", { class: "notice-message" }, problem.told), problem.action ? h("p", {}, problem.action) : null));
    this.scroller.scrollTop = 0;
  }

  forget() {
    if (this.source !== null) {
      URL.revokeObjectURL(this.source);
      this.source = null;
    }
  }
}
