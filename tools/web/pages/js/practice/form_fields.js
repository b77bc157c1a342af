// One labelled field of a form: a text, a number, a day, a tick or a choice, with what is wrong beside it.

import { freshId, h, put, set } from "../markup.js";
import { currentLanguage, say } from "../words.js";
import { dayInput } from "./day_input.js";
import { readDecimal, showDecimal } from "./decimals.js";
import { isCapital, isDay, isDecimal } from "./value_kinds.js";

const WHOLE = /^-?[0-9]{1,9}$/;
const LONG = 30;

/**
 * Return a field. `schema` is that of the file; `value` is undefined where the file leaves it out; `options`
 * gives [{value, label}] where it is chosen from a list, `proposals` are some of the values where it need not be.
 * `change(value, typed)` gets what the file is to have, and undefined to leave it out, and whether somebody is still
 * typing; `left` is called once somebody was there. Its `problem(texts)` shows what is wrong, its `options()` shows
 * the list anew, `show(value)` another value, `retell()` the same in another language; `input` gets the focus.
 */
export function field({ label, schema, value, required, options = null, proposals = [], change, left }) {
  const made = schema.type === "boolean" ? tick(label, schema, value, change)
    : options === null ? entry({ label, schema, value, required, proposals, change }) : list({ label, schema, value, required, options, change });
  const { input } = made;
  const why = h("p", { class: "edit-problem", id: freshId("problem"), hidden: true });
  made.append(why);
  input.addEventListener("blur", () => {
    made.tidy?.();
    left();
  });
  made.problem = (texts) => {
    why.hidden = texts.length === 0;
    if (why.textContent !== texts.join(" ")) {
      put(why, texts.join(" "));
    }
    set(input, "aria-invalid", texts.length > 0 ? "true" : null);
    set(input, "aria-describedby", texts.length > 0 ? why.id : made.note ?? null);
  };
  made.problem([]);
  return made;
}

function tick(label, schema, value, change) {
  const input = h("input", { type: "checkbox", class: "check", checked: value ?? schema.default, onchange: () => change(input.checked === schema.default ? undefined : input.checked, false) });
  return Object.assign(h("div", { class: "edit-field edit-tick" }, h("label", { class: "row" }, input, h("span", {}, label))), { input });
}

/** A field that is chosen from a list. */
function list({ label, schema, value, required, options, change }) {
  const id = freshId("field");
  const input = h("select", { class: "select", id, "aria-required": required ? "true" : null, onchange: () => change(read(schema, input.value), false) });
  const made = Object.assign(h("div", { class: "edit-field edit-wide" }, h("label", { for: id }, label), input), { input });
  made.options = () => choose(input, options(), input.value, required);
  made.show = (given) => choose(input, options(), written(schema, given), required);
  made.show(value);
  return made;
}

/** Fill a list, and keep what is chosen even if it is not among what there is. */
function choose(select, known, value, required) {
  const listed = known.some((each) => each.value === value);
  put(select,
    required && listed ? null : h("option", { value: "" }, required ? say("Choose one…") : say("None")),
    listed || value === "" ? null : h("option", { value }, value),
    known.map((each) => h("option", { value: each.value }, each.label)));
  select.value = value;
}

/** A field that is typed. */
function entry({ label, schema, value, required, proposals, change }) {
  const id = freshId("field");
  const note = proposals.length > 0 ? h("p", { class: "edit-meaning quiet", id: freshId("meaning") }) : null;
  const known = proposals.length > 0 ? h("datalist", { id: freshId("list") }, proposals.map((each) => h("option", { value: each.value, label: each.label }))) : null;
  const asked = { id, "aria-required": required ? "true" : null };
  const input = isDay(schema) ? dayInput({ told: true, ...asked }) : h("input", {
    class: "input", type: "text", autocomplete: "off", list: known?.id, maxlength: schema.maxLength ?? null,
    inputmode: schema.type === "integer" ? "numeric" : isDecimal(schema) ? "decimal" : null, ...asked,
  });
  input.addEventListener("input", () => {
    given = read(schema, input.value);
    tell();
    change(given, true);
  });
  const tell = () => note !== null && put(note, proposals.find((each) => each.value === input.value.trim().toUpperCase())?.meaning);
  let given = value;
  const made = Object.assign(h("div", { class: "edit-field" }, h("label", { for: id }, label), input, known, note), { input, note: note?.id });
  made.classList.toggle("edit-wide", schema.maxLength >= LONG);
  made.show = (now) => {
    given = now;
    input.value = written(schema, now);
    tell();
  };
  made.tidy = () => {
    if (input.value.trim() !== "") {
      made.show(given);
    }
  };
  made.retell = () => isDecimal(schema) && made.tidy();
  made.show(value);
  return made;
}

/** Return a value of the file as somebody types it. */
function written(schema, value) {
  const shown = value ?? schema.default ?? "";
  if (typeof shown === "object") {
    return "";
  }
  return isDecimal(schema) ? showDecimal(shown, currentLanguage()) : String(shown);
}

/** Return what the file is to have for what was typed. */
function read(schema, typed) {
  const text = typed.trim();
  if (isDecimal(schema)) {
    const decimal = readDecimal(text, currentLanguage());
    return decimal === "" || decimal === String(schema.default ?? "") ? undefined : decimal;
  }
  if (text === "" || text === String(schema.default ?? "")) {
    return undefined;
  }
  if (schema.type === "integer") {
    return WHOLE.test(text) ? Number(text) : text;
  }
  return isCapital(schema) ? text.toUpperCase() : text;
}
