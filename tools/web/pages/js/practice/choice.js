// A choice: a tick box or one of several, which says why when it is not possible.

import { freshId, h, put, set } from "../markup.js";

/**
 * Return a choice. `kind` is checkbox or radio (then with `group`, its name); `change(chosen)` is called when
 * somebody chose. One that is not `possible` can be reached and read, and not changed; `reason` says why, or what
 * has the id `shared`, for several at once.
 * Its `update({chosen, possible, reason, note})` shows how it stands now.
 */
export function choice({ kind = "checkbox", group = null, name = null, label, note = null, chosen = false, possible = true, reason = "", shared = null, change = () => {} }) {
  const why = freshId("why");
  const input = h("input", {
    type: kind, class: "choice-box", name: group, "data-choice": name,
    onclick: (event) => input.getAttribute("aria-disabled") === "true" && event.preventDefault(),
    onchange: () => change(input.checked),
  });
  const beside = h("p", { class: "choice-why", id: why });
  const made = h("div", { class: "choice" }, h("label", { class: "choice-label" }, input, h("span", {}, label)), beside);
  made.input = input;
  made.update = (now) => {
    const told = now.possible ? now.note : shared === null && now.reason;
    input.checked = now.chosen;
    set(input, "aria-disabled", now.possible ? null : "true");
    set(input, "aria-describedby", told ? why : now.possible ? null : shared);
    made.classList.toggle("choice-off", !now.possible);
    beside.hidden = !told;
    put(beside, told || null);
  };
  made.update({ chosen, possible, reason, note });
  return made;
}

/** Return choices that belong together, under a heading. */
export function choices(title, ...made) {
  return h("fieldset", { class: "choices-group" }, h("legend", {}, title), ...made);
}
