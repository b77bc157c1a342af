// What rules and waits look for, in words.

import { say } from "./words.js";

/** What a screen can be asked for: the API's name of it, and what people call it. */
export const ON_SCREEN = [
  ["text", () => say("the screen shows")],
  ["no_text", () => say("the screen no longer shows")],
  ["regexp", () => say("the screen matches")],
];

/** Return what a screen says, in one line. */
export function inOneLine(lines) {
  return lines.map((line) => line.trim()).filter((line) => line !== "").join(" / ");
}
