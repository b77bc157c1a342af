// Why a practice file is not opened.

import { h, put } from "../markup.js";
import { sayMany } from "../words.js";
import { placeWords } from "./place_words.js";
import { fileWords } from "./problem_words.js";

const MOST_SENTENCES = 20;

/** Return an element that is hidden until its `show(name, problems, text)` tells what is wrong with a file. */
export function fileRefusal() {
  const made = h("div", { class: "callout edit-refused", role: "alert", hidden: true });
  made.show = (name, problems, text) => {
    const file = read(text);
    made.hidden = problems.length === 0;
    put(made, problems.length === 0 ? null : [
      h("p", {}, sayMany(problems.length, "{name} is not opened: it has {count} error.", "{name} is not opened: it has {count} errors.", { name })),
      h("ul", {}, problems.slice(0, MOST_SENTENCES).map((each) => h("li", {},
        // Only a file that cannot be read as a whole has no places, but lines.
        each.place === "" || file === null ? each.sentence : [h("strong", {}, placeWords(each.place, file)), " ", fileWords(each, file)]))),
    ]);
  };
  return made;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
