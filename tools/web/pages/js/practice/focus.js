// The focus is never lost: what has it hands it on when it is drawn anew, hidden or taken away.

const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex='0']";
const NAMED = ["data-act", "data-choice"];

/** Follow the focus within the page, until the signal; `fallback` takes it where nothing near is left. */
export function followFocus(page, fallback, signal) {
  let held = null;
  const check = () => {
    if (held !== null && free(held.element) && !shown(held.element)) {
      const { around, same } = held;
      held = null;
      successor(around.filter((each) => each.isConnected && fallback.contains(each)), same, fallback).focus();
    }
  };
  page.addEventListener("focusin", ({ target }) => {
    held = { element: target, around: ancestors(target, page), same: sameness(target) };
  }, { signal });
  page.addEventListener("focusout", ({ target }) => setTimeout(() => {
    // Somebody left it for nothing, such as by a click beside everything: then nothing is handed on.
    if (held?.element === target && document.activeElement === document.body && shown(target)) {
      held = null;
    }
  }), { signal });
  document.addEventListener("close", () => setTimeout(check), { signal, capture: true });
  const changes = new MutationObserver(check);
  changes.observe(page, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden", "disabled"] });
  signal.addEventListener("abort", () => changes.disconnect());
}

/** Whether nobody else has the focus. */
function free(element) {
  return document.activeElement === null || document.activeElement === document.body || document.activeElement === element;
}

function shown(element) {
  return element.isConnected && element.checkVisibility() && !element.disabled;
}

function ancestors(element, page) {
  const found = [];
  for (let each = element.parentElement; each !== null && each !== page; each = each.parentElement) {
    found.push(each);
  }
  return found;
}

/** Return what tells whether another element is the same control, drawn anew. */
function sameness(element) {
  const named = NAMED.find((name) => element.hasAttribute(name));
  const told = (each) => [each.localName, each.getAttribute("href"), each.getAttribute("aria-label"), each.textContent.trim()].join("\n");
  const known = told(element);
  return named === undefined ? (each) => told(each) === known : (each) => each.getAttribute(named) === element.getAttribute(named);
}

/** Return the same control where it was drawn anew, or the first that is left near where it was. */
function successor(around, same, fallback) {
  const near = around.map((each) => [...each.querySelectorAll(FOCUSABLE)].filter(shown));
  return near.map((each) => each.find(same)).find(Boolean) ?? near.slice(0, -1).find((each) => each.length > 0)?.[0] ?? fallback;
}
