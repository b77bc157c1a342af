// What is wrong at a place of a practice file, in the words of the page.

import { say } from "../words.js";
import { askDay, isDay as isWrittenDay } from "./day_input.js";
import { draft } from "./draft.js";
import { choicesOf, chooseWords } from "./field_choices.js";
import { lookAt, placeWords } from "./place_words.js";
import { isDay, isDecimal, plain } from "./value_kinds.js";

const DECIMAL = /^\d{1,7}(\.\d{1,2})?$/;

/** Return what is said beside the field of a problem of the draft. */
export function problemWords(problem) {
  return formWords(problem) ?? fileWords(problem, draft.document);
}

/** Return what is said of a problem of a file. */
export function fileWords({ place, told, named }, file) {
  const { section, steps } = lookAt(place, file);
  const { part, name } = steps.at(-1) ?? { part: "", name: section };
  const { properties } = part === "" ? draft.schema : draft.schema.$defs[part] ?? {};
  if (name !== undefined && properties !== undefined && !Object.hasOwn(properties, name)) {
    return say("A practice file has nothing of this name");
  }
  return named.reduce((text, each) => text.replaceAll(each, () => String(placeWords(each, file))), told);
}

/** Return what is said where a form says it better than a file, or null. */
function formWords({ place }) {
  const { steps, item } = lookAt(place, draft.document);
  const { part, name, value } = steps.at(-1) ?? {};
  const schema = draft.schema.$defs[part]?.properties[name];
  if (schema === undefined) {
    return null;
  }
  const owner = steps.length > 1 ? steps.at(-2).value : item;
  const options = choicesOf(part, name, draft, owner);
  if (options !== null) {
    const chosen = String(value ?? schema.default ?? "");
    return options().some((each) => each.value === chosen) ? null : chooseWords(part, name);
  }
  if (isDecimal(schema) && !DECIMAL.test(String(value))) {
    return name === "coefficient" ? say("Write a coefficient, such as 4.5") : say("Write an amount in euros, such as 156.20");
  }
  return isDay(plain(schema)) && !isWrittenDay(value ?? "") ? askDay() : null;
}
