// What a hand at the bench would do so that the reader answers: done from the practice's page.

import { put as send } from "../api.js";
import { h } from "../markup.js";
import { say } from "../words.js";

/** Return a button that switches the chosen reader on or plugs its cable in, or null when neither is missing. */
export function handButton(part, practice) {
  const { reader } = practice;
  const { on, plugged } = reader?.now ?? {};
  const act = on === false ? ["power", { on: true }, say("Switch on")] : plugged === false ? ["cable", { plugged: true }, say("Plug the cable in")] : null;
  if (act === null) {
    return null;
  }
  const [what, body, word] = act;
  return h("button", { type: "button", class: "button", "data-act": what, onclick: () =>
    part.attempt(async () => reader.takeReader(await send(`${reader.path}/${what}`, body))) }, word);
}

/** Return what decides, at the reader, what the practice can do with it: changed, it is to be asked again. */
export function seenAt({ home }) {
  const { ps, ps_problem: card, problem, asked, version, invoices } = home?.reader ?? {};
  return JSON.stringify([ps?.serial, card?.code, problem?.code, asked, version, invoices]);
}
