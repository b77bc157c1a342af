// What the last action came to: it stands in one place of the page, and goes when the next one begins.

import { put } from "../markup.js";

let place = null;

/** Let a place say what comes of an action; what another place said of an earlier one goes. */
export function claimWord(where) {
  if (place !== null && place !== where) {
    put(place);
  }
  place = where;
}

/** Say in a place what an action came to, instead of all that was said before. */
export function tellWord(where, ...words) {
  claimWord(where);
  put(where, ...words);
}

/** An action begins: what is said of the last one goes. */
export function forgetWord() {
  if (place !== null) {
    put(place);
    place = null;
  }
}
