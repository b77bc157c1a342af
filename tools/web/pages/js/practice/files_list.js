// <tla-files-list>: the files to send, or those sent, a part at a time, each with what can be done with it.

import { minute } from "../amounts.js";
import { get } from "../api.js";
import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, sayMany, spoken } from "../words.js";
import { address } from "./address.js";
import { holds, stateBadge } from "./files_card.js";
import { sendFiles } from "./send_dialog.js";
import { settleFile } from "./settle_dialog.js";

const AT_ONCE = 25;
const MOST = 500;

class FilesList extends Part {
  practice = null;
  list = "5";
  limit = AT_ONCE;
  files = [];

  draw() {
    this.rows = h("ul", { class: "plain-list" });
    this.foot = h("div", { class: "row files-foot" });
    this.done = h("div", { class: "files-done", role: "status" });
    put(this, this.done, this.rows, this.foot, h("div", { "data-notice": "" }));
    this.listen(this.practice, "changed", () => this.load());
    this.listen(this.practice, "home", () => this.showRows());
    this.listen(spoken, "language", () => this.showRows());
    this.load();
  }

  async load() {
    const asked = (this.asked = (this.asked ?? 0) + 1);
    const newest = this.list === "sent";
    const told = await this.read(() => get(`/v1/practice/lists/${this.list}?sort=date&descending=${newest}&limit=${this.limit}`));
    if (told !== null && this.isConnected && asked === this.asked) {
      this.files = told.files;
      this.count = told.count;
      this.showRows();
    }
  }

  showRows() {
    if (this.count === undefined) {
      return;
    }
    const { file, act } = this.contains(document.activeElement) ? document.activeElement.dataset : {};
    const underWay = new Set((this.practice.home?.work ?? []).map((each) => each.file));
    put(this.rows, this.files.map((each) => this.row(each, underWay.has(each.identity))));
    const waiting = this.files.filter((each) => each.state === "to-send" && !underWay.has(each.identity));
    put(this.foot,
      this.count === 0 ? h("p", { class: "quiet" }, this.list === "5" ? say("No file waits to be sent.") : say("No file was sent yet.")) : null,
      waiting.length > 1 ? this.act("", "all", say("Send all {count}…", { count: waiting.length }), () => sendFiles(this.practice, waiting, this.done)) : null,
      this.count > this.files.length && this.limit < MOST ? this.act("", "more", say("Show more"), () => this.more()) : null,
      this.count > this.files.length ? h("span", { class: "quiet" }, sayMany(this.count, "{shown} of {count:,} file", "{shown} of {count:,} files", { shown: this.files.length })) : null);
    if (act !== undefined) {
      (this.querySelector(`[data-file="${CSS.escape(file)}"][data-act="${CSS.escape(act)}"]`) ?? this.querySelector("a, button"))?.focus();
    }
  }

  more() {
    this.limit = Math.min(MOST, this.limit * 4);
    this.load();
  }

  row(file, underWay) {
    const { identity, state } = file;
    return h("li", { class: "listed files-row" },
      h("div", { class: "listed-words" },
        h("p", {}, h("a", { class: "mono files-identity", href: address("files", identity), "data-file": identity, "data-act": "look" }, identity), " ", stateBadge(file, underWay)),
        h("p", {}, file.recipient, " · ", holds(file)),
        h("p", { class: "quiet" }, this.list === "5" ? say("made {when}", { when: minute(file.made_at) }) : [say("Sent on {when}", { when: minute(file.sent_at) }), " · ", file.way_word])),
      underWay ? null : state === "to-send" ? this.act(identity, "send", say("Send…"), () => sendFiles(this.practice, [file], this.done), file) : null,
      !underWay && state === "sending" ? this.act(identity, "settle", say("Settle…"), () => settleFile(this.practice, file, this.done), file) : null);
  }

  act(file, name, label, act, about = null) {
    return h("button", {
      type: "button", class: name === "more" ? "button button-small" : "button", "data-file": file, "data-act": name, onclick: act,
      "aria-label": about === null ? null : say("{act} {file}", { act: label, file }),
    }, label);
  }
}

customElements.define("tla-files-list", FilesList);
