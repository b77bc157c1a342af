// Printing a care sheet: its picture is put into the page for that, and fills the paper.

import { blob } from "../api.js";
import { h } from "../markup.js";
import { say } from "../words.js";

/** Return where the picture of an invoice's care sheet is. It is one page. */
export function sheetPage({ owner, number }) {
  return `/v1/practice/sheets/${owner}/${number}/pages/1.png`;
}

/** Print the care sheet of an invoice. Resolves once the browser has it; throws a Problem when there is none. */
export async function printSheet({ owner, number }) {
  const source = URL.createObjectURL(await blob(sheetPage({ owner, number })));
  const picture = h("img", { class: "sheet-page", src: source, alt: say("Care sheet of invoice {number}", { number }) });
  const printed = h("div", { class: "sheet-printed" }, picture);
  document.querySelectorAll("body > .sheet-printed").forEach((each) => each.remove());
  document.body.append(printed);
  addEventListener("afterprint", () => {
    printed.remove();
    URL.revokeObjectURL(source);
  }, { once: true });
  await picture.decode();
  window.print();
}
