// Light or dark: the browser's wish, until somebody chooses.

import { keep, kept, say } from "./words.js";

const KEPT = "theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Return the theme shown: "light" or "dark". */
export function theme() {
  return kept(KEPT) ?? (dark.matches ? "dark" : "light");
}

/** Return what the button says that changes the theme. */
export function otherTheme() {
  return theme() === "dark" ? say("Light theme") : say("Dark theme");
}

/** Show a theme from now on, and keep the choice. */
export function showTheme(chosen) {
  keep(KEPT, chosen);
  document.documentElement.dataset.theme = chosen;
}

document.documentElement.dataset.theme = theme();
dark.addEventListener("change", () => {
  document.documentElement.dataset.theme = theme();
});
