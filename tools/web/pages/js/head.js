// The top of every page: what it is, the ways to the others, language and theme.

import { h, put, set } from "./markup.js";
import { otherTheme, showTheme, theme } from "./theme.js";
import { currentLanguage, say, speak, spoken } from "./words.js";

/**
 * Return the top of a page. `page` is the part that it belongs to, `title` what stands beside the icon;
 * `middle` and `switches` are the page's own, before and in the group at the end.
 */
export function pageHead(page, { title = "tla-sim", middle = null, switches = [] }) {
  return h("header", { class: "top" },
    h("h1", { class: "top-title" }, h("img", { src: "/assets/icon.svg", alt: "", width: 28, height: 28 }), title),
    middle,
    h("div", { class: "top-switches" }, switches, languageButton(page), themeButton()));
}

/**
 * Return the ways between the pages, Bench, Practice and both, as links; `go(place, event)` may take one over
 * where no other page has to be loaded. Its `show(place)` marks the one that is shown.
 */
export function placeLinks(go = () => {}) {
  const link = (place, href, title) =>
    h("a", { class: "place", href, "data-place": place, onclick: (event) => go(place, event) }, title);
  const made = h("nav", { class: "places", "aria-label": say("Pages") },
    link("bench", "/", say("Bench")), link("practice", "/practice", say("Practice")), link("both", "/practice?both", say("Both")));
  made.show = (shown) => made.querySelectorAll("a").forEach((each) =>
    set(each, "aria-current", each.dataset.place === shown ? "page" : null));
  return made;
}

/** Return the place that says whether the bench answers. */
export function connectionState(page, bench) {
  const state = h("span", { class: "connection", role: "status" });
  let wasOpen = false;
  const show = () => {
    const open = bench.connection === "open";
    set(state, "class", open ? "connection connection-open" : "connection");
    put(state, h("span", { "aria-hidden": "true" }, open ? "● " : "◌ "), open ? say("Connected") : wasOpen ? say("Reconnecting…") : say("Connecting…"));
    wasOpen ||= open;
  };
  page.listen(bench, "connection", show);
  show();
  return state;
}

function languageButton(page) {
  const other = () => (currentLanguage() === "fr" ? "en" : "fr");
  const button = h("button", { type: "button", class: "button button-small", onclick: () => speak(other()) });
  const show = () => {
    set(button, "lang", other());
    put(button, other() === "fr" ? "Français" : "English");
  };
  show();
  page.listen(spoken, "language", show);
  return button;
}

function themeButton() {
  const button = h("button", { type: "button", class: "button button-small", onclick: () => {
    showTheme(theme() === "dark" ? "light" : "dark");
    show();
  } });
  const show = () => put(button, h("span", { "aria-hidden": "true" }, "◐ "), h("span", { class: "top-theme" }, otherTheme()));
  show();
  return button;
}
