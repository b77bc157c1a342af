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

function locale() {
  return currentLanguage() === "fr" ? "fr-FR" : "en-GB";
}
