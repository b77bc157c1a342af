// A part of a practice in one line, as it is now: an act, a person, a situation, a period.

import { day } from "../amounts.js";
import { currentLanguage, Told } from "../words.js";
import { showDecimal } from "./decimals.js";

/** The line of a part, in the language of the moment. */
export class PartBrief extends Told {
  constructor(part) {
    super("", {});
    this.part = part;
  }

  toString() {
    const { date, code, coefficient, amount, last_name: last, first_name: first, billing_number: number, start, end } = this.part;
    const decimals = [coefficient, amount].map((each) => each === undefined ? "" : showDecimal(each, currentLanguage()));
    return [date && days(date), [code, decimals[0]].filter(Boolean).join(" "), decimals[1], [last, first].filter(Boolean).join(" "), number, [start, end].filter(Boolean).map(days).join(" – ")]
      .filter(Boolean).join(" · ");
  }
}

function days(iso) {
  return Number.isNaN(Date.parse(iso)) ? iso : day(iso);
}
