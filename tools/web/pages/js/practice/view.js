// What every view of the practice is made from.

import { Part } from "../part.js";

/**
 * A view. `practice` is the PracticeState, `parts` what the address says behind the view's name. `draw` builds
 * it; `shown` is called then, and whenever the parts have changed.
 */
export class View extends Part {
  practice = null;
  parts = [];

  connectedCallback() {
    super.connectedCallback();
    this.classList.add("view");
    this.shown();
  }

  /** Show what `parts` say. */
  shown() {}
}
