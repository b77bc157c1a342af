// The dots of a character display, on a canvas of any size.

import { get } from "./api.js";

const ROWS = 4;
const COLUMNS = 20;
const CELL = { width: 6, height: 9 };
const MARGIN = 4;

let loading = null;

/** Return the reader's font: {width, height, glyphs}. Loaded once; tried again after a failure. */
export function loadFont() {
  loading ??= get("/assets/lcd-font.json").catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** Return the width and height of a screen whose dots are `dot` pixels apart. */
export function screenSize(dot) {
  return {
    width: (COLUMNS * CELL.width - 1 + 2 * MARGIN) * dot,
    height: (ROWS * CELL.height - 2 + 2 * MARGIN) * dot,
  };
}

/** Draw a screen with its dots `dot` pixels apart and `gap` pixels between them. */
export function paintScreen(canvas, { on, lines }, font, dot, gap) {
  const looks = getComputedStyle(canvas);
  const unlit = looks.getPropertyValue("--lcd-unlit");
  const ink = looks.getPropertyValue("--lcd-ink");
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      const glyph = on ? (font.glyphs[lines[row]?.[column] ?? " "] ?? []) : [];
      paintCell(context, row, column, glyph, font, { unlit, ink, dot, gap });
    }
  }
}

function paintCell(context, row, column, glyph, font, { unlit, ink, dot, gap }) {
  for (let y = 0; y < font.height; y += 1) {
    for (let x = 0; x < font.width; x += 1) {
      const lit = (glyph[y] >> (font.width - 1 - x)) & 1;
      if (lit || gap > 0) {
        context.fillStyle = lit ? ink : unlit;
        const left = (MARGIN + column * CELL.width + x) * dot;
        const top = (MARGIN + row * CELL.height + y) * dot;
        context.fillRect(left, top, dot - gap, dot - gap);
      }
    }
  }
}
