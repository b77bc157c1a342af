// <tla-menu>: a button that opens a menu. Arrow keys, Home, End, Enter and Escape as people know them.

import { freshId, h, put, set } from "./markup.js";
import { Part } from "./part.js";

/**
 * Return a menu. `entries()` gives what it offers when it opens: [{label, note, act, disabled}], or a sentence
 * where there is nothing to offer. `shortcut` is the key that opens it, which somebody else follows.
 */
export function menu(caption, { name = null, entries, look = "button", icon = null, shortcut = null }) {
  const made = document.createElement("tla-menu");
  Object.assign(made, { caption, name, entries, look, icon, shortcut });
  return made;
}

class Menu extends Part {
  draw() {
    const id = freshId("menu");
    this.button = h("button", {
      type: "button", class: this.look, "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id,
      "aria-label": this.name, "aria-keyshortcuts": this.shortcut?.toUpperCase(), onclick: () => (this.list.hidden ? this.open() : this.close()),
    }, this.caption, this.shortcut === null ? null : h("kbd", { class: "bar-key", "aria-hidden": "true" }, this.shortcut.toUpperCase()));
    this.list = h("div", { class: "menu-list", role: "menu", id, hidden: true, "aria-label": this.name ?? this.caption });
    put(this, this.button, this.list);
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget)) {
        this.shut();
      }
    });
  }

  open(at = 0) {
    put(this.list, this.entries().map((each) => this.entry(each)));
    this.list.hidden = false;
    set(this.button, "aria-expanded", "true");
    this.place();
    this.items().at(at)?.focus();
  }

  entry({ label, note = null, act, disabled = false }) {
    return h("button", {
      type: "button", role: "menuitem", tabindex: "-1", class: "menu-item", "aria-disabled": disabled ? "true" : null,
      onclick: () => {
        if (!disabled) {
          this.close();
          act();
        }
      },
    }, h("span", {}, label), note === null ? null : h("span", { class: "menu-note" }, " ", note));
  }

  /** Keep the list inside the window. */
  place() {
    this.list.classList.remove("menu-list-end", "menu-list-above");
    const box = this.list.getBoundingClientRect();
    this.list.classList.toggle("menu-list-end", box.right > document.documentElement.clientWidth - 4);
    this.list.classList.toggle("menu-list-above", box.bottom > window.innerHeight - 4 && box.height < box.top);
  }

  close() {
    this.shut();
    this.button.focus();
  }

  shut() {
    this.list.hidden = true;
    set(this.button, "aria-expanded", "false");
  }

  items() {
    return [...this.list.querySelectorAll("[role=menuitem]")];
  }

  key(event) {
    if (this.list.hidden) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        event.stopPropagation();
        this.open(event.key === "ArrowUp" ? -1 : 0);
      }
      return;
    }
    event.stopPropagation();
    const items = this.items();
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items.at(to % items.length)?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }
}

customElements.define("tla-menu", Menu);
