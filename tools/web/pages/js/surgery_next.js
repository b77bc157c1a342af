// What a person does next in a round, from what the practice and the reader are now. No elements in here.

import { all, either, say, sayMany } from "./words.js";

const PLUG = { kind: "plug" };
const UNPLUG = { kind: "unplug" };

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

/**
 * Return the next step at a reader: `at` (load, visit, unload, sign, transmit, elsewhere or done), `told` (a
 * sentence), and `act` when the page can do it by a button: {kind: power, plug or unplug}, or {kind: show, reader}
 * for another reader. `here` is what the practice has on the reader, as /v1/surgery/readers/NAME tells it.
 */
export function nextStep({ now, lines, surgery, here }) {
  if (here.cannot.load?.code === "twin-readers") {
    return { at: "elsewhere", told: say("{detail}. {action}.", here.cannot.load) };
  }
  const counts = countAll(surgery);
  const certified = here.documents === null ? 0 : certifiedOn(here.documents);
  const lost = here.documents === null ? 0 : here.loaded - here.documents.loaded - certified;
  if (lost > 0) {
    return { at: "load", told: loadAgain(lost) };
  }
  const at = place(counts, now, here, certified);
  if (at === "transmit") {
    return { at, ...toTransmit(counts) };
  }
  if (at === "elsewhere") {
    return { at, ...onOthers(now.name, here.elsewhere) };
  }
  if (at === "done") {
    return { at, ...allDone(counts, here) };
  }
  if (!now.on) {
    return { at, told: say("Switch the reader on."), act: { kind: "power" } };
  }
  if (at === "visit") {
    return { at, ...atHome(now, lines, surgery, here) };
  }
  if (!now.plugged) {
    return { at, told: say("Plug the cable in."), act: PLUG };
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

/** What is to be done with this reader comes first; then what any reader will do for. */
function place(counts, now, here, certified) {
  const away = !now.plugged || !now.on;
  if (here.loaded > 0 && away && (here.to_sign + here.ready === 0 || now.slots.vitale !== null)) {
    return "visit";
  }
  if (certified > 0) {
    return "unload";
  }
  if (here.to_sign + here.ready > 0) {
    return counts.toSign > 0 ? "sign" : "transmit";
  }
  if (here.loaded > 0) {
    return here.sent > 0 && now.plugged ? "done" : "visit";
  }
  if (counts.prepared > 0) {
    return "load";
  }
  if (here.elsewhere.length > 0) {
    return "elsewhere";
  }
  return counts.toSign > 0 ? "sign" : counts.ready > 0 ? "transmit" : "done";
}

/** What the practice loaded is on other readers: name them, and lead to the first that the bench has. */
function onOthers(reader, elsewhere) {
  const count = elsewhere.reduce((sum, each) => sum + each.count, 0);
  const readers = all(elsewhere.map((each) => each.reader ?? say("the reader with serial number {serial}", { serial: each.serial })));
  const shown = elsewhere.find((each) => each.reader !== null);
  if (shown === undefined) {
    return {
      told: sayMany(
        count,
        "Nothing is on {reader}; the {count} invoice is on {readers}, which is not on this bench.",
        "Nothing is on {reader}; the {count} invoices are on {readers}, which is not on this bench.",
        { reader, readers },
      ),
    };
  }
  return {
    told: sayMany(
      count,
      "Nothing is on {reader}; the {count} invoice is on {readers}. Go on there.",
      "Nothing is on {reader}; the {count} invoices are on {readers}. Go on there.",
      { reader, readers },
    ),
    act: { kind: "show", reader: shown.reader },
  };
}

function atHome(now, lines, surgery, here) {
  const { ps, vitale } = now.slots;
  const screen = lines.join("\n");
  if (now.plugged) {
    return { told: say("Unplug the cable: the reader goes on its visit."), act: UNPLUG };
  }
  if (screen.includes("CODE PORTEUR") && !screen.includes("FAUX")) {
    return { told: say("Type the code porteur on the reader's keys, then VAL. The code of the test cards is {code}.", { code: "1234" }) };
  }
  const refused = /(\d+) REFUSEE/.exec(screen);
  if (refused !== null) {
    return {
      told: sayMany(
        Number(refused[1]),
        "The reader refused {count} invoice, which stays on it; its screen says why. Take the Vitale out for the next patient, or plug the cable in to bring back.",
        "The reader refused {count} invoices, which stay on it; its screen says why. Take the Vitale out for the next patient, or plug the cable in to bring back.",
      ),
      act: PLUG,
    };
  }
  if (screen.includes("SIGNEE")) {
    return { told: say("Certified. Take the Vitale out for the next patient, or plug the cable in to bring back."), act: PLUG };
  }
  if (vitale !== null && /(^|\s)0 A CERTIFIER|RIEN A CERTIFIER/.test(screen)) {
    return {
      told: say("All invoices of this patient are certified. Take the Vitale out for the next patient, or plug the cable in to bring back."),
      act: PLUG,
    };
  }
  if (ps === null) {
    return { told: say("Insert the visiting practitioner's card, such as that of {name}.", { name: surgery.owners[0]?.name ?? "" }) };
  }
  if (vitale === null) {
    return toNextPatient(screen, here);
  }
  if (screen.includes("VAL=SIGNER")) {
    return { told: say("Press VAL: the reader certifies all invoices of this patient.") };
  }
  return { told: say("Follow the reader's screen; VAL goes on.") };
}

/** The screen at rest counts what is left to be certified; the practice learns of it when it is brought back. */
function toNextPatient(screen, here) {
  const counted = /A CERTIFIER +(\d+)/.exec(screen);
  const left = counted === null ? here.loaded : Number(counted[1]);
  const act = left < here.loaded ? PLUG : undefined;
  if (left === 0) {
    return { told: say("All invoices on the reader are certified: plug the cable in."), act };
  }
  const names = either(here.patients.map(({ name }) => name).slice(0, 4));
  const told = here.patients.length > 0
    ? sayMany(
      left,
      "{count} invoice is to be certified. Insert the Vitale card of its patient: {names}. After the last visit, plug the cable in.",
      "{count} invoices are to be certified. Insert the Vitale card of a patient: {names}. After the last visit, plug the cable in.",
      { names },
    )
    : say("Insert the Vitale card of a patient. After the last visit, plug the cable in.");
  return { told, act };
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

function allDone(counts, here) {
  if (counts.sent === 0) {
    return { told: say("The practice has no invoice to load.") };
  }
  return {
    told: here.loaded === 0
      ? say("The round is done: everything is sent. Its files are under “Every invoice”.")
      : sayMany(
        here.loaded,
        "The round is done; its files are under “Every invoice”. {count} invoice stays on the reader, for the next visit.",
        "The round is done; its files are under “Every invoice”. {count} invoices stay on the reader, for the next visit.",
      ),
    act: here.loaded > 0 ? UNPLUG : undefined,
  };
}
