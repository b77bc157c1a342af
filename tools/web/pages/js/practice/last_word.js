// What the last action came to: it stands in one place of the page, and goes when the next one begins. So does
// what was refused before.

import { put } from "../markup.js";
import { Part } from "../part.js";

let place = null;

/** Let a place say what comes of an action; what another place said of an earlier one goes. */
export function claimWord(where) {
  if (place !== where) {
    forgetWord();
  }
  takeBackRefusals();
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
  takeBackRefusals();
}

/** What could not be read is not to be taken back: it is not there. */
function takeBackRefusals() {
  for (const notice of document.querySelectorAll(".notice[role=alert]:not([hidden])")) {
    let part = notice.parentElement;
    while (part !== null && !(part instanceof Part)) {
      part = part.parentElement;
    }
    if (part !== null && !part.unread && !part.unanswered) {
      part.refused(null);
    }
  }
}
