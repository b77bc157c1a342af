// What every element of the page is made from.

import { Problem } from "./api.js";
import { h, put } from "./markup.js";
import { say } from "./words.js";

/** An element in the light DOM. `reader` (and `bench`) are given before it is connected; `draw` builds it. */
export class Part extends HTMLElement {
  reader = null;
  bench = null;
  unanswered = false;
  unread = false;

  connectedCallback() {
    this.gone = new AbortController();
    this.draw();
    if (this.bench !== null) {
      this.listen(this.bench, "connection", () => this.takeBackUnanswered());
    }
  }

  disconnectedCallback() {
    this.gone.abort();
  }

  /** Build what the element shows. */
  draw() {}

  /** Listen to a target until this element is removed. */
  listen(target, kind, take) {
    target.addEventListener(kind, take, { signal: this.gone.signal });
  }

  /** Do something that the bench may refuse; show the refusal in place. Returns what `act` returned, or null. */
  async attempt(act) {
    try {
      const done = await act();
      this.refused(null);
      return done ?? null;
    } catch (error) {
      this.failed(error);
      return null;
    }
  }

  /** Ask for what is shown. That this went well takes back no refusal of what somebody ordered. */
  async read(ask) {
    try {
      const told = await ask();
      if (this.unread) {
        this.refused(null);
      }
      return told ?? null;
    } catch (error) {
      this.failed(error);
      this.unread = true;
      return null;
    }
  }

  failed(error) {
    if (error.name === "AbortError") {
      return;
    }
    if (!(error instanceof Problem)) {
      console.error(error);
    }
    this.refused(error instanceof Problem ? error : new Problem(say("The page failed: {error}", { error }), say("Load the page again")));
  }

  /** Show a problem in this element's notice, or take it away. */
  refused(problem) {
    this.unread = false;
    let notice = this.querySelector(":scope > .notice, :scope > * > .notice");
    if (notice === null) {
      if (problem === null) {
        return;
      }
      notice = h("div", { class: "notice", role: "alert" });
      (this.querySelector(":scope > [data-notice]") ?? this).append(notice);
    }
    this.unanswered = problem !== null && problem.status === 0;
    notice.hidden = problem === null;
    put(notice, ...(problem === null ? [] : [this.worded(problem, notice)]));
  }

  /** That the bench does not answer is no longer so once it is connected again. */
  takeBackUnanswered() {
    if (this.unanswered && this.bench.connection === "open") {
      this.refused(null);
    }
  }

  worded(problem, notice) {
    return [
      h("p", { class: "notice-message" }, problem.told),
      problem.action ? h("p", { class: "notice-action" }, problem.action) : null,
      h("button", { type: "button", class: "notice-close", "aria-label": say("Close this message"), onclick: () => {
        notice.hidden = true;
        put(notice);
      } }, "×"),
    ];
  }
}

/** Return a part of a kind, with its reader. */
export function part(tag, { reader = null, bench = null, ...attributes } = {}) {
  const made = h(tag, attributes);
  made.reader = reader;
  made.bench = bench;
  return made;
}
