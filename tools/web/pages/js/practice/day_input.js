// A field for a day, written as the page's language has it and not as the browser's: dd/mm/yyyy in both.

import { freshId, h, put, set } from "../markup.js";
import { say } from "../words.js";

const ISO = /^\d{4}-\d{2}-\d{2}$/;
const WRITTEN = /^(\d{1,2})[\s./-](\d{1,2})[\s./-](\d{4})$|^(\d{2})(\d{2})(\d{4})$/;
const TEXT = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");

/**
 * Return a field for a day. Its `value` is the day ("2019-03-05"), or what was typed while that is none; it
 * is then not valid, and says so below once it is left, unless its form does (`told`).
 */
export function dayInput({ value = "", told = false, ...attributes } = {}) {
  const why = h("span", { class: "day-why", id: freshId("day"), hidden: true });
  const input = h("input", { class: "input day-input", type: "text", inputmode: "numeric", autocomplete: "off", placeholder: say("dd/mm/yyyy") });
  Object.defineProperty(input, "value", { get: () => dayOf(TEXT.get.call(input)), set: (day) => show(day) });
  const check = () => input.setCustomValidity(input.value === "" || isDay(input.value) ? "" : String(askDay()));
  const show = (day) => {
    TEXT.set.call(input, isDay(day) ? day.split("-").reverse().join("/") : day);
    check();
    tell();
  };
  const tell = () => {
    if (told) {
      return;
    }
    const wrong = input.validity.customError;
    set(input, "aria-invalid", wrong ? "true" : null);
    set(input, "aria-describedby", wrong ? why.id : null);
    why.hidden = !wrong;
    put(why, wrong ? askDay() : null);
    if (wrong && !why.isConnected) {
      (input.closest("label") ?? input).after(why);
    }
  };
  input.addEventListener("input", check, { capture: true });
  input.addEventListener("change", () => show(input.value), { capture: true });
  Object.entries(attributes).forEach(([name, given]) => set(input, name, given));
  show(value);
  return input;
}

/** Return what is said where a day is wanted. */
export function askDay() {
  return say("Write the day as dd/mm/yyyy, such as 05/03/2019.");
}

/** Return whether a text is a day ("2019-03-05"). */
export function isDay(text) {
  return ISO.test(text) && new Date(`${text}T00:00Z`).toJSON()?.slice(0, 10) === text;
}

/** Return the day that a text means, or the text itself. */
function dayOf(text) {
  const found = WRITTEN.exec(text.trim());
  const [day, month, year] = (found ?? []).slice(1).filter(Boolean);
  const iso = found === null ? text.trim() : [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-");
  return isDay(iso) ? iso : text.trim();
}
