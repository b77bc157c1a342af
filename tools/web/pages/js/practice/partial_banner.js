// <tla-partial-banner>: says that the partially secured mode is on, and ends it.

import { h, put } from "../markup.js";
import { Part } from "../part.js";
import { say } from "../words.js";
import { partialMode } from "./partial_mode.js";

class PartialBanner extends Part {
  draw() {
    this.classList.add("partial-banner");
    this.setAttribute("role", "status");
    this.listen(partialMode, "change", () => this.show());
    this.show();
  }

  show() {
    this.hidden = !partialMode.on;
    put(this, partialMode.on
      ? [h("p", {}, h("strong", {}, say("Partially secured mode")), " ", say("With a CPE or another professional's CPS, an invoice then waits for its owner's final signature.")),
        h("button", { type: "button", class: "button button-small", onclick: () => this.end() }, say("End it"))]
      : null);
  }

  /** The focus goes to the whole view, where the keys of the page and the arrows lead on. */
  end() {
    partialMode.switch(false);
    this.closest("main").focus({ preventScroll: true });
  }
}

customElements.define("tla-partial-banner", PartialBanner);
