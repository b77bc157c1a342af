// What a piece of work with a reader is called, and how far it is.

import { say } from "./words.js";

/** The code porteur of every card that is issued for tests. */
export const TEST_CODE = "1234";

/** Return what a piece of work is called while it goes on. */
export function workName(action) {
  return {
    card: say("Trying the card"),
    bill: say("Billing an invoice"),
    load: say("Loading the reader"),
    unload: say("Bringing back what is certified"),
    sign: say("Signing"),
    transmit: say("Writing what is sent"),
    lots: say("Making lots"),
    send: say("Sending a file"),
  }[action] ?? say("At work with the reader");
}

/** Return how far a piece of work is, in one sentence. */
export function workTold({ action, stage, holder, done, total }) {
  if (stage === "code") {
    return say("Type the code porteur of {holder} on the reader's keys, then VAL. The code of the test cards is {code}.", { holder, code: TEST_CODE });
  }
  return total ? say("{what}: {done} of {total}", { what: workName(action), done, total }) : workName(action);
}

/** Show on a progress bar how far a piece of work is. */
export function showProgress(bar, { stage, done, total }) {
  bar.hidden = stage === "code";
  if (total) {
    bar.max = total;
    bar.value = done;
  } else {
    bar.removeAttribute("value");
  }
}
