// <tla-menu>: a button that opens a menu. Arrow keys, Home, End, Enter and Escape as people know them.

import { arrange, freshId, h, put, set } from "./markup.js";
import { Part } from "./part.js";

const EDGE_PX = 4;

/**
 * Return a menu. `entries()` gives what it offers when it opens and at each `renew()`: [{label, note, act, disabled,
 * key}]; `key` tells an entry from the others where they come and go. `shortcut` is the key that opens it, which
 * somebody else follows.
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
    this.list = h("div", { class: "menu-list", role: "menu", id, hidden: true, popover: "manual", "aria-label": this.name ?? this.caption });
    put(this, this.button, this.list);
    this.addEventListener("keydown", (event) => this.key(event));
    for (const moved of ["scroll", "resize"]) {
      window.addEventListener(moved, () => this.list.hidden || this.place(), { capture: true, signal: this.gone.signal });
    }
    this.addEventListener("focusout", (event) => {
      if (!this.contains(event.relatedTarget)) {
        this.shut();
      }
    });
  }

  open(at = 0) {
    put(this.list, this.entries().map((each) => this.entry(each)));
    this.list.hidden = false;
    this.list.showPopover();
    set(this.button, "aria-expanded", "true");
    this.place();
    this.items().at(at)?.focus();
  }

  /** Offer what there is now, if the menu is open. The entry that has the focus keeps it; if it goes, the first has it. */
  renew() {
    if (this.list.hidden) {
      return;
    }
    const at = this.list.contains(document.activeElement) ? document.activeElement : null;
    const offered = this.entries().map((each) => this.entry(each));
    // An entry that leaves with the focus would close the menu.
    this.list.append(...offered);
    if (at !== null) {
      (offered.find((each) => each.dataset.key !== undefined && each.dataset.key === at.dataset.key) ?? offered.at(0))?.focus();
    }
    arrange(this.list, offered);
    this.place();
  }

  entry({ key = null, label, note = null, act, disabled = false }) {
    return h("button", {
      type: "button", role: "menuitem", tabindex: "-1", class: "menu-item", "data-key": key, "aria-disabled": disabled ? "true" : null,
      onclick: () => {
        if (!disabled) {
          this.close();
          act();
        }
      },
    }, h("span", {}, label), note === null ? null : h("span", { class: "menu-note" }, " ", note));
  }

  /** Put the list beside the button, whole: above everything, and inside the window. */
  place() {
    const button = this.button.getBoundingClientRect();
    const { width, height } = this.list.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const fits = button.left + width <= clientWidth - EDGE_PX;
    const left = fits ? button.left : button.right - width;
    const below = button.bottom + EDGE_PX;
    const above = button.top - EDGE_PX - height;
    const top = below + height > clientHeight - EDGE_PX && above >= EDGE_PX ? above : below;
    const inside = (at, size, room) => `${Math.max(EDGE_PX, Math.min(at, room - size - EDGE_PX))}px`;
    this.list.style.setProperty("left", inside(left, width, clientWidth));
    this.list.style.setProperty("top", inside(top, height, clientHeight));
  }

  close() {
    this.shut();
    this.button.focus();
  }

  shut() {
    if (this.list.matches(":popover-open")) {
      this.list.hidePopover();
    }
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
