// The fields that name something else in the practice: an owner, a patient, a prescriber, a fund.

const FULL = (who) => [who.last_name, who.first_name].filter(Boolean).join(" ");

const CHOICES = {
  "Invoice.owner": ({ practitioners = [] }) => practitioners.flatMap((who) => (who.situations ?? []).map((each) => named(each.billing_number, FULL(who)))),
  "Invoice.patient": ({ patients = [] }) => patients.map((each) => named(each.id, (each.beneficiaries ?? []).slice(0, 1).map(FULL).join(""))),
  "Invoice.beneficiary": ({ patients = [] }, invoice) => (patients.find((each) => each.id === invoice.patient)?.beneficiaries ?? []).map((who, at) => ({ value: String(at + 1), label: `${at + 1} · ${FULL(who)}` })),
  "Invoice.fund": ({ funds = [] }) => funds.map((each) => named(each.id, each.label)),
  "InvoicePrescription.prescriber": ({ prescribers = [] }) => prescribers.map((each) => named(each.id, FULL(each))),
  "StaffMember.card": () => [{ value: "cpe", label: "CPE" }, { value: "cpf", label: "CPF" }],
};

/** Return a function that gives what a field may be now, or null where it is not chosen from a list. */
export function choicesOf(part, name, practice, value) {
  const found = CHOICES[`${part}.${name}`];
  return found === undefined ? null : () => found(practice, value).filter((each) => each.value !== "");
}

function named(id, label) {
  return { value: id ?? "", label: label ? `${label} (${id})` : id };
}
