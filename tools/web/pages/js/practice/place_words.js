// A place of a practice file in words: "Invoice 190305028 · Act 2 · Amount of the line".

import { say } from "../words.js";
import { draft } from "./draft.js";
import { LISTS, SECTION_WORDS, labelOf } from "./field_words.js";
import { JoinedWords } from "./joined_words.js";
import { ITEMS } from "./section_list.js";
import { kindOf, kindsOf, nameOf, plain } from "./value_kinds.js";

/**
 * Return what stands at a place of a file: {section, index, item, steps}. The steps lead from the item to it, each
 * with the part that it is a field of, its `name`, its `position` in a list or undefined, and its `value`.
 */
export function lookAt(place, file) {
  const [section, index, ...within] = [...place.matchAll(/([A-Za-z_]\w*)|\[(\d+)\]/g)].map(([, name, at]) => name ?? Number(at));
  const known = Object.hasOwn(ITEMS, section ?? "");
  const item = own(own(file, section), index);
  const steps = [];
  let [part, value] = [known ? ITEMS[section].part : "", item];
  within.forEach((name, at) => {
    if (typeof name === "string") {
      const position = typeof within[at + 1] === "number" ? within[at + 1] : undefined;
      const found = position === undefined ? own(value, name) : own(own(value, name), position);
      steps.push({ part, name, position, value: found });
      part = partOf(part, name, found);
      value = found;
    }
  });
  return { section, index, item, known, steps };
}

/** Return the words for a place of a practice file; they follow the language. `within` leaves out the item itself. */
export function placeWords(place, file = draft.document, { within = false } = {}) {
  const { section, index, item, known, steps } = lookAt(place, file);
  if (section === undefined) {
    return say("The whole file");
  }
  if (!known) {
    return section === "name" ? say("Name of the practice") : new JoinedWords([section]);
  }
  const { one, title } = SECTION_WORDS[section];
  const name = titleOf(section, item);
  const words = steps.map((step) => stepWords(step));
  return new JoinedWords(index === undefined ? [title()] : within && words.length > 0 ? words
    : [name === "" ? one(say("no. {n} of the list", { n: index + 1 })) : one(name), ...words]);
}

function stepWords({ part, name, position }) {
  const list = schemaOf(part, name).items !== undefined && Object.hasOwn(LISTS, name) ? LISTS[name] : null;
  return position === undefined ? list?.title() ?? labelOf(part, name) : list?.one(position + 1) ?? new JoinedWords([labelOf(part, name), position + 1], " ");
}

function schemaOf(part, name) {
  return plain(own(own(own(draft.schema.$defs, part), "properties"), name) ?? {});
}

/** A file that is not sound may have anything where a name should be. */
function titleOf(section, item) {
  try {
    return String(ITEMS[section].title(item) || "");
  } catch {
    return "";
  }
}

function own(value, name) {
  return typeof value === "object" && value !== null && name !== undefined && Object.hasOwn(value, name) ? value[name] : undefined;
}

function partOf(part, name, value) {
  const schema = schemaOf(part, name);
  if (schema.items === undefined) {
    return nameOf(schema.$ref ?? "");
  }
  const kinds = kindsOf(schema.items);
  return kinds.length > 1 && typeof value === "object" && value !== null ? kindOf(value) : kinds[0];
}
