// The lists by their names in addresses: the five before transmission, and what became of what was sent.

import { say } from "../words.js";

const TITLES = {
  1: () => say("1. FSEs to secure"),
  2: () => say("2. DREs to secure"),
  3: () => say("3. FSEs to send"),
  4: () => say("4. DREs to send"),
  5: () => say("5. Files to send"),
  rejected: () => say("Rejected, to rectify"),
  sent: () => say("Transmitted"),
};

/** The names of the lists, in the order of their tabs. */
export const LISTS = ["1", "2", "3", "4", "5", "rejected", "sent"];

/** The keys that lead to a list. */
export const LIST_KEYS = Object.fromEntries(LISTS.filter((name) => name !== "sent").map((name) => [
  name === "rejected" ? "r" : name, { parts: [name], title: () => listTitle(name) }]));

/** Return what people call a list. */
export function listTitle(name) {
  return TITLES[name]();
}
