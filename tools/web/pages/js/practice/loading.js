// <tla-practice-loading>: loading the reader before the round, and unloading it afterwards.

import { h, put } from "../markup.js";
import { part } from "../part.js";
import "./loading_in.js";
import "./loading_out.js";
import { View } from "./view.js";

class Loading extends View {
  draw() {
    put(this, h("div", { class: "loading-parts" }, ["tla-loading-in", "tla-loading-out"].map((tag) => {
      const made = part(tag, { bench: this.bench, class: "home-card loading-part" });
      made.practice = this.practice;
      return made;
    })));
  }
}

customElements.define("tla-practice-loading", Loading);
