// <tla-lcd>: the reader's character display, dot by dot, and the same as text for whoever does not see it.

import { loadFont, paintScreen, screenSize } from "./dots.js";
import { h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { say } from "./words.js";

const DOT = 6;

class Lcd extends Part {
  draw() {
    this.canvas = h("canvas", { class: "lcd-dots", ...screenSize(DOT), "aria-hidden": "true" });
    this.text = h("div", { class: "visually-hidden lcd-text", role: "status", lang: "fr", "aria-label": say("Screen") });
    put(this, h("div", { class: "lcd-glass" }, this.canvas), this.text);
    this.fitting = new ResizeObserver(() => this.fit());
    this.fitting.observe(this);
    this.listen(this.reader, "screen", () => this.show());
    this.show();
    loadFont().then((font) => {
      this.font = font;
      this.show();
    }, () => {});
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.fitting.disconnect();
  }

  /** Give each dot a whole number of the device's pixels, so that all dots look alike. */
  fit() {
    const density = window.devicePixelRatio || 1;
    const across = this.canvas.width / DOT;
    const pixels = Math.max(1, Math.floor((this.clientWidth * density) / across));
    this.canvas.style.width = `${(pixels * across) / density}px`;
  }

  show() {
    const { lines, on, revision } = this.reader.screen;
    set(this, "data-revision", revision);
    set(this, "data-on", on ? "true" : "false");
    const said = on ? lines.join("\n") : "";
    if (this.text.textContent !== said) {
      this.text.textContent = said;
    }
    this.painting ??= requestAnimationFrame(() => {
      this.painting = null;
      this.paint();
    });
  }

  /** Draw what the screen shows now: once a frame, however fast the reader changes it. */
  paint() {
    if (this.font) {
      paintScreen(this.canvas, this.reader.screen, this.font, DOT, 1);
    }
  }
}

customElements.define("tla-lcd", Lcd);
