// Amounts and days as they are written in either language.

import { currentLanguage } from "./words.js";

/** Return an amount in cents as euros. */
export function euros(cents) {
  return new Intl.NumberFormat(locale(), { "style": "currency", currency: "EUR" }).format(cents / 100);
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

function locale() {
  return currentLanguage() === "fr" ? "fr-FR" : "en-GB";
}
