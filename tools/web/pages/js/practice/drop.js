// A place for files: dropped there, or chosen.

import { h } from "../markup.js";

/**
 * Return a place for files. `label` is what its button says, `hint` what is taken; `take(files)` gets what was
 * dropped or chosen.
 */
export function dropZone({ label, hint = null, accept = null, multiple = false, take }) {
  const input = h("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", accept, multiple, onchange: () => {
    const files = [...input.files];
    input.value = "";
    take(files);
  } });
  const zone = h("div", { class: "drop" },
    h("button", { type: "button", class: "button", onclick: () => input.click() }, label), input,
    hint === null ? null : h("span", { class: "quiet hand-hint" }, hint));
  takeFiles(zone, (files) => take(multiple ? files : files.slice(0, 1)));
  return zone;
}

const holds = (event) => event.dataTransfer?.types.includes("Files");

/** Let files be dropped on an element. */
export function takeFiles(element, take) {
  element.addEventListener("dragover", (event) => {
    if (holds(event)) {
      event.preventDefault();
      element.classList.add("drop-aimed");
    }
  });
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(event.relatedTarget)) {
      element.classList.remove("drop-aimed");
    }
  });
  element.addEventListener("drop", (event) => {
    element.classList.remove("drop-aimed");
    // A place within another one takes what is dropped on it.
    if (holds(event) && !event.defaultPrevented) {
      event.preventDefault();
      take([...event.dataTransfer.files]);
    }
  });
}

/** A file that is dropped beside every place for files does nothing: the browser would show it in our stead. */
function ignoreFile(event) {
  if (holds(event) && !event.defaultPrevented) {
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  }
}

document.addEventListener("dragover", ignoreFile);
document.addEventListener("drop", ignoreFile);
