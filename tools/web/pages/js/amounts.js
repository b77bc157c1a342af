// Amounts and days as they are written in either language.

import { currentLanguage } from "./words.js";

/** Return an amount in cents as euros. */
export function euros(cents) {
  return new Intl.NumberFormat(locale(), { "style": "currency", currency: "EUR" }).format(cents / 100);
}

/** Return an amount in cents as a column of amounts has it: without its currency. */
export function amount(cents) {
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(cents / 100);
}

/** Return a day ("2019-03-05") as people write it. */
export function day(iso) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeZone: "UTC" }).format(new Date(`${iso}T00:00Z`));
}

/** Return the size of a file in bytes as people write it. */
export function fileSize(bytes) {
  const unit = bytes < 1_000_000 ? "kilobyte" : "megabyte";
  const size = bytes / (unit === "kilobyte" ? 1_000 : 1_000_000);
  return new Intl.NumberFormat(locale(), { "style": "unit", unit, maximumFractionDigits: size < 10 ? 1 : 0 }).format(size);
}

/** Return a day as the narrow columns of the lists have it: with two digits of the year. */
export function shortDay(iso) {
  return new Intl.DateTimeFormat(locale(), { day: "2-digit", month: "2-digit", year: "2-digit", timeZone: "UTC" }).format(new Date(`${iso}T00:00Z`));
}

/** Return the minute of a moment that the server noted ("2019-03-05T08:00:12+01:00"), as it is there. */
export function minute(moment) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "short", timeStyle: "short", timeZone: "UTC" }).format(new Date(`${moment.slice(0, 16)}Z`));
}

function locale() {
  return currentLanguage() === "fr" ? "fr-FR" : "en-GB";
}
