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
        h("button", { type: "button", class: "button button-small", onclick: () => partialMode.switch(false) }, say("End it"))]
      : null);
  }
}

customElements.define("tla-partial-banner", PartialBanner);
