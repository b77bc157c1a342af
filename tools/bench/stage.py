"""A reader, its people and as many invoices as a benchmark wants, all in virtual time and from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.invoice import (
    Act,
    AmoBody,
    Coverage,
    InvoiceBeneficiary,
    InvoiceIdentification,
    InvoicePs,
    Patient,
    Prescription,
    Totals,
)
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Beneficiary, Insured, RightsPeriod
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.board import Board
from tla_sim.reader_fw.board.clock import Clock
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import TEST_CODE, BeneficiaryEntry, issue_cpe, issue_cps, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.reader_fw.reader import Reader

MORNING: Final = 1_551_772_800_000
DAY: Final = date(2019, 3, 5)
INVOICES_A_PATIENT: Final = 20


@dataclass(frozen=True)
class Owner:
    """A titulaire: billing number and card."""

    number: str
    card: CardImage


class Stage:
    """One reader, four owners, a secretary, and invoices for patients of 20 invoices each."""

    def __init__(self, invoices: int, owners: int = 4, seed: int = 1) -> None:
        self.entropy = SeededEntropy(seed)
        board = Board(Clock(MORNING), self.entropy, NorFlash(blank_image()), self.entropy.take(32))
        self.reader = Reader(board)
        self.reader.power_on()
        self.owners = [_owner(position) for position in range(owners)]
        self.secretary = issue_cpe(
            PsHolder(card_type="1", national_id="399900000001", last_name="ACCUEIL"),
            [PsSituation(logical_number=1, billing_number="750000000", may_sign_invoice=True)],
            ShippedKeys(8),
        )
        patients = max(1, invoices // INVOICES_A_PATIENT)
        self.patients = [_vitale(position) for position in range(patients)]
        self.documents = [
            OutgoingDocument.of(
                _invoice(position, self.owners[position % owners].number, position % patients)
            )
            for position in range(invoices)
        ]

    def client(self) -> ReaderClient:
        """A host on a cable."""
        port = self.reader.attach("bench")

        def exchange(lad: Lad, apdu: bytes) -> bytes:
            port.begin(lad, apdu)
            return self.reader.finish(port)

        return ReaderClient(InProcessTransport(exchange), self.entropy.take)

    def unplug(self) -> None:
        """Every cable out."""
        for port in self.reader.ports:
            port.detach()

    def insert(self, slot: Slot, image: CardImage) -> None:
        """Put a card in, the one before out."""
        self.reader.remove(slot)
        self.reader.insert(slot, Card(image, self.entropy))

    def visit(self) -> None:
        """Certify everything with the secretary's card, patient by patient, code typed once each."""
        self.insert(Slot.PS, self.secretary)
        for vitale in self.patients:
            self.insert(Slot.VITALE, vitale)
            for key in (Key.VAL, *(Key(digit) for digit in TEST_CODE), Key.VAL):
                self.reader.press(key)
        self.reader.remove(Slot.VITALE)


def _owner(position: int) -> Owner:
    number = f"{750_000_001 + position}"
    holder = PsHolder(card_type="0", national_id=f"{899_700_000_001 + position}", last_name=f"PS{position}")
    situation = PsSituation(logical_number=1, billing_number=number, may_sign_invoice=True, may_sign_lot=True)
    return Owner(number, issue_cps(holder, [situation], ShippedKeys(2 * position)))


def _nir(patient: int) -> str:
    return f"{1_550_899_000_001 + patient}"


def _vitale(patient: int) -> CardImage:
    insured = Insured(card_type="T", card_serial="", nir=_nir(patient), nir_key="01")
    beneficiary = Beneficiary(
        usual_name=f"PATIENT{patient}",
        first_name="P",
        birth_date=BirthDate("19550812"),
        birth_rank="1",
        quality="0",
    )
    rights = (RightsPeriod(start=date(2019, 1, 1)),)
    return issue_vitale(insured, [BeneficiaryEntry(beneficiary, rights)], ShippedKeys(10))


def _invoice(position: int, owner: str, patient: int) -> PreparedInvoice:
    amounts = (3_150, 3_150, 4_500, 250, 4_570)
    return PreparedInvoice(
        identification=InvoiceIdentification(
            invoice_number=f"{190_000_000 + position}", nature="10", made_on=DAY, situation_number=1
        ),
        ps=InvoicePs(billing_number=owner, billing_key="1", last_name="PIQURE2969", first_name="MAYA"),
        beneficiary=InvoiceBeneficiary(
            nir=_nir(patient), nir_key="01", birth_date=BirthDate("19550812"), birth_rank="1", quality="0"
        ),
        patient=Patient(last_name=f"PATIENT{patient}", first_name="P"),
        amo=AmoBody(regime="01", fund="751", centre="0000", recipient="CPAM - DEMONSTRATION"),
        prescription=Prescription(last_name="TOUBIB", first_name="PAUL", prescribed_on=date(2019, 1, 1)),
        coverage=Coverage(nature="10", exoneration="5", third_party_amo=True, rate=100),
        acts=tuple(
            Act(performed_on=DAY, code="AMI", coefficient=450, quantity=1, amount=amount, rate=100)
            for amount in amounts
        ),
        totals=Totals(total=sum(amounts), fund=sum(amounts)),
    )
