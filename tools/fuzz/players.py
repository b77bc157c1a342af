"""The cards and invoices of a campaign, and the grammar's words made of them.

Each card and invoice exists twice: as bytes for the firmware, and as facts for the reference model.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Final

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.commands.identity import Moment
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.documents.load import load_identifier
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.vitale import RightsPeriod
from tla_sim.protocol.wire.record import Record
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import FIRST_NUMBER, make_invoice
from tla_sim.tools.cast.people import (
    DESMAUX,
    DOCTOR,
    FAMILY_BIRTH,
    MARTIN,
    MORNING,
    NURSE,
    OTHER,
    Insured,
    Person,
)
from tla_sim.tools.fuzz.grammar import Lexicon

OWNERS: Final = (NURSE, DOCTOR, OTHER)
PATIENTS: Final = (MARTIN.nir, DESMAUX.nir)
_YESTERDAY: Final = date(2019, 3, 4)


@dataclass(frozen=True)
class CardFacts:
    """What the rules need to know of a card. Times are in ms; `owns` and `signs` are billing numbers."""

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
    """What the rules need to know of an invoice."""

    owner: str
    number: str
    patient: str


def _end_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + 86_399_999


_ORDINARY: Final = CardTerms()


def _ps(
    position: int,
    name: str,
    owner: str,
    *,
    may_sign: bool = True,
    cpe: bool = False,
    cpf: bool = False,
    terms: CardTerms = _ORDINARY,
) -> tuple[CardImage, CardFacts]:
    # Kept cases count flash operations and bytes, so these names must stay as they were when found.
    who = Person(owner, name.upper(), "F", f"{899_700_000_011 + position}", 2 * (position % 4), "", "")
    signs = (owner,) if may_sign else ()
    employed = cpe or cpf
    facts = CardFacts(
        name,
        CardProfile.CPE if employed else CardProfile.CPS,
        terms.kind,
        _end_of(terms.valid_until),
        () if employed else (owner,),
        signs,
        () if employed else signs,
    )
    return ps_image(who, cpe=cpe, cpf=cpf, may_sign=may_sign, terms=terms), facts


def _vitale(position: int, name: str, nir: str, until: date, terms: CardTerms) -> tuple[CardImage, CardFacts]:
    who = Insured(nir, name.upper(), "P", keys=8 + position % 3)
    period = RightsPeriod(start=date(2018, 1, 1), end=until)
    rights = ((nir, _end_of(period.start) - 86_399_999, _end_of(until)),)
    facts = CardFacts(name, CardProfile.VITALE, terms.kind, _end_of(terms.valid_until), patients=rights)
    return vitale_image(who, period, terms), facts


@cache
def cards() -> dict[str, tuple[CardImage, CardFacts]]:
    """Return every card by name, freshly issued, with its facts."""
    old, real = CardTerms(valid_until=_YESTERDAY), CardTerms(kind=CardKind.REAL)
    made = [
        _ps(0, "maya", OWNERS[0]),
        _ps(1, "paul", OWNERS[1]),
        _ps(2, "lea", OWNERS[2]),
        _ps(3, "anne", OWNERS[0], cpe=True),
        _ps(4, "idle", OWNERS[0], may_sign=False),
        _ps(5, "old", OWNERS[1], terms=old),
        _vitale(0, "martin", PATIENTS[0], date(2035, 12, 31), _ORDINARY),
        _vitale(1, "desmaux", PATIENTS[1], date(2035, 12, 31), _ORDINARY),
        _vitale(2, "lapsed", PATIENTS[0], _YESTERDAY, CardTerms()),
        _vitale(3, "expired", PATIENTS[0], date(2035, 12, 31), old),
        _vitale(4, "real", PATIENTS[0], date(2035, 12, 31), real),
        _ps(6, "noe", OWNERS[0], cpf=True),
    ]
    return {facts.name: (image, facts) for image, facts in made}


PS_CARDS: Final = ("maya", "maya", "paul", "lea", "anne", "noe", "idle", "old", "martin")
"""Cards to insert into the PS slot; the last does not belong there."""

VITALES: Final = ("martin", "martin", "desmaux", "lapsed", "expired", "real", "maya")
SLOT_OF: Final = {"PS": Slot.PS, "VITALE": Slot.VITALE}


NUMBERS: Final = 4


@cache
def invoices() -> dict[str, tuple[bytes, ...]]:
    """Return contents of sound invoices by owner: four numbers, the first also with another amount."""
    found = {}
    for owner in OWNERS:
        first = [_invoice(owner, at, PATIENTS[at % 2], 1_000 + at) for at in range(NUMBERS)]
        other = _invoice(owner, 0, PATIENTS[0], 9_999)
        found[owner] = tuple(each.build() for each in (*first, other))
    return found


def _invoice(owner: str, at: int, nir: str, amount: int) -> PreparedInvoice:
    return make_invoice(
        FIRST_NUMBER + at,
        owner,
        total=amount,
        acts=1,
        patient=Insured(nir, "PATIENT", "P"),
        ps=("PS", "F"),
        prescription=None,
    )


@cache
def facts_of(content: bytes) -> InvoiceFacts | None:
    """Return the facts of an invoice's bytes; `None` for bytes that are not a sound invoice."""
    try:
        invoice = PreparedInvoice.parse(content)
    except CodecError:
        return None
    who = invoice.beneficiary_key
    patient = who.nir if (who.birth_date, who.birth_rank) == (FAMILY_BIRTH, "1") else "?"
    return InvoiceFacts(invoice.owner, invoice.number, patient)


def document_digest(content: bytes, kind: DocumentKind, mode: SecurityMode) -> bytes:
    """Return the digest of an invoice's unsigned document."""
    return digest(Fse(kind, mode, content).build())


def load_id(contents: tuple[bytes, ...], kind: DocumentKind, mode: SecurityMode) -> bytes:
    """Return the identifier of a load."""
    return load_identifier(document_digest(each, kind, mode) for each in contents)


@cache
def words() -> Lexicon:
    """Return wire bytes worth trying, by field name."""
    owners = [_text(owner) for owner in (*OWNERS, "75699999", "", "é", "\0", "7" * 255)]
    numbers = [_text(f"{FIRST_NUMBER + at:09}") for at in range(NUMBERS)]
    contents = [len(each).to_bytes(2, "big") + each for some in invoices().values() for each in some]
    moments = [
        0,
        MORNING,
        _end_of(_YESTERDAY),
        _end_of(_ORDINARY.valid_until) + 1,
        253_402_300_799_000,
        2**63,
    ]
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
