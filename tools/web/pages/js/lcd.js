// <tla-lcd>: the reader's character display, dot by dot, and the same as text for whoever does not see it.

import { get } from "./api.js";
import { h, put, set } from "./markup.js";
import { Part } from "./part.js";
import { say } from "./words.js";

const ROWS = 4;
const COLUMNS = 20;
const DOT = 6;
const CELL = { width: 6, height: 9 };
const MARGIN = 4;
const WIDTH = (COLUMNS * CELL.width - 1 + 2 * MARGIN) * DOT;
const HEIGHT = (ROWS * CELL.height - 2 + 2 * MARGIN) * DOT;

let font = null;

class Lcd extends Part {
  draw() {
    this.canvas = h("canvas", { class: "lcd-glass", width: WIDTH, height: HEIGHT, "aria-hidden": "true" });
    this.text = h("div", { class: "visually-hidden lcd-text", role: "status", lang: "fr", "aria-label": say("Screen") });
    put(this, this.canvas, this.text);
    this.listen(this.reader, "screen", () => this.show());
    this.show();
    font ??= get("/assets/lcd-font.json");
    font.then((glyphs) => {
      this.font = glyphs;
      this.show();
    }, () => {
      font = null;
    });
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
    if (!this.font) {
      return;
    }
    const { on } = this.reader.screen;
    const lines = on ? this.reader.screen.lines : [];
    const looks = getComputedStyle(this);
    const inks = [looks.getPropertyValue("--lcd-unlit"), looks.getPropertyValue("--lcd-ink")];
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, WIDTH, HEIGHT);
    for (let row = 0; row < ROWS; row += 1) {
      for (let column = 0; column < COLUMNS; column += 1) {
        this.paintCell(context, row, column, this.font.glyphs[lines[row]?.[column] ?? " "] ?? [], inks);
      }
    }
  }

  paintCell(context, row, column, glyph, inks) {
    for (let y = 0; y < this.font.height; y += 1) {
      for (let x = 0; x < this.font.width; x += 1) {
        context.fillStyle = inks[(glyph[y] >> (this.font.width - 1 - x)) & 1];
        const left = (MARGIN + column * CELL.width + x) * DOT;
        const top = (MARGIN + row * CELL.height + y) * DOT;
        context.fillRect(left, top, DOT - 1, DOT - 1);
      }
    }
  }
}

customElements.define("tla-lcd", Lcd);
