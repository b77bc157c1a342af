// What the JSON Schema of a practice file says about a value: how it is typed, and of which part it is.

const DAY = /^\^\(19\|20\)/;

/** Return the schema of a value without its being left out. */
export function plain(schema) {
  const others = (schema.anyOf ?? []).filter((each) => each.type !== "null");
  return others.length === 1 ? { ...schema, ...others[0], anyOf: undefined } : schema;
}

/** Return whether a value is an amount or a coefficient. */
export function isDecimal(schema) {
  return schema.anyOf?.some((each) => each.type === "number") ?? false;
}

/** Return whether a value is a day of the calendar. */
export function isDay({ pattern = "" }) {
  return DAY.test(pattern);
}

/** Return whether a value has capitals where it has letters. */
export function isCapital({ pattern = "" }) {
  return /[A-Z]/.test(pattern) && !/[a-z]/.test(pattern.replace(/\\[a-z]/g, ""));
}

/** Return the names of the parts that an item of a list may be. */
export function kindsOf({ $ref, oneOf }) {
  return (oneOf ?? [{ $ref }]).map((each) => nameOf(each.$ref));
}

/** Return the name of the part that an act is. */
export function kindOf(act) {
  return "activity" in act || "price" in act ? "CcamAct" : "NgapAct";
}

/** Return the name of the part that a schema refers to. */
export function nameOf(reference) {
  return reference.split("/").at(-1);
}
