// Elements made from JavaScript: never from strings of markup, so data cannot become markup.

import { Told, spoken } from "./words.js";

const TOLD = Symbol("told");

/** Return a new element. Attributes: on… are listeners, true is a bare attribute, false and null leave it out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    set(element, name, value);
  }
  element.append(...nodes(children));
  return element;
}

/** Set an attribute, or a listener for a name that begins with "on". */
export function set(element, name, value) {
  if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), value);
    return;
  }
  if (value instanceof Told) {
    (element[TOLD] ??= new Map()).set(name, value);
  } else {
    element[TOLD]?.delete(name);
  }
  if (value === false || value === null || value === undefined) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Replace what is in an element. Strings and sentences become text. */
export function put(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/** Have an element hold these and no others, in this order. Those that stay in order are not moved. */
export function arrange(element, wanted) {
  const staying = new Set(wanted);
  [...element.childNodes].filter((each) => !staying.has(each)).forEach((each) => each.remove());
  wanted.forEach((each, at) => {
    if (element.childNodes[at] !== each) {
      element.insertBefore(each, element.childNodes[at] ?? null);
    }
  });
}

/** Return the first ancestor-or-self of a node that matches, for listeners on a whole list. */
export function nearest(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/** Return a number that no other call returned, for ids. */
let counted = 0;
export function freshId(stem) {
  counted += 1;
  return `${stem}-${counted}`;
}

function nodes(children) {
  return children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false).map(node);
}

function node(child) {
  if (child instanceof Node) {
    return child;
  }
  const text = document.createTextNode(String(child));
  if (child instanceof Told) {
    text[TOLD] = child;
  }
  return text;
}

function retell() {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let each = walker.nextNode(); each !== null; each = walker.nextNode()) {
    const told = each[TOLD];
    if (told instanceof Told) {
      each.data = String(told);
    } else if (told !== undefined) {
      told.forEach((value, name) => each.setAttribute(name, String(value)));
    }
  }
}

spoken.addEventListener("language", retell);
