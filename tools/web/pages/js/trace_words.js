// What people call the parts of an exchange.

import { say } from "./words.js";

/** The logical devices of a reader, as the API names them. */
export const DEVICES = ["log_sv", "ps", "vitale"];

/** Return the name of a logical device. */
export function deviceName(device) {
  if (device === "ps") {
    return say("PS card");
  }
  return device === "vitale" ? say("Vitale card") : "Log_SV";
}

/** Return what people call a link: the bench's own have names, an address names itself. */
export function linkName(link) {
  if (link === "surgery") {
    return say("surgery");
  }
  return link === "api" ? say("HTTP API") : link;
}

/** Whether a status word says that something went wrong; no answer at all does. */
export function isError(word) {
  return word === null || !(word === "9000" || word.startsWith("61"));
}
