"""The invoices of the cast: plausible, fictitious, and small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from tla_sim.host.documents import OutgoingDocument
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.documents.act import BilledAct
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.invoice import (
    Act,
    AmoBody,
    CcamAct,
    Coverage,
    InvoiceBeneficiary,
    InvoiceIdentification,
    InvoicePs,
    Patient,
    Prescription,
    Totals,
)
from tla_sim.tools.cast.people import DAY, MARTIN, MAYA, NURSE, Insured, Person

FIRST_NUMBER: Final = 190_305_001
_PRESCRIBED: Final = Prescription(last_name="TOUBIB", first_name="PAUL", prescribed_on=date(2019, 1, 1))


def make_invoice(
    number: str | int = "190305028",
    owner: str = NURSE,
    *,
    total: int = 15_620,
    acts: int = 2,
    made_on: date = DAY,
    patient: Insured = MARTIN,
    ps: tuple[str, str] = (MAYA.last_name, MAYA.first_name),
    prescription: Prescription | None = _PRESCRIBED,
    recipient: str = "CPAM - DEMONSTRATION",
) -> PreparedInvoice:
    """Return a sound invoice of `total` cents over `acts` acts, one a day up to `made_on`."""
    shares = [total // acts] * (acts - 1)
    shares.append(total - sum(shares))
    return PreparedInvoice(
        identification=InvoiceIdentification(
            invoice_number=f"{number:09}" if isinstance(number, int) else number,
            made_on=made_on,
            situation_number=1,
        ),
        ps=InvoicePs(billing_number=owner, billing_key="1", last_name=ps[0], first_name=ps[1]),
        beneficiary=InvoiceBeneficiary(
            nir=patient.nir,
            nir_key="47",
            birth_date=BirthDate(patient.birth_date),
            birth_rank="1",
            quality="0",
        ),
        patient=Patient(last_name=patient.last_name, first_name=patient.first_name),
        amo=AmoBody(regime="01", fund="751", centre="0000", recipient=recipient),
        prescription=prescription,
        coverage=Coverage(nature="10", exoneration="5", third_party_amo=True, rate=100),
        acts=tuple(
            make_act(performed_on=made_on - timedelta(days=day), amount=share)
            for day, share in enumerate(shares)
        ),
        totals=Totals(total=total, fund=total),
    )


def make_act(**values: Any) -> Act:
    """Return a nurse's injection for 156,20 €, or with other fields."""
    act = Act(performed_on=DAY, code="AMI", coefficient=400, quantity=1, amount=15_620, rate=100)
    return replace(act, **values)


def make_ccam_act(**values: Any) -> CcamAct:
    """Return an electrocardiogram at night (DEQP003, published price 14,26 €), or with other fields."""
    act = CcamAct(
        performed_on=DAY,
        code="DEQP003",
        activity="1",
        phase="0",
        modifiers="P",
        price=1_426,
        quantity=1,
        amount=4_926,
        rate=100,
    )
    return replace(act, **values)


def with_acts(invoice: PreparedInvoice, *acts: BilledAct) -> PreparedInvoice:
    """Return the invoice with these acts, their sum to be paid by the fund."""
    total = sum(each.amount for each in acts)
    return replace(invoice, acts=acts, totals=Totals(total=total, fund=total))


def make_document(
    number: str | int = "190305028",
    owner: str = NURSE,
    *,
    kind: DocumentKind = DocumentKind.FSE,
    mode: SecurityMode = SecurityMode.SECURED,
    **invoice: Any,
) -> OutgoingDocument:
    """Return the document of `make_invoice(number, owner, **invoice)`, ready to load."""
    return OutgoingDocument.of(make_invoice(number, owner, **invoice), kind, mode)


def invoices(owner: str = NURSE, count: int = 3, *, patient: Insured = MARTIN) -> list[PreparedInvoice]:
    """Return `count` invoices of one owner for one patient, numbered from 190305001."""
    return [make_invoice(FIRST_NUMBER + at, owner, total=15_620 + at, patient=patient) for at in range(count)]


def documents(owner: str = NURSE, count: int = 3, *, patient: Insured = MARTIN) -> list[OutgoingDocument]:
    """Return the documents of `invoices`, ready to load."""
    return [OutgoingDocument.of(invoice) for invoice in invoices(owner, count, patient=patient)]


def make_alternating_documents(
    count: int, owners: Sequence[Person], patients: Sequence[Insured], *, acts: int = 1
) -> tuple[OutgoingDocument, ...]:
    """Return `count` documents, numbered from 190305001; owners and patients alternate."""
    made = []
    for at in range(count):
        owner = owners[at % len(owners)]
        made.append(
            make_document(
                FIRST_NUMBER + at,
                owner.number,
                total=3_150 * acts + at % 1_000,
                acts=acts,
                patient=patients[at % len(patients)],
                ps=(owner.last_name, owner.first_name),
            )
        )
    return tuple(made)
