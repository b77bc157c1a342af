// <tla-session>: what was done so far, as a text to paste: visit script, HTTP calls, or a pytest test.

import { text } from "./api.js";
import { freshId, h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { keep, kept, say } from "./words.js";

const KEPT = "session-as";
const SETTLED_MS = 600;
const WRITTEN = {
  visit: { name: () => say("Visit script"), hint: () => say("Play it with the command in its first lines; TLA_CODE is the code porteur."), file: "session.visit" },
  http: { name: () => say("HTTP calls"), hint: () => say("Paste it into a shell; any language can make the same calls."), file: "session.sh" },
  pytest: { name: () => say("pytest test"), hint: () => say("A test of your own suite; the fixtures come with the package."), file: "test_session.py" },
};

class SessionOnPage extends Part {
  draw() {
    const last = kept(KEPT);
    this.as = last in WRITTEN ? last : "visit";
    const id = freshId("session");
    const choice = (as) => h("label", { class: "session-choice" },
      h("input", { type: "radio", name: id, value: as, checked: as === this.as, onchange: () => this.choose(as) }), h("span", {}, WRITTEN[as].name()));
    this.hint = h("p", { class: "quiet" });
    this.code = h("pre", { class: "session-code", tabindex: "0", role: "region", "aria-label": say("The session as text") });
    this.copyButton = h("button", { type: "button", class: "button button-primary", onclick: () => this.copy() }, say("Copy"));
    put(this,
      h("h3", { class: "part-title" }, say("Session so far")),
      h("fieldset", { class: "session-choices" }, h("legend", { class: "visually-hidden" }, say("Written as")), Object.keys(WRITTEN).map(choice)),
      this.hint,
      h("div", { class: "row" }, this.copyButton,
        h("button", { type: "button", class: "button", onclick: () => this.download() }, say("Download")),
        (this.start = h("span", {})),
        (this.copied = h("span", { class: "quiet", role: "status" }))),
      h("div", { "data-notice": "" }),
      this.code,
      h("p", { class: "quiet" }, say("Codes porteur are never in it: places to fill in stand for them.")));
    for (const kind of ["screen", "exchange", "reader", "fault", "rewound", "reload"]) {
      this.listen(this.reader, kind, () => this.loadSoon());
    }
    this.choose(this.as);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.waiting);
  }

  choose(as) {
    this.as = as;
    keep(KEPT, as);
    put(this.hint, WRITTEN[as].hint());
    put(this.copied);
    return this.load();
  }

  /** Load once what happens has settled: a session is looked at, not watched. */
  loadSoon() {
    this.waiting ??= setTimeout(() => {
      this.waiting = null;
      this.load();
    }, SETTLED_MS);
  }

  async load() {
    const { as } = this;
    const told = await this.read(() => text(`${this.reader.path}/session?as=${as}`));
    if (told !== null && as === this.as && this.code.textContent !== told) {
      const { scrollTop } = this.code;
      put(this.code, told);
      this.code.scrollTop = scrollTop;
      const file = `${this.reader.name}-start.snapshot`;
      put(this.start, told.includes(file) ? h("a", { class: "button", href: `${this.reader.path}/session/start`, download: file }, say("Download its start")) : null);
    }
    set(this.copyButton, "disabled", this.code.textContent === "");
  }

  copy() {
    return this.attempt(async () => {
      await navigator.clipboard.writeText(this.code.textContent);
      put(this.copied, say("Copied."));
      setTimeout(() => put(this.copied), 3000);
    });
  }

  download() {
    const url = URL.createObjectURL(new Blob([this.code.textContent], { type: "text/plain" }));
    h("a", { href: url, download: WRITTEN[this.as].file }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}

customElements.define("tla-session", SessionOnPage);
