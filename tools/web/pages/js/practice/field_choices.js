// The fields that are chosen from a list: what else the practice has, and codes with their words.

import { say, ToldInEach } from "../words.js";
import { JoinedWords } from "./joined_words.js";

const MOST_OPTIONS = 500;
const FULL = (who) => [who.last_name, who.first_name].filter(Boolean).join(" ");

const CHOICES = {
  "Invoice.owner": ({ practitioners = [] }) => practitioners.flatMap((who) => (who.situations ?? []).map((each) => named(each.billing_number, FULL(who)))),
  "Invoice.patient": ({ patients = [] }) => patients.map((each) => named(each.id, (each.beneficiaries ?? []).slice(0, 1).map(FULL).join(""))),
  "Invoice.beneficiary": ({ patients = [] }, invoice) => (patients.find((each) => each.id === invoice.patient)?.beneficiaries ?? []).map((who, at) => ({ value: String(at + 1), label: `${at + 1} · ${FULL(who)}` })),
  "Invoice.fund": ({ funds = [] }) => funds.map((each) => named(each.id, each.label)),
  "InvoicePrescription.prescriber": ({ prescribers = [] }) => prescribers.map((each) => named(each.id, FULL(each))),
  "StaffMember.card": () => [{ value: "cpe", label: "CPE" }, { value: "cpf", label: "CPF" }],
};

const CHOOSE = {
  "Invoice.owner": () => say("Choose who bills it"),
  "Invoice.patient": () => say("Choose a patient"),
  "Invoice.beneficiary": () => say("Choose a beneficiary"),
  "Invoice.fund": () => say("Choose a recipient"),
  "InvoicePrescription.prescriber": () => say("Choose a prescriber"),
};

/** Return a function that gives what a field may be now, or null where it is not chosen from a list. */
export function choicesOf(part, name, draft, value) {
  const field = `${part}.${name}`;
  const { closed = false, codes = [] } = draft.codes[field] ?? {};
  const found = closed ? () => codes.map(coded) : CHOICES[field];
  const list = () => found(draft.practice, value).filter((each) => each.value !== "");
  return found !== undefined && list().length <= MOST_OPTIONS ? list : null;
}

/** Return what is proposed for a field that may also be something else. */
export function proposalsOf(part, name, draft) {
  const { closed = true, codes = [] } = draft.codes[`${part}.${name}`] ?? {};
  return closed ? [] : codes.map(coded);
}

/** Return what is said where something has to be chosen. */
export function chooseWords(part, name) {
  return (CHOOSE[`${part}.${name}`] ?? (() => say("Choose one from the list")))();
}

function coded({ code, words }) {
  const meaning = new ToldInEach(words);
  return { value: code, label: new JoinedWords([code, meaning], " "), meaning };
}

function named(id, label) {
  return { value: id ?? "", label: label ? `${label} (${id})` : id };
}
