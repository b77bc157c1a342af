"""A desk for tests: a reader with the nurse's card, a ledger, and the way of an invoice up to a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.reader_kit import Bench
from tests.scans import signature_png
from tla_sim.host.client import ReaderClient
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.desk.marks import bill_degraded
from tla_sim.host.desk.signature_image import register_signature
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import Rights
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.sending.lots import FilesMade, make_lots
from tla_sim.protocol.commands.cards import PsCardData
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.invoice import AmcBody, Totals
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import CODE, MAYA, NURSE, Person

ANCHORS = TrustAnchors.shipped()
NOON = datetime(2019, 3, 5, 12, tzinfo=UTC)


@dataclass
class Desk:
    """The nurse's desk. Her card is in; a Vitale is inserted for the first secured certification."""

    bench: Bench
    ledger: Ledger
    directory: Path
    client: ReaderClient
    card: PsCardData

    def insert(self, person: Person = MAYA, *, cpe: bool = False, may_sign: bool = True) -> None:
        """Insert another PS card and verify its code."""
        self.bench.insert_ps(person, cpe=cpe, may_sign=may_sign)
        self.card = self.client.verify_code(CODE)

    def sign_digitally(self) -> None:
        """Register the nurse's signature."""
        path = self.directory / "signature.png"
        path.write_bytes(signature_png())
        register_signature(self.ledger, NURSE, path)

    def degraded(self, number: str, *, on_paper: bool = False) -> None:
        """Bill a degraded invoice and sign it at the desk."""
        documents = bill_degraded(self.ledger, invoice(number), Rights.PRACTICE, on_paper=on_paper)
        certify_documents(self.client, self.ledger, ANCHORS, documents)

    def secured(self, number: str, *, dre: bool = False) -> None:
        """Certify a secured invoice at the desk, with the patient's Vitale."""
        if self.bench.reader.app.cards.vitale_insertion == 0:
            self.bench.insert_vitale()
        prepared = with_dre(invoice(number)) if dre else invoice(number)
        certify_documents(self.client, self.ledger, ANCHORS, documents_of(prepared))

    def files(self, numbers: Sequence[str] = ()) -> FilesMade:
        """Make lots and files with the inserted card."""
        return make_lots(self.client, self.ledger, ANCHORS, self.card, numbers)


def invoice(number: str) -> PreparedInvoice:
    """Return an invoice for PAUL MARTIN."""
    return make_invoice(number, NURSE)


def with_dre(prepared: PreparedInvoice) -> PreparedInvoice:
    """Return the invoice with a complementary part under tiers payant: 93,72 and 62,48."""
    return replace(
        prepared,
        coverage=replace(prepared.coverage, third_party_amc=True, rate=60),
        amc=AmcBody(identifier="99999997", name="MUTUELLE - DEMONSTRATION"),
        totals=Totals(total=15_620, fund=9_372, complementary=6_248),
    )


def open_desk(directory: Path) -> Iterator[Desk]:
    """Open a desk with an empty ledger, whose clock advances by a second at each reading."""
    moments = (NOON + timedelta(seconds=each) for each in range(1_000_000))
    with Ledger.open(directory / "ledger.sqlite", clock=lambda: next(moments)) as ledger:
        bench = Bench()
        bench.insert_ps(MAYA)
        client = bench.client()
        yield Desk(bench, ledger, directory, client, client.verify_code(CODE))
