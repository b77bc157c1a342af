// What the fields of a practice file are called, by the part that they are in or anywhere.

import { say } from "../words.js";

const WORDS = {
  "Invoice.owner": () => say("Owner"),
  "Invoice.number": () => say("Invoice number"),
  "Invoice.patient": () => say("Patient (Vitale card)"),
  "Invoice.fund": () => say("Recipient"),
  "Invoice.date": () => say("Date of the invoice"),
  "Invoice.nature": () => say("Nature of the invoice"),
  "InvoicePrescription.date": () => say("Date of the prescription"),
  "Totals.fund": () => say("Paid by the fund (AMO)"),
  "FundBody.label": () => say("Name"),
  "Mutuelle.identifier": () => say("AMC number"),
  "InvoiceCoverage.nature": () => say("Nature of insurance"),
  "NgapAct.code": () => say("Key letter"),
  "CcamAct.code": () => say("CCAM code"),
  "NgapAct.date": () => say("Date of the act"),
  "CcamAct.date": () => say("Date of the act"),
  name: () => say("Name"),
  id: () => say("Short name in the file"),
  national_id: () => say("National number"),
  civility: () => say("Civility"),
  last_name: () => say("Last name"),
  first_name: () => say("First name"),
  card_serial: () => say("Card serial number"),
  card_end: () => say("Card valid until"),
  card: () => say("Kind of card"),
  logical_number: () => say("Logical number of the situation"),
  billing_number: () => say("Billing number"),
  billing_key: () => say("Key of the billing number"),
  speciality: () => say("Speciality"),
  convention: () => say("Agreement code"),
  practice_mode: () => say("Mode of practice"),
  tariff_zone: () => say("Tariff zone"),
  ik_zone: () => say("Mileage zone (IK)"),
  may_sign_invoice: () => say("May sign invoices"),
  may_sign_lot: () => say("May sign lots"),
  replaced_number: () => say("Billing number of the person replaced"),
  replaced_key: () => say("Key of that number"),
  nir: () => say("NIR of the insured"),
  nir_key: () => say("NIR key"),
  regime: () => say("Regime"),
  fund: () => say("Fund"),
  centre: () => say("Centre"),
  computing_centre: () => say("Computing centre"),
  birth_name: () => say("Birth name"),
  birth_date: () => say("Birth date (YYYY-MM-DD)"),
  birth_rank: () => say("Birth rank"),
  quality: () => say("Quality of the beneficiary"),
  certified_nir: () => say("Certified NIR"),
  certified_nir_key: () => say("Key of the certified NIR"),
  start: () => say("First day"),
  end: () => say("Last day"),
  ald_code: () => say("ALD code"),
  situation_code: () => say("Situation code"),
  contract: () => say("Contract"),
  guarantees: () => say("Guarantees"),
  routing_code: () => say("Routing code"),
  beneficiary: () => say("Beneficiary"),
  exoneration: () => say("Exemption"),
  third_party_amo: () => say("Third-party payment of the AMO share"),
  third_party_amc: () => say("Third-party payment of the AMC share"),
  rate: () => say("Rate (%)"),
  event_date: () => say("Date of the event"),
  accident_number: () => say("Accident number"),
  care_path: () => say("Care path"),
  rights_source: () => say("Source of the rights"),
  prescriber: () => say("Prescriber"),
  prior_agreement: () => say("Prior agreement"),
  prior_agreement_date: () => say("Date of the prior agreement"),
  prior_agreement_reason: () => say("Reason of the prior agreement"),
  total: () => say("Total amount"),
  complementary: () => say("Paid by the complementary insurer (AMC)"),
  insured: () => say("Paid by the insured"),
  to_pay: () => say("Left to pay"),
  coefficient: () => say("Coefficient"),
  quantity: () => say("Quantity"),
  amount: () => say("Amount of the line"),
  at_home: () => say("At home"),
  activity: () => say("Activity"),
  phase: () => say("Phase"),
  modifiers: () => say("Modifiers"),
  association: () => say("Association"),
  exceptional_reimbursement: () => say("Exceptional reimbursement"),
  price: () => say("Published price"),
  totals: () => say("Amounts"),
  coverage: () => say("Reimbursement"),
  mutuelle: () => say("Complementary insurer (AMC)"),
  prescription: () => say("Prescription"),
};

/** What an optional part is asked for by. */
export const OPTIONAL = {
  mutuelle: () => say("The beneficiary has a complementary insurer (AMC)"),
  prescription: () => say("On prescription"),
};

/** The lists within a part: their title, the name of one, and what adds one. */
export const LISTS = {
  situations: { title: () => say("Billing situations"), one: (n) => say("Billing situation {n}", { n }), add: () => say("Add a billing situation") },
  beneficiaries: { title: () => say("Beneficiaries"), one: (n) => say("Beneficiary {n}", { n }), add: () => say("Add a beneficiary") },
  rights: { title: () => say("AMO rights"), one: (n) => say("Period of rights {n}", { n }), add: () => say("Add a period of rights") },
  coverage: { title: () => say("Coverage"), one: (n) => say("Period of coverage {n}", { n }), add: () => say("Add a period of coverage") },
  acts: { title: () => say("Acts"), one: (n) => say("Act {n}", { n }), add: () => say("Add an act") },
};

/** The sections of a practice: their title, what one item is called, and what adds one. */
export const SECTION_WORDS = {
  practitioners: { title: () => say("Practitioners"), one: (name) => say("Practitioner {name}", { name }), add: () => say("Add a practitioner") },
  staff: { title: () => say("Employees"), one: (name) => say("Employee {name}", { name }), add: () => say("Add an employee") },
  patients: { title: () => say("Patients"), one: (name) => say("Patient {name}", { name }), add: () => say("Add a patient") },
  prescribers: { title: () => say("Prescribers"), one: (name) => say("Prescriber {name}", { name }), add: () => say("Add a prescriber") },
  funds: { title: () => say("Funds"), one: (name) => say("Fund {name}", { name }), add: () => say("Add a fund") },
  invoices: { title: () => say("Prepared invoices"), one: (name) => say("Invoice {name}", { name }), add: () => say("New invoice") },
};

/** Fields that come first in a part, where the order of the file is not that of the work. */
export const FIRST = { Invoice: ["owner", "number", "date", "patient", "beneficiary", "fund"] };

/** Return what a field of a part is called. */
export function labelOf(part, name) {
  const found = [`${part}.${name}`, name].find((each) => Object.hasOwn(WORDS, each));
  return found === undefined ? name : WORDS[found]();
}
