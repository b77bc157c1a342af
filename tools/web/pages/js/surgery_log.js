// What was done, in sentences: one function an answer of /v1/surgery, which returns its lines.

import { say, sayMany } from "./words.js";

export function logLoad({ owners, others, takes_others: takes, at_desk: atDesk, left_out: leftOut, release }) {
  const lines = owners.map((each) => each.loaded > 0 || each.already + each.finished === 0
    ? sayMany(each.loaded, "{count} invoice of {name} loaded", "{count} invoices of {name} loaded", { name: each.name })
    : say("Nothing new of {name} to load", { name: each.name }));
  const names = others.map((each) => each.name).join(", ");
  if (names && takes) {
    lines.push(say("{names} also prepared invoices for the same patients.", { names }));
  } else if (names) {
    lines.push(say("{names} also prepared invoices for the same patients; this reader (version {release}) takes one owner's at a time.", { names, release }));
  }
  if (atDesk.length > 0) {
    lines.push(sayMany(atDesk.length, "{count} degraded invoice not loaded: it is signed at the desk",
      "{count} degraded invoices not loaded: they are signed at the desk"));
  }
  if (leftOut > 0) {
    lines.push(sayMany(leftOut, "{count} DRE left out: this reader takes none", "{count} DREs left out: this reader takes none"));
  }
  return lines;
}

export function logUnload({ partial, complete, cancelled, waiting, left }) {
  const lines = [say("{complete} complete and {partial} partially certified FSEs brought back", { complete, partial })];
  if (cancelled > 0) {
    lines.push(sayMany(cancelled, "{count} cancelled on the round", "{count} cancelled on the round"));
  }
  if (waiting > 0) {
    lines.push(sayMany(waiting, "{count} invoice still to certify", "{count} invoices still to certify"));
  }
  if (left.length > 0) {
    lines.push(sayMany(left.length, "{count} stayed on the reader", "{count} stayed on the reader"));
  }
  return lines;
}

export function logSign({ holder, signed, elsewhere, refused }) {
  const lines = [sayMany(signed, "Final signature of {holder} given to {count} FSE", "Final signature of {holder} given to {count} FSEs", { holder })];
  if (refused.length > 0) {
    lines.push(sayMany(refused.length, "{count} not signed", "{count} not signed"));
  }
  if (elsewhere > 0) {
    lines.push(sayMany(elsewhere, "{count} other waits for its owner's card", "{count} others wait for their owners' cards"));
  }
  return lines;
}

export function logTransmit({ sent, withheld }) {
  const lines = [];
  if (withheld.length > 0) {
    lines.push(sayMany(withheld.length, "{count} document cannot be sent yet", "{count} documents cannot be sent yet"));
  }
  lines.push(sayMany(sent.length, "{count} FSE written for transmission", "{count} FSEs written for transmission"));
  return lines;
}
