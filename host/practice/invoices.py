"""Making prepared invoices, as readers take them, from the practice file's invoices."""

from __future__ import annotations

from datetime import date

from tla_sim.host.practice.act import CcamAct, NgapAct
from tla_sim.host.practice.model import (
    Beneficiary,
    FundBody,
    Invoice,
    InvoicePrescription,
    Practice,
    Prescriber,
)
from tla_sim.host.practice.problem import UnknownOwner
from tla_sim.protocol.documents.act import BilledAct
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups import invoice as groups
from tla_sim.protocol.groups.invoice import (
    AmcBody,
    AmoBody,
    Coverage,
    InvoiceBeneficiary,
    InvoiceIdentification,
    InvoicePs,
    Patient,
    Prescription,
    Totals,
)


def prepared_invoices(practice: Practice, owner: str | None = None) -> tuple[PreparedInvoice, ...]:
    """Return the prepared invoices of one owner (a billing number), or of all, in the order of the file.

    Raises `UnknownOwner` for a billing number that no practitioner of the practice has.

        >>> [invoice.number for invoice in tla_sim.prepared_invoices(practice, "75112040")]
        ['190305101', '190305102', '190305103']
    """
    if owner is not None and owner not in practice.owners:
        raise UnknownOwner(owner, tuple(practice.owners))
    return tuple(
        _prepare(practice, invoice)
        for invoice in practice.invoices
        if owner is None or invoice.owner == owner
    )


def _prepare(practice: Practice, invoice: Invoice) -> PreparedInvoice:
    practitioner, situation = practice.owners[invoice.owner]
    card = practice.patients_by_id[invoice.patient]
    who = card.beneficiaries[invoice.beneficiary - 1]
    prescription = invoice.prescription
    return PreparedInvoice(
        identification=InvoiceIdentification(
            invoice_number=invoice.number,
            nature=invoice.nature,
            made_on=invoice.date,
            situation_number=situation.logical_number,
        ),
        ps=InvoicePs(
            billing_number=situation.billing_number,
            billing_key=situation.billing_key,
            last_name=practitioner.last_name,
            first_name=practitioner.first_name,
            convention=situation.convention,
            speciality=situation.speciality,
            tariff_zone=situation.tariff_zone,
            ik_zone=situation.ik_zone,
        ),
        beneficiary=InvoiceBeneficiary(
            nir=card.nir,
            nir_key=card.nir_key,
            birth_date=who.birth_date,
            birth_rank=who.birth_rank,
            quality=who.quality,
            coverage_code=_coverage_code(who, invoice.date),
        ),
        patient=Patient(last_name=who.last_name, first_name=who.first_name),
        amo=_amo(practice.funds_by_id[invoice.fund]),
        amc=_amc(who) if invoice.coverage.third_party_amc else None,
        prescription=_prescription(prescription, practice.prescribers_by_id[prescription.prescriber])
        if prescription
        else None,
        coverage=_coverage(invoice),
        acts=tuple(_act(act, invoice.coverage.rate) for act in invoice.acts),
        totals=Totals(
            total=invoice.totals.total,
            fund=invoice.totals.fund,
            complementary=invoice.totals.complementary,
            insured=invoice.totals.insured,
            to_pay=invoice.totals.to_pay,
        ),
    )


def _act(act: NgapAct | CcamAct, rate: int) -> BilledAct:
    rate = rate if act.rate is None else act.rate
    if isinstance(act, CcamAct):
        return groups.CcamAct(
            performed_on=act.date,
            code=act.code,
            activity=act.activity,
            phase=act.phase,
            modifiers=act.modifiers,
            association=act.association,
            exceptional=act.exceptional_reimbursement,
            price=act.price,
            quantity=act.quantity,
            amount=act.amount,
            rate=rate,
            at_home=act.at_home,
        )
    return groups.Act(
        performed_on=act.date,
        code=act.code,
        coefficient=act.coefficient,
        quantity=act.quantity,
        amount=act.amount,
        rate=rate,
        at_home=act.at_home,
    )


def _coverage_code(who: Beneficiary, on: date) -> str:
    for period in who.coverage:
        if period.start <= on and (period.end is None or on <= period.end):
            return period.ald_code + period.situation_code
    return ""


def _amo(fund: FundBody) -> AmoBody:
    return AmoBody(
        regime=fund.regime,
        fund=fund.fund,
        centre=fund.centre,
        recipient=fund.label,
        computing_centre=fund.computing_centre,
    )


def _amc(who: Beneficiary) -> AmcBody | None:
    mutuelle = who.mutuelle
    if mutuelle is None:
        return None
    return AmcBody(
        identifier=mutuelle.identifier,
        name=mutuelle.name,
        contract=mutuelle.contract,
        routing_code=mutuelle.routing_code,
        guarantee=mutuelle.guarantees,
        rights_start=mutuelle.start,
        rights_end=mutuelle.end,
    )


def _prescription(written: InvoicePrescription, prescriber: Prescriber) -> Prescription:
    return Prescription(
        last_name=prescriber.last_name,
        first_name=prescriber.first_name,
        billing_number=prescriber.billing_number,
        prescribed_on=written.date,
        prior_agreement=written.prior_agreement,
        prior_agreement_on=written.prior_agreement_date,
        prior_agreement_reason=written.prior_agreement_reason,
    )


def _coverage(invoice: Invoice) -> Coverage:
    cover = invoice.coverage
    return Coverage(
        nature=cover.nature,
        event_on=cover.event_date,
        accident_number=cover.accident_number,
        exoneration=cover.exoneration,
        third_party_amo=cover.third_party_amo,
        third_party_amc=cover.third_party_amc,
        rate=cover.rate,
        care_path=cover.care_path,
        rights_source=cover.rights_source,
    )
