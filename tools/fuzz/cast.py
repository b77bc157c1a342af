"""Who and what a campaign plays with: cards, invoices, lots, and the words of the grammar made of them.

Each card and invoice comes twice: as bytes for the firmware, and as facts for the reference model.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Final

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.commands.identity import Moment
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.documents.load import batch_digest, load_identifier
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
from tla_sim.protocol.wire.record import Record
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import BeneficiaryEntry, CardTerms, issue_cpe, issue_cps, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.fuzz.grammar import Lexicon

MORNING: Final = 1_551_772_800_000
"""2019-03-05 08:00, reader local time."""

CODE: Final = "1234"
OWNERS: Final = ("75600001", "75100002", "75600003")
DAY: Final = date(2019, 3, 5)
PATIENTS: Final = ("1550899999001", "2650199999002")
_YESTERDAY: Final = date(2019, 3, 4)


@dataclass(frozen=True)
class CardFacts:
    """What the rules want to know of a card. Dates in ms; `owns` and `signs` are billing numbers."""

    name: str
    profile: CardProfile
    kind: CardKind
    valid_until: int
    owns: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    signs_lots: tuple[str, ...] = ()
    patients: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class InvoiceFacts:
    """What the rules want to know of an invoice."""

    owner: str
    number: str
    patient: str


def _end_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + 86_399_999


_DISTANT: Final = CardTerms().valid_until


def _ps(position: int, name: str, owner: str, **how: object) -> tuple[CardImage, CardFacts]:
    may_sign, cpe = bool(how.get("may_sign", True)), bool(how.get("cpe", False))
    terms = how.get("terms", CardTerms())
    assert isinstance(terms, CardTerms)
    situation = PsSituation(
        logical_number=1, billing_number=owner, may_sign_invoice=may_sign, may_sign_lot=may_sign
    )
    national = f"{899_700_000_011 + position}"
    holder = PsHolder(card_type="0", national_id=national, last_name=name.upper(), first_name="F")
    image = (issue_cpe if cpe else issue_cps)(holder, [situation], ShippedKeys(2 * (position % 4)), terms)
    signs = (owner,) if may_sign else ()
    facts = CardFacts(
        name,
        CardProfile.CPE if cpe else CardProfile.CPS,
        terms.kind,
        _end_of(terms.valid_until),
        () if cpe else (owner,),
        signs,
        () if cpe else signs,
    )
    return image, facts


def _vitale(position: int, name: str, nir: str, until: date, terms: CardTerms) -> tuple[CardImage, CardFacts]:
    insured = Insured(card_type="T", card_serial="", nir=nir, nir_key="47", regime="01", fund="751")
    who = Beneficiary(
        usual_name=name.upper(), first_name="P", birth_date=BirthDate("19550812"), birth_rank="1", quality="0"
    )
    start = date(2018, 1, 1)
    entry = BeneficiaryEntry(who, (RightsPeriod(start=start, end=until),))
    image = issue_vitale(insured, [entry], ShippedKeys(8 + position % 3), terms)
    rights = ((nir, _end_of(start) - 86_399_999, _end_of(until)),)
    return image, CardFacts(name, CardProfile.VITALE, terms.kind, _end_of(terms.valid_until), patients=rights)


@cache
def cards() -> dict[str, tuple[CardImage, CardFacts]]:
    """Every card by name, fresh from the issuer, with its facts."""
    old, real = CardTerms(valid_until=_YESTERDAY), CardTerms(kind=CardKind.REAL)
    made = [
        _ps(0, "maya", OWNERS[0]),
        _ps(1, "paul", OWNERS[1]),
        _ps(2, "lea", OWNERS[2]),
        _ps(3, "anne", OWNERS[0], cpe=True),
        _ps(4, "idle", OWNERS[0], may_sign=False),
        _ps(5, "old", OWNERS[1], terms=old),
        _vitale(0, "martin", PATIENTS[0], date(2035, 12, 31), CardTerms()),
        _vitale(1, "desmaux", PATIENTS[1], date(2035, 12, 31), CardTerms()),
        _vitale(2, "lapsed", PATIENTS[0], _YESTERDAY, CardTerms()),
        _vitale(3, "expired", PATIENTS[0], date(2035, 12, 31), old),
        _vitale(4, "real", PATIENTS[0], date(2035, 12, 31), real),
    ]
    return {facts.name: (image, facts) for image, facts in made}


PS_CARDS: Final = ("maya", "maya", "paul", "lea", "anne", "anne", "idle", "old", "martin")
"""Names to put into the PS slot; the last does not belong there."""

VITALES: Final = ("martin", "martin", "desmaux", "lapsed", "expired", "real", "maya")
SLOT_OF: Final = {"PS": Slot.PS, "VITALE": Slot.VITALE}


def _invoice(owner: str, number: int, patient: str, amount: int) -> PreparedInvoice:
    return PreparedInvoice(
        identification=InvoiceIdentification(invoice_number=f"{number:09}", made_on=DAY, situation_number=1),
        ps=InvoicePs(billing_number=owner, billing_key="1", last_name="PS", first_name="F"),
        beneficiary=InvoiceBeneficiary(
            nir=patient, nir_key="47", birth_date=BirthDate("19550812"), birth_rank="1", quality="0"
        ),
        patient=Patient(last_name="PATIENT", first_name="P"),
        amo=AmoBody(regime="01", fund="751", centre="0000", recipient="CPAM - DEMONSTRATION"),
        coverage=Coverage(nature="10", exoneration="5", third_party_amo=True, rate=100),
        acts=(Act(performed_on=DAY, code="AMI", coefficient=400, quantity=1, amount=amount, rate=100),),
        totals=Totals(total=amount, fund=amount),
    )


NUMBERS: Final = 4


@cache
def invoices() -> dict[str, tuple[bytes, ...]]:
    """Contents of sound invoices by owner: four numbers, the first also with another amount."""
    found = {}
    for owner in OWNERS:
        first = [_invoice(owner, 190_305_001 + at, PATIENTS[at % 2], 1_000 + at) for at in range(NUMBERS)]
        other = _invoice(owner, 190_305_001, PATIENTS[0], 9_999)
        found[owner] = tuple(each.build() for each in (*first, other))
    return found


@cache
def facts_of(content: bytes) -> InvoiceFacts | None:
    """The facts of an invoice's bytes; `None` for bytes that are no sound invoice."""
    from tla_sim.protocol.errors import CodecError

    try:
        invoice = PreparedInvoice.parse(content)
    except CodecError:
        return None
    who = invoice.beneficiary_key
    patient = who.nir if (who.birth_date, who.birth_rank) == ("19550812", "1") else "?"
    return InvoiceFacts(invoice.owner, invoice.number, patient)


def document_digest(content: bytes, kind: DocumentKind, mode: SecurityMode) -> bytes:
    """What names the document of an invoice."""
    return digest(Fse(kind, mode, content).build())


def load_id(contents: tuple[bytes, ...], kind: DocumentKind, mode: SecurityMode) -> bytes:
    """The identifier of a load."""
    return load_identifier(document_digest(each, kind, mode) for each in contents)


def digest_of(contents: tuple[bytes, ...]) -> bytes:
    """The digest of a batch."""
    return batch_digest(contents)


@cache
def words() -> Lexicon:
    """Bytes worth trying for a field, by its name."""
    owners = [_text(owner) for owner in (*OWNERS, "75699999", "", "é", "\0", "7" * 255)]
    numbers = [_text(f"{190_305_001 + at:09}") for at in range(NUMBERS)]
    contents = [len(each).to_bytes(2, "big") + each for some in invoices().values() for each in some]
    moments = [0, MORNING, _end_of(_YESTERDAY), _end_of(_DISTANT) + 1, 253_402_300_799_000, 2**63]
    return {
        "owner": owners,
        "number": numbers,
        "content": contents,
        "moment": [Record(Moment).build(Moment(each)) for each in moments],
        "count": [each.to_bytes(2, "big") for each in (0, 1, 2, 3, 4, 12, 65_535)],
        "first": [each.to_bytes(2, "big") for each in (0, 0, 1, 2, 65_535)],
        "total_bytes": [each.to_bytes(4, "big") for each in (0, 400, 2**31, 2**32 - 1)],
        "max_bytes": [each.to_bytes(2, "big") for each in (0, 2_000, 65_535)],
    }


def _text(text: str) -> bytes:
    raw = text.encode()
    return bytes((len(raw),)) + raw
