// What a person does next in a round, from what the practice and the reader are now. No elements in here.

import { either, say, sayMany } from "./words.js";

/** Return the counts of a practice over all its owners. */
export function countAll(surgery) {
  const sum = (...states) => states.reduce(
    (before, state) => surgery.owners.reduce((count, owner) => count + owner[state], before), 0);
  return {
    prepared: sum("prepared"),
    loaded: sum("loaded"),
    toSign: sum("partial"),
    ready: sum("complete", "final"),
    sent: sum("transmitted"),
  };
}

/** Return how many documents on a reader are over with: certified, or cancelled on the round. */
export function certifiedOn({ partial, complete, cancelled }) {
  return partial + complete + cancelled;
}

/** Return the documents that lie on a reader, by patient: [[name, count], …]. */
export function patientsOn(surgery, serial) {
  const found = new Map();
  for (const each of surgery.documents) {
    if (each.state === "loaded" && each.reader === serial) {
      found.set(each.patient, (found.get(each.patient) ?? 0) + 1);
    }
  }
  return [...found];
}

/** Return how many documents the practice has loaded into a reader and not brought back. */
function loadedOn(surgery, serial) {
  return patientsOn(surgery, serial).reduce((sum, [, count]) => sum + count, 0);
}

/**
 * Return the next step: `at` (load, visit, unload, sign, transmit or done), `told` (a sentence), and `act`
 * (power, plug or unplug) when the page can do it by a button. `onBoard` is what the reader said that it has.
 */
export function nextStep({ now, lines, surgery, onBoard }) {
  const counts = countAll(surgery);
  const certified = onBoard === null ? 0 : certifiedOn(onBoard);
  const lost = onBoard === null ? 0 : loadedOn(surgery, now.serial) - onBoard.loaded - certified;
  if (lost > 0) {
    return { at: "load", told: loadAgain(lost) };
  }
  const at = place(counts, now, certified);
  if (at === "transmit" || at === "done") {
    return { at, ...(at === "transmit" ? toTransmit(counts) : allDone(counts)) };
  }
  if (!now.on) {
    return { at, told: say("Switch the reader on."), act: "power" };
  }
  if (at === "visit") {
    return { at, ...atHome(now, lines, surgery) };
  }
  if (!now.plugged) {
    return { at, told: say("Plug the cable in."), act: "plug" };
  }
  return { at, ...atPractice(at, now, surgery, certified) };
}

function loadAgain(lost) {
  return sayMany(
    lost,
    "The reader does not have {count} of the loaded invoices: load again.",
    "The reader does not have {count} of the loaded invoices: load again.",
  );
}

function place(counts, now, certified) {
  if (counts.loaded > 0 && (!now.plugged || !now.on) && counts.toSign + counts.ready === 0) {
    return "visit";
  }
  if (certified > 0) {
    return "unload";
  }
  if (counts.toSign > 0) {
    return "sign";
  }
  if (counts.ready > 0) {
    return "transmit";
  }
  if (counts.loaded > 0) {
    return counts.sent > 0 && now.plugged ? "done" : "visit";
  }
  return counts.prepared > 0 ? "load" : "done";
}

function atHome(now, lines, surgery) {
  const { ps, vitale } = now.slots;
  const screen = lines.join("\n");
  if (now.plugged) {
    return { told: say("Unplug the cable: the reader goes on its visit."), act: "unplug" };
  }
  if (screen.includes("CODE PORTEUR") && !screen.includes("FAUX")) {
    return { told: say("Type the code porteur on the reader's keys, then VAL. The code of the test cards is {code}.", { code: "1234" }) };
  }
  if (screen.includes("SIGNEE")) {
    return { told: say("Certified. Take the Vitale out for the next patient, or plug the cable in to bring back."), act: "plug" };
  }
  if (vitale !== null && /(^|\s)0 A CERTIFIER|RIEN A CERTIFIER/.test(screen)) {
    return {
      told: say("All invoices of this patient are certified. Take the Vitale out for the next patient, or plug the cable in to bring back."),
      act: "plug",
    };
  }
  if (ps === null) {
    return { told: say("Insert the visiting practitioner's card, such as that of {name}.", { name: surgery.owners[0]?.name ?? "" }) };
  }
  if (vitale === null) {
    const names = patientsOn(surgery, now.serial).map(([name]) => name).slice(0, 4).join(", ");
    return {
      told: names
        ? say("Insert the Vitale card of a patient: {names}. After the last visit, plug the cable in.", { names })
        : say("Insert the Vitale card of a patient. After the last visit, plug the cable in."),
      act: "plug",
    };
  }
  if (screen.includes("VAL=SIGNER")) {
    return { told: say("Press VAL: the reader certifies all invoices of this patient.") };
  }
  return { told: say("Follow the reader's screen; VAL goes on.") };
}

function atPractice(at, now, surgery, certified) {
  const { ps } = now.slots;
  if (at === "load") {
    return { told: say("Load the prepared invoices into the reader.") };
  }
  if (at === "unload") {
    if (ps === null) {
      return { told: say("Insert the PS card of an owner, or of whoever certified; then bring back.") };
    }
    return {
      told: sayMany(
        certified,
        "{count} certified invoice is on the reader: bring it back.",
        "{count} certified invoices are on the reader: bring them back.",
      ),
    };
  }
  const names = surgery.to_sign.map((each) => each.name);
  if (ps !== null && names.includes(ps.holder)) {
    return { told: say("The card of {holder} is in: sign.", { holder: ps.holder }) };
  }
  return { told: say("Insert the CPS of {names}, then sign.", { names: either(names) }) };
}

function toTransmit(counts) {
  return {
    told: sayMany(
      counts.ready,
      "{count} FSE has all its signatures: transmit it.",
      "{count} FSEs have all their signatures: transmit them.",
    ),
  };
}

function allDone(counts) {
  if (counts.sent === 0) {
    return { told: say("The practice has no invoice to load.") };
  }
  return {
    told: counts.loaded === 0
      ? say("The round is done: everything is sent.")
      : sayMany(
        counts.loaded,
        "The round is done. {count} invoice stays on the reader, for the next visit.",
        "The round is done. {count} invoices stay on the reader, for the next visit.",
      ),
    act: counts.loaded > 0 ? "unplug" : undefined,
  };
}
