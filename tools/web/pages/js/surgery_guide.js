// What to do next, in one sentence above all else; on a narrow window also above the reader.

import { freshId, h, put, set } from "./markup.js";
import { workTold } from "./work_words.js";
import { say } from "./words.js";

/** The guide of a reader. `act` is called with the act that a person chose: {kind, reader}. */
export class Guide {
  constructor(reader, act) {
    this.reader = reader;
    this.offered = null;
    this.textId = freshId("next");
    this.label = h("span", { class: "surgery-next-label" });
    this.text = h("p", { class: "surgery-next-told" });
    this.button = h("button", { type: "button", class: "button", hidden: true, onclick: () => act(this.offered) });
    this.bar = h("progress", { class: "surgery-bar", "aria-label": say("Progress"), hidden: true });
    this.element = h("div", { class: "surgery-next", tabindex: "-1" },
      h("div", { role: "status", class: "surgery-next-text", id: this.textId }, this.label, this.text),
      this.button, this.bar);
  }

  /** The sentence that is shown. */
  get told() {
    return this.text.textContent;
  }

  /** Show the next step, or the work under way if there is any. */
  show(step, work) {
    const label = work === null ? say("Next") : say("Under way");
    const told = work === null ? step.told : workTold(work);
    if (this.told !== String(told)) {
      put(this.label, label);
      put(this.text, told);
      this.reader.showGuide({ label, told, go: () => this.go() });
    }
    this.bar.hidden = work === null || work.stage === "code";
    set(this.bar, "max", work?.total || null);
    set(this.bar, "value", work?.total ? work.done : null);
    set(this.element, "data-stage", work?.stage ?? step.at);
    this.offer(work === null ? step.act ?? null : null);
  }

  offer(act) {
    this.button.hidden = act === null;
    if (act !== null && (act.kind !== this.offered?.kind || act.reader !== this.offered?.reader)) {
      this.offered = act;
      put(this.button, {
        power: say("Switch on"), plug: say("Plug the cable in"), unplug: say("Unplug the cable"),
        show: say("Show {reader}", { reader: act.reader }),
      }[act.kind]);
    }
  }

  go() {
    this.element.scrollIntoView();
    this.element.focus({ preventScroll: true });
  }
}
