// One labelled field of a form: a text, a number, a day, a tick or a choice, with what is wrong beside it.

import { freshId, h, put, set } from "../markup.js";
import { say } from "../words.js";

const DAY = /^\^\(19\|20\)/;
const WHOLE = /^-?[0-9]{1,9}$/;
const MOST_OPTIONS = 500;

/** Return the schema of a value without its being left out: {schema, optional}. */
export function plain(schema) {
  const others = (schema.anyOf ?? []).filter((each) => each.type !== "null");
  return others.length === 1 ? { ...schema, ...others[0], anyOf: undefined } : schema;
}

/**
 * Return a field. `schema` is that of the file; `value` is undefined where the file leaves it out; `options`
 * gives [{value, label}] where it is chosen from a list. `change(value)` gets what the file is to have, and
 * undefined to leave it out; `left` is called once somebody was there. Its `problem(texts)` shows what is
 * wrong, its `options()` shows the list anew, and `input` is what gets the focus.
 */
export function field({ label, schema, value, required, options = null, change, left }) {
  const made = schema.type === "boolean" ? tick(label, schema, value, change) : entry({ label, schema, value, required, options, change });
  const why = h("p", { class: "edit-problem", id: freshId("problem"), hidden: true });
  made.append(why);
  made.input.addEventListener("blur", left);
  made.problem = (texts) => {
    why.hidden = texts.length === 0;
    if (why.textContent !== texts.join(" ")) {
      put(why, texts.join(" "));
    }
    set(made.input, "aria-invalid", texts.length > 0 ? "true" : null);
    set(made.input, "aria-describedby", texts.length > 0 ? why.id : null);
  };
  return made;
}

function tick(label, schema, value, change) {
  const input = h("input", { type: "checkbox", class: "check", checked: value ?? schema.default, onchange: () => change(input.checked === schema.default ? undefined : input.checked) });
  return Object.assign(h("div", { class: "edit-field edit-tick" }, h("label", { class: "row" }, input, h("span", {}, label))), { input, options: () => {} });
}

function entry({ label, schema, value, required, options, change }) {
  const id = freshId("field");
  const known = options?.() ?? null;
  const chosen = known !== null && known.length <= MOST_OPTIONS;
  const shown = value ?? schema.default ?? "";
  const take = () => change(read(schema, input.value));
  const input = chosen
    ? h("select", { class: "select", id, onchange: take })
    : h("input", { class: "input", id, type: DAY.test(schema.pattern ?? "") ? "date" : "text", autocomplete: "off", inputmode: schema.type === "integer" ? "numeric" : null, maxlength: schema.maxLength ?? null, value: typeof shown === "object" ? "" : shown, oninput: take });
  set(input, "aria-required", required ? "true" : null);
  const made = h("div", { class: "edit-field" }, h("label", { for: id }, label), input);
  made.input = input;
  made.options = () => chosen && choose(input, options(), input.value, required);
  if (chosen) {
    choose(input, known, String(shown), required);
  }
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

function read(schema, text) {
  if (text === "" || text === String(schema.default ?? "")) {
    return undefined;
  }
  if (schema.anyOf?.some((each) => each.type === "number")) {
    return text.replace(",", ".");
  }
  return schema.type === "integer" && WHOLE.test(text) ? Number(text) : text;
}
