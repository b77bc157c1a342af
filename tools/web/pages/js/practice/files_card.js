// What the views of files are put together from.

import { euros } from "../amounts.js";
import { freshId, h } from "../markup.js";
import { say, sayMany } from "../words.js";
import { IDLE } from "./idle.js";

/** Return a part of the view under its title. */
export function filesCard(title, ...inside) {
  const id = freshId("files");
  return h("section", { class: "files-card", "aria-labelledby": id }, h("h2", { class: "part-title", id }, title), ...inside);
}

/** Return a button that says why it cannot be pressed, where `why` is not empty; `idle`: there is only nothing to do. */
export function actOrWhy(label, why, act, { idle = false } = {}) {
  const id = freshId("why");
  return h("div", { class: "files-act" },
    h("button", {
      type: "button", class: "button button-primary", "aria-disabled": why ? "true" : null, "aria-describedby": why ? id : null,
      onclick: () => !why && act(),
    }, label),
    why ? h("p", { id, class: idle ? IDLE : "files-why" }, why) : null);
}

/** Return how many documents of a kind, in how many lots, and what they come to. */
export function holds({ kind, documents, lots, total }) {
  const inside = kind === "dre"
    ? sayMany(documents, "{count:,} DRE", "{count:,} DREs")
    : sayMany(documents, "{count:,} FSE", "{count:,} FSEs");
  return [inside, " · ", sayMany(lots, "{count} lot", "{count} lots"), " · ", euros(total)];
}

/** Return the badge of a file's state. */
export function stateBadge({ state, rejected, documents }, underWay = false) {
  if (underWay) {
    return h("span", { class: "badge badge-warn" }, say("being sent"));
  }
  const [look, told] = {
    "to-send": ["badge", say("to send")],
    "sending": ["badge badge-warn", say("in doubt: sending was interrupted")],
    "sent": ["badge", say("sent, no answer yet")],
    "acknowledged": rejected > 0
      ? ["badge badge-warn", sayMany(rejected, "accepted, {count} of {all} rejected", "accepted, {count} of {all} rejected", { all: documents })]
      : ["badge badge-ok", say("accepted")],
    "rejected": ["badge badge-danger", say("rejected as a whole")],
  }[state];
  return h("span", { class: look }, told);
}
