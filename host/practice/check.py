"""Checks beyond the structure of a practice file: references exist, keys fit, sums agree.

Each finding names the place, the value found and what was expected. A check that depends on a wrong part
reports nothing: that part has to be corrected first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from tla_sim.host.practice.date_order import InvoiceDates, find_disorder
from tla_sim.host.practice.model import Beneficiary, CardHolder, Invoice, Named, Patient, Practitioner
from tla_sim.host.practice.nir import AGRICULTURAL_REGIME, is_agricultural, nir_key
from tla_sim.host.practice.part import Part
from tla_sim.host.practice.problem import PlaceNamed, phrase, place
from tla_sim.host.practice.structure import Draft, Finding
from tla_sim.host.strict_json import Location
from tla_sim.protocol.sentence import Sentence

P = TypeVar("P", bound=Part)


def findings(tree: dict[str, Any], draft: Draft, today: date | None = None) -> Iterator[Finding]:
    """Yield every inconsistency between the sound parts of a file. Births after `today` are among them."""
    yield from _practitioners(_section(draft, "practitioners", Practitioner))
    patients = _section(draft, "patients", Patient)
    for index, patient in patients.items():
        yield from _patient(("patients", index), patient)
        yield from _born(("patients", index), patient, today)
    yield from _unique(
        ((("patients", i, "card_serial"), p.card_serial) for i, p in patients.items()),
        Sentence("another serial"),
    )
    for name in ("patients", "prescribers", "funds"):
        named = _section(draft, name, Named)
        yield from _unique((((name, i, "id"), each.id) for i, each in named.items()), Sentence("another id"))
    yield from _people(draft)
    yield from _invoices(tree, draft)


def _section(draft: Draft, name: str, kind: type[P]) -> dict[int, P]:
    return {index: part for index, part in draft.sections[name].items() if isinstance(part, kind)}


def _unique(values: Iterator[tuple[Location, str]], expected: str) -> Iterator[Finding]:
    seen: dict[str, Location] = {}
    for where, value in values:
        first = seen.setdefault(value, where)
        if first is not where:
            yield Finding(
                where,
                Sentence("{value} again", value=phrase(value)),
                Sentence("{expected}: {first} has it", expected=expected, first=_name(first)),
            )


def _name(where: Location) -> PlaceNamed:
    return PlaceNamed(place(where[:2]))


def _practitioners(practitioners: Mapping[int, Practitioner]) -> Iterator[Finding]:
    numbers: list[tuple[Location, str]] = []
    for index, practitioner in practitioners.items():
        logical: set[int] = set()
        for position, situation in enumerate(practitioner.situations):
            where = ("practitioners", index, "situations", position)
            numbers.append(((*where, "billing_number"), situation.billing_number))
            if situation.logical_number in logical:
                found = Sentence("{logical_number} again", logical_number=situation.logical_number)
                yield Finding(
                    (*where, "logical_number"), found, Sentence("another logical number in each situation")
                )
            logical.add(situation.logical_number)
            if bool(situation.replaced_number) != bool(situation.replaced_key):
                yield Finding(
                    (*where, "replaced_key"),
                    phrase(situation.replaced_key),
                    Sentence("a number and its key, both or neither"),
                )
    yield from _unique(iter(numbers), Sentence("a billing number of its own"))


def _people(draft: Draft) -> Iterator[Finding]:
    people = [
        ((name, index), holder)
        for name in ("practitioners", "staff")
        for index, holder in _section(draft, name, CardHolder).items()
    ]
    yield from _unique(
        (((*where, "national_id"), holder.national_id) for where, holder in people),
        Sentence("another national id"),
    )
    serials = (((*where, "card_serial"), holder.card_serial) for where, holder in people)
    yield from _unique(((where, serial) for where, serial in serials if serial), Sentence("another serial"))


def _patient(where: Location, patient: Patient) -> Iterator[Finding]:
    yield from _key(where, "nir_key", patient.nir, patient.nir_key)
    yield from _scheme((*where, "nir"), patient.nir, patient.regime)
    seen: dict[tuple[str, str], int] = {}
    for position, beneficiary in enumerate(patient.beneficiaries):
        here = (*where, "beneficiaries", position)
        yield from _beneficiary(here, beneficiary)
        if beneficiary.certified_nir is not None:
            yield from _scheme((*here, "certified_nir"), beneficiary.certified_nir, patient.regime)
        twin = seen.setdefault((beneficiary.birth_date, beneficiary.birth_rank), position)
        if twin != position:
            expected = Sentence(
                "another birth rank: beneficiaries[{twin}] was born on the same day", twin=twin
            )
            yield Finding((*here, "birth_rank"), phrase(beneficiary.birth_rank), expected)


def _born(where: Location, patient: Patient, today: date | None) -> Iterator[Finding]:
    for position, who in enumerate(patient.beneficiaries):
        if today is not None and who.birth_date.after(today):
            found = phrase(who.birth_date.iso)
            here = (*where, "beneficiaries", position, "birth_date")
            yield Finding(here, found, Sentence("a day up to today, {today}", today=today))


def _beneficiary(where: Location, who: Beneficiary) -> Iterator[Finding]:
    if who.certified_nir is not None and who.certified_nir_key is not None:
        yield from _key(where, "certified_nir_key", who.certified_nir, who.certified_nir_key)
    elif (who.certified_nir is None) != (who.certified_nir_key is None):
        present = "certified_nir_key" if who.certified_nir is None else "certified_nir"
        yield Finding(
            (*where, present),
            Sentence("one without the other"),
            Sentence("a certified NIR with its key, or neither"),
        )
    for name in ("rights", "coverage"):
        for index, period in enumerate(getattr(who, name)):
            if period.end is not None and period.end < period.start:
                expected = Sentence("{start} or later", start=period.start.isoformat())
                yield Finding((*where, name, index, "end"), period.end.isoformat(), expected)
    mutuelle = who.mutuelle
    if mutuelle is not None and mutuelle.start and mutuelle.end and mutuelle.end < mutuelle.start:
        expected = Sentence("{start} or later", start=mutuelle.start.isoformat())
        yield Finding((*where, "mutuelle", "end"), mutuelle.end.isoformat(), expected)


def _key(where: Location, name: str, nir: str, key: str) -> Iterator[Finding]:
    if key != nir_key(nir):
        yield Finding(
            (*where, name), phrase(key), Sentence("'{key}', the key of {nir}", key=nir_key(nir), nir=nir)
        )


def _scheme(where: Location, nir: str, regime: str) -> Iterator[Finding]:
    if is_agricultural(nir) and regime != AGRICULTURAL_REGIME:
        expected = Sentence(
            "the regime '{agricultural_regime}' with it, not '{regime}': numbers that begin 555555 are"
            " provisional ones of the agricultural scheme",
            agricultural_regime=AGRICULTURAL_REGIME,
            regime=regime,
        )
        yield Finding(where, phrase(nir), expected)


def _invoices(tree: dict[str, Any], draft: Draft) -> Iterator[Finding]:
    owners = _strings(tree, "practitioners", lambda item: _inner(item, "situations", "billing_number"))
    known = {
        name: _strings(tree, name, lambda item: [item.get("id")])
        for name in ("patients", "prescribers", "funds")
    }
    patients = {patient.id: patient for patient in _section(draft, "patients", Patient).values()}
    seen: dict[tuple[str, str], int] = {}
    for index, invoice in _section(draft, "invoices", Invoice).items():
        where = ("invoices", index)
        if invoice.owner not in owners:
            yield Finding(
                (*where, "owner"), phrase(invoice.owner), _one_of(Sentence("billing number"), owners)
            )
        if invoice.patient not in known["patients"]:
            yield Finding(
                (*where, "patient"), phrase(invoice.patient), Sentence("the id of a patient of this file")
            )
        elif invoice.patient in patients:
            yield from _covered(where, invoice, patients[invoice.patient])
        if invoice.fund not in known["funds"]:
            yield Finding(
                (*where, "fund"), phrase(invoice.fund), _one_of(Sentence("fund id"), known["funds"])
            )
        prescription = invoice.prescription
        if prescription is not None and prescription.prescriber not in known["prescribers"]:
            found, expected = (
                phrase(prescription.prescriber),
                _one_of(Sentence("prescriber id"), known["prescribers"]),
            )
            yield Finding((*where, "prescription", "prescriber"), found, expected)
        first = seen.setdefault((invoice.owner, invoice.number), index)
        if first != index:
            expected = Sentence(
                "a number of its own: {first} of the same owner has it", first=_name(("invoices", first))
            )
            yield Finding(
                (*where, "number"), Sentence("{number} again", number=phrase(invoice.number)), expected
            )
        yield from _sums(where, invoice)
        yield from _dates(where, invoice, patients.get(invoice.patient))


def _dates(where: Location, invoice: Invoice, patient: Patient | None) -> Iterator[Finding]:
    prescription = invoice.prescription
    known = patient is not None and invoice.beneficiary <= len(patient.beneficiaries)
    dates = InvoiceDates(
        made_on=invoice.date,
        acts=[act.date for act in invoice.acts],
        born=patient.beneficiaries[invoice.beneficiary - 1].birth_date if patient and known else None,
        prescribed_on=prescription.date if prescription else None,
        agreed_on=prescription.prior_agreement_date if prescription else None,
        event_on=invoice.coverage.event_date,
        nature=invoice.coverage.nature,
    )
    for each in find_disorder(dates):
        yield Finding((*where, *each.place), each.found.isoformat(), each.expected)


def _strings(
    tree: dict[str, Any], section: str, values: Callable[[dict[str, Any]], list[object]]
) -> dict[str, None]:
    """Return the texts found anywhere in a section, even in wrong items, as an ordered set."""
    items = tree.get(section)
    listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {value: None for item in listed for value in values(item) if isinstance(value, str)}


def _inner(item: dict[str, Any], name: str, key: str) -> list[object]:
    items = item.get(name)
    return [each.get(key) for each in items if isinstance(each, dict)] if isinstance(items, list) else []


def _one_of(what: str, known: Mapping[str, None]) -> str:
    if not known:
        return Sentence("a {what} of this file, which has none", what=what)
    if len(known) > 5:
        return Sentence("one of the {count} {what}s of this file", count=len(known), what=what)
    return Sentence(
        "a {what} of this file: {known}", what=what, known=", ".join(phrase(each) for each in known)
    )


def _covered(where: Location, invoice: Invoice, patient: Patient) -> Iterator[Finding]:
    count = len(patient.beneficiaries)
    if invoice.beneficiary > count:
        yield Finding(
            (*where, "beneficiary"),
            str(invoice.beneficiary),
            Sentence("1 to {count}, the beneficiaries of that patient", count=count),
        )
    elif invoice.coverage.third_party_amc and patient.beneficiaries[invoice.beneficiary - 1].mutuelle is None:
        yield Finding(
            (*where, "coverage", "third_party_amc"),
            "true",
            Sentence("false: the patient has no mutuelle in this file"),
        )


def _sums(where: Location, invoice: Invoice) -> Iterator[Finding]:
    totals = invoice.totals
    acts = sum(act.amount for act in invoice.acts)
    if acts != totals.total:
        yield Finding(
            (*where, "totals", "total"),
            _euros(totals.total),
            Sentence("{acts}, the sum of its acts", acts=_euros(acts)),
        )
    parts = totals.fund + totals.complementary + totals.insured
    if parts != totals.total:
        yield Finding(
            (*where, "totals"),
            Sentence("parts that add up to {parts}", parts=_euros(parts)),
            Sentence(
                "fund, complementary and insured to add up to {total}, the total", total=_euros(totals.total)
            ),
        )
    if totals.to_pay > totals.total:
        yield Finding(
            (*where, "totals", "to_pay"),
            _euros(totals.to_pay),
            Sentence("at most {total}, the total", total=_euros(totals.total)),
        )


def _euros(cents: int) -> Sentence:
    """Return an amount as each language writes it."""
    return Sentence("{euros:.2f}", euros=cents / 100)
