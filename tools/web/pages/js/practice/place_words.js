// A place of a practice file in words: "Patients 2, Beneficiary 1, Last name".

import { say, Told } from "../words.js";
import { draft } from "./draft.js";
import { LISTS, SECTION_WORDS, labelOf } from "./field_words.js";
import { ITEMS } from "./section_list.js";

class Words extends Told {
  constructor(parts) {
    super("", {});
    this.parts = parts;
  }

  toString() {
    return this.parts.map(String).join(" · ");
  }
}

/** Return the words for a place of a practice file; they follow the language. */
export function placeWords(place) {
  const steps = [...place.matchAll(/([A-Za-z_]\w*)|\[(\d+)\]/g)].map(([, name, at]) => name ?? Number(at));
  if (steps.length === 0) {
    return say("The whole file");
  }
  const [section, index, ...within] = steps;
  if (!(section in ITEMS)) {
    return section === "name" ? say("Name of the practice") : new Words([section]);
  }
  const item = draft.document?.[section]?.[index];
  const parts = [SECTION_WORDS[section].title()];
  if (index !== undefined) {
    parts.push((item && ITEMS[section].title(item)) || String(index + 1));
  }
  let part = ITEMS[section].part;
  within.forEach((step, at) => {
    if (typeof step === "number") {
      return;
    }
    const position = within[at + 1];
    parts.push(typeof position === "number" ? LISTS[step]?.one(position + 1) ?? step : step in LISTS && part !== "Invoice" ? LISTS[step].title() : labelOf(part, step));
    part = partOf(part, step);
  });
  return new Words(parts);
}

function partOf(part, name) {
  const schema = draft.schema.$defs[part]?.properties?.[name] ?? {};
  const inner = schema.items ?? (schema.anyOf ?? []).find((each) => each.$ref) ?? schema;
  return (inner.$ref ?? inner.oneOf?.[0]?.$ref ?? "").split("/").at(-1);
}
