// Times of the reader's clock, which has no zone: ms since 1970-01-01 00:00 of its own local time.

import { currentLanguage } from "./words.js";

/** Return a date and time as people write it, to the second. */
export function moment(ms) {
  return format(ms, { dateStyle: "medium", timeStyle: "medium" });
}

/** Return a time of day: to the second, or to the millisecond. */
export function timeOfDay(ms, fine = false) {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return format(ms, fine ? { ...options, fractionalSecondDigits: 3 } : options);
}

function format(ms, options) {
  const locale = currentLanguage() === "fr" ? "fr-FR" : "en-GB";
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(new Date(ms));
}
