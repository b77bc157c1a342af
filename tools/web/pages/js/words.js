// The page's sentences, in English or French. The French comes from the project's one catalogue.

const KEPT = "language";
export const LANGUAGES = ["en", "fr"];

/** Tells of every change of language by the event "language". */
export const spoken = new EventTarget();

let language = firstLanguage();
let french = {};

/** A sentence that prints itself in the language spoken at that moment. */
export class Told {
  constructor(template, values, several = null, count = 0) {
    this.template = template;
    this.values = values;
    this.several = several;
    this.count = count;
  }

  toString() {
    return this.form().replace(/\{(\w+)(?::([^}]*))?\}/g, (place, name, format) => {
      const value = this.values[name];
      if (value === undefined) {
        return place;
      }
      return typeof value === "number" && format ? number(value) : String(value);
    });
  }

  form() {
    if (language === "fr") {
      const found = french[this.template];
      if (found !== undefined) {
        return Array.isArray(found) ? found[this.count > 1 ? 1 : 0] : found;
      }
    }
    return this.several === null || this.count === 1 ? this.template : this.several;
  }
}

/** A text of the bench that came in every language at once, such as why it refused something. */
export class ToldInEach extends Told {
  constructor(texts) {
    super("", {});
    this.texts = texts;
  }

  toString() {
    return this.texts[language] ?? this.texts.en;
  }
}

/** Return a sentence. The template is a literal, so that the catalogue finds it; values fill its {places}. */
export function say(template, values = {}) {
  return new Told(template, values);
}

/** Return a sentence about a number of things: sayMany(n, "{count} card", "{count} cards"). */
export function sayMany(count, one, several, values = {}) {
  return new Told(one, { count, ...values }, several, count);
}

/** Return a number as the language writes it. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(language, options).format(value);
}

/** Return names of which one will do: "A, B or C". */
export function either(names) {
  return new Intl.ListFormat(language, { type: "disjunction" }).format(names);
}

/** Return names of which all are meant: "A, B and C". */
export function all(names) {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(names.map(String));
}

/** Return the language spoken: "en" or "fr". */
export function currentLanguage() {
  return language;
}

/** Speak a language from now on, and keep the choice. */
export async function speak(chosen) {
  if (chosen === "fr" && Object.keys(french).length === 0) {
    const response = await fetch("/assets/words/fr.json");
    french = response.ok ? await response.json() : {};
  }
  language = chosen;
  document.documentElement.lang = chosen;
  keep(KEPT, chosen);
  spoken.dispatchEvent(new Event("language"));
}

/** Return what was kept in this browser under a name, or null. */
export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keep a choice in this browser, where it lets us. */
export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
}

function firstLanguage() {
  const asked = [kept(KEPT), ...(navigator.languages ?? [])].map((each) => (each ?? "").slice(0, 2));
  return asked.find((each) => LANGUAGES.includes(each)) ?? "en";
}
