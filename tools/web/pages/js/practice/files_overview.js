// <tla-files-overview>: what is ready for lots, the files to send, the recipients' answers, the files sent.

import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say, sayMany } from "../words.js";
import { address } from "./address.js";
import "./answers_drop.js";
import { takeFiles } from "./drop.js";
import { filesCard } from "./files_card.js";
import "./files_list.js";
import "./files_ready.js";

class Overview extends Part {
  practice = null;

  draw() {
    const answers = this.made("tla-answers-drop");
    this.rejected = h("p", { class: "files-rejected" });
    put(this,
      filesCard(say("Ready to be put into lots"), this.made("tla-files-ready")),
      filesCard(say("Files to send"), this.made("tla-files-list", { list: "5" })),
      filesCard(say("Recipients' answers (ARL)"), answers, this.rejected),
      filesCard(say("Files sent"), this.made("tla-files-list", { list: "sent" })));
    takeFiles(this, (files) => answers.take(files));
    this.listen(this.practice, "home", () => this.showRejected());
    this.showRejected();
  }

  made(tag, more = {}) {
    return Object.assign(document.createElement(tag), { practice: this.practice, bench: this.bench, ...more });
  }

  showRejected() {
    const count = this.practice.home?.rejected.count ?? 0;
    put(this.rejected, count === 0
      ? h("span", { class: "quiet" }, say("Nothing that was rejected waits to be rectified."))
      : h("a", { href: address("files", "rejected") }, sayMany(count, "{count} rejected document to rectify", "{count} rejected documents to rectify")));
  }
}

customElements.define("tla-files-overview", Overview);
