// <tla-keypad>: the reader's sixteen keys, as buttons and on the keyboard.

import { h, nearest, put } from "./markup.js";
import { Part } from "./part.js";
import { say } from "./words.js";

const CAPS = [
  ["1", "2", "3", "ANN"],
  ["4", "5", "6", "COR"],
  ["7", "8", "9", "VAL"],
  ["UP", "0", "DOWN", "MENU"],
].flat();
const SHORTCUTS = { VAL: "Enter", ANN: "Escape", COR: "Backspace", UP: "ArrowUp", DOWN: "ArrowDown", MENU: "m" };
const LEGENDS = Object.fromEntries(Object.entries(SHORTCUTS).map(([legend, key]) => [key.toLowerCase(), legend]));
const FLASH_MS = 120;

class Keypad extends Part {
  draw() {
    const explained = {
      VAL: say("Validate: Enter on the keyboard"),
      ANN: say("Cancel: Escape on the keyboard"),
      COR: say("Correct: Backspace on the keyboard"),
      MENU: say("Menu: m on the keyboard"),
      UP: say("Arrow up on the keyboard"),
      DOWN: say("Arrow down on the keyboard"),
    };
    const named = { UP: say("Up"), DOWN: say("Down") };
    const cap = (legend) =>
      h("button", {
        type: "button",
        class: `key key-${/\d/.test(legend) ? "digit" : legend.toLowerCase()}`,
        "data-key": legend,
        "aria-label": named[legend],
        "aria-keyshortcuts": SHORTCUTS[legend] ?? legend,
        title: explained[legend],
      }, h("span", { class: "key-cap", "aria-hidden": named[legend] ? "true" : null }, { UP: "▲", DOWN: "▼" }[legend] ?? legend));
    this.keys = h("div", { class: "keys", role: "group", "aria-label": say("Keys") }, CAPS.map(cap));
    this.keys.addEventListener("click", (event) => {
      const key = nearest(event, "[data-key]");
      if (key !== null) {
        this.press(key.dataset.key);
      }
    });
    put(this, this.keys);
  }

  press(legend) {
    this.attempt(() => this.reader.press(legend));
  }

  /**
   * Take a key of the keyboard. A button that has the focus keeps Enter and Space, and what is typed in a
   * field stays there. Returns whether it was one of the reader's keys.
   */
  type(event) {
    const legend = /^\d$/.test(event.key) ? event.key : LEGENDS[event.key.toLowerCase()];
    const on = event.target;
    if (legend === undefined || event.ctrlKey || event.metaKey || event.altKey || on.matches("input, select, textarea")) {
      return false;
    }
    if (event.key === "Enter" && on.matches("button, a, summary")) {
      return false;
    }
    this.press(legend);
    this.flash(legend);
    return true;
  }

  flash(legend) {
    const key = this.querySelector(`[data-key="${legend}"]`);
    key.classList.add("pressed");
    setTimeout(() => key.classList.remove("pressed"), FLASH_MS);
  }
}

customElements.define("tla-keypad", Keypad);
