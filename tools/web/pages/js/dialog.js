// Dialogs: the browser's own <dialog>, which keeps the focus inside and closes by Escape.

import { freshId, h, put } from "./markup.js";
import { say } from "./words.js";

/**
 * Open a dialog and return it. `body(dialog)` gives its content; it goes from the page when it is closed, as it
 * is when the page goes to another address. A `closable` one has × beside its title; both stay in sight.
 */
export function openDialog(title, body, { closable = false } = {}) {
  const id = freshId("dialog");
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": id });
  const head = h("h2", { id, class: "dialog-title" }, title);
  put(dialog, closable
    ? h("div", { class: "dialog-head" }, head, h("button", { type: "button", class: "notice-close dialog-close", "aria-label": say("Close"), onclick: () => dialog.close() }, "×"))
    : head, body(dialog));
  const opened = location.hash;
  const leave = () => location.hash !== opened && dialog.close();
  addEventListener("hashchange", leave);
  dialog.addEventListener("close", () => {
    removeEventListener("hashchange", leave);
    dialog.remove();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Ask before something; by default one that is not taken back easily. Returns whether it is wanted. */
export function confirm({ title, text, act, look = "button-danger" }) {
  return new Promise((answer) => {
    const dialog = openDialog(title, (opened) => [
      h("p", {}, text),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", class: "button", autofocus: true, onclick: () => opened.close() }, say("Cancel")),
        h("button", { type: "button", class: `button ${look}`, onclick: () => opened.close("yes") }, act)),
    ]);
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"));
  });
}
