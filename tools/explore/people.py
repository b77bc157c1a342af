"""The people of the explored round, their cards, and its twelve invoices: three owners, two patients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from tla_sim.host.documents import OutgoingDocument
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.invoice import (
    Act,
    AmoBody,
    Coverage,
    InvoiceBeneficiary,
    InvoiceIdentification,
    InvoicePs,
    Patient,
    Totals,
)
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Beneficiary, Insured, RightsPeriod
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import TEST_CODE, BeneficiaryEntry, issue_cps, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys

DAY: Final = date(2019, 3, 5)
INVOICES: Final = 12
CODE: Final = TEST_CODE
WRONG_CODE: Final = "4321"


@dataclass(frozen=True)
class Owner:
    """A titulaire: billing number and name."""

    number: str
    name: str


MAYA: Final = Owner("75600001", "PIQURE2969 MAYA")
PAUL: Final = Owner("75100002", "TOUBIB PAUL")
LEA: Final = Owner("75600003", "AUTRE LEA")
OWNERS: Final = (MAYA, PAUL, LEA)
"""The first of them goes on the round."""

PATIENTS: Final = (("MARTIN", "1550899999001"), ("DESMAUX", "2620299999002"))
"""Their names and NIRs."""

CANCELLED: Final[DocumentId] = DocumentId(PAUL.number, "190305002", DocumentKind.FSE)
"""The invoice that is given up on the round."""


@cache
def cards() -> dict[str, CardImage]:
    """Every card by its holder's name, fresh from the issuer; the same each time."""
    found = {}
    for position, owner in enumerate(OWNERS):
        last, _, first = owner.name.partition(" ")
        holder = PsHolder(
            card_type="0", national_id=f"{899_700_000_011 + position}", last_name=last, first_name=first
        )
        situation = PsSituation(
            logical_number=1, billing_number=owner.number, may_sign_invoice=True, may_sign_lot=True
        )
        found[owner.name] = issue_cps(holder, [situation], ShippedKeys(2 * position))
    for position, (name, nir) in enumerate(PATIENTS):
        insured = Insured(card_type="T", card_serial="", nir=nir, nir_key="01")
        who = Beneficiary(
            usual_name=name, first_name="P", birth_date=BirthDate("19550812"), birth_rank="1", quality="0"
        )
        rights = (RightsPeriod(start=date(2019, 1, 1)),)
        found[name] = issue_vitale(insured, [BeneficiaryEntry(who, rights)], ShippedKeys(6 + position))
    return found


@cache
def documents() -> tuple[OutgoingDocument, ...]:
    """The invoices: owners by turns, the first half for one patient, the rest for the other."""
    return tuple(OutgoingDocument.of(_invoice(position)) for position in range(INVOICES))


def documents_of(owner: Owner) -> list[OutgoingDocument]:
    """One owner's invoices."""
    return [each for each in documents() if each.invoice.owner == owner.number]


def _invoice(position: int) -> PreparedInvoice:
    owner = OWNERS[position % len(OWNERS)]
    last, _, first = owner.name.partition(" ")
    name, nir = PATIENTS[position * len(PATIENTS) // INVOICES]
    amount = 3_150 + position
    return PreparedInvoice(
        identification=InvoiceIdentification(
            invoice_number=f"{190_305_001 + position}", nature="10", made_on=DAY, situation_number=1
        ),
        ps=InvoicePs(billing_number=owner.number, billing_key="1", last_name=last, first_name=first),
        beneficiary=InvoiceBeneficiary(
            nir=nir, nir_key="01", birth_date=BirthDate("19550812"), birth_rank="1", quality="0"
        ),
        patient=Patient(last_name=name, first_name="P"),
        amo=AmoBody(regime="01", fund="751", centre="0000", recipient="CPAM - DEMONSTRATION"),
        coverage=Coverage(nature="10", third_party_amo=True, rate=100),
        acts=(Act(performed_on=DAY, code="AMI", coefficient=400, quantity=1, amount=amount, rate=100),),
        totals=Totals(total=amount, fund=amount),
    )
