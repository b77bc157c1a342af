"""What the ledger knows: a document's states and allowed steps, its line, its history, the counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Role, SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState


class LedgerState(IntEnum):
    """Where a document is in its life, as the practice sees it. 1 to 5 are those of InvoiceState.

    PREPARED: in the practice, on no reader. LOADED: on a reader, or on its way there. TRANSMITTED: it left.

        >>> _ = tla_sim.push(client, ledger, practice, ["75629690"])
        >>> {line.state for line in ledger.documents()} == {tla_sim.LedgerState.LOADED}
        True
    """

    PREPARED = 0
    LOADED = InvoiceState.LOADED
    PARTIAL = InvoiceState.PARTIAL
    COMPLETE = InvoiceState.COMPLETE
    FINAL = InvoiceState.FINAL
    CANCELLED = InvoiceState.CANCELLED
    TRANSMITTED = 6


STEPS: Final[Mapping[LedgerState, tuple[LedgerState, ...]]] = {
    LedgerState.PREPARED: (
        LedgerState.PREPARED,
        LedgerState.LOADED,
        LedgerState.PARTIAL,
        LedgerState.COMPLETE,
    ),
    LedgerState.LOADED: (
        LedgerState.PREPARED,
        LedgerState.PARTIAL,
        LedgerState.COMPLETE,
        LedgerState.CANCELLED,
    ),
    LedgerState.PARTIAL: (LedgerState.FINAL,),
    LedgerState.COMPLETE: (LedgerState.TRANSMITTED,),
    LedgerState.FINAL: (LedgerState.TRANSMITTED,),
    LedgerState.CANCELLED: (LedgerState.PREPARED,),
    LedgerState.TRANSMITTED: (),
}
"""Which state may follow which. PREPARED follows itself and CANCELLED only with a corrected invoice; it
reaches PARTIAL and COMPLETE directly at the desk, or when the note of the loading was lost."""

CERTIFIED: Final = (
    LedgerState.PARTIAL,
    LedgerState.COMPLETE,
    LedgerState.FINAL,
    LedgerState.TRANSMITTED,
)
"""The states in which the ledger holds an FSE."""

TO_SECURE: Final = (LedgerState.PREPARED, LedgerState.LOADED, LedgerState.PARTIAL)
"""The states in which a document still lacks a signature."""

TO_SEND: Final = (LedgerState.COMPLETE, LedgerState.FINAL)
"""The states in which a document has all its signatures and has not left."""

UNCERTIFIED: Final = (LedgerState.PREPARED, LedgerState.LOADED, LedgerState.CANCELLED)
"""The states in which the ledger holds no FSE."""


class LedgerDocument(NamedTuple):
    """A document's line. Amounts in cents; `reader` is the serial of the reader it was last on."""

    owner: str
    number: str
    kind: DocumentKind
    state: LedgerState
    mode: SecurityMode
    reader: str
    owner_name: str
    patient: str
    recipient: str
    made_on: date
    prescribed_on: date | None
    total: int
    fund: int
    complementary: int
    insured: int
    to_pay: int
    third_party_amo: bool
    third_party_amc: bool

    @property
    def id(self) -> DocumentId:
        """What names it."""
        return DocumentId(self.owner, self.number, self.kind)

    def __repr__(self) -> str:
        return f"LedgerDocument({self.kind.name} {self.number} of {self.owner}, {self.state.name})"


class HeldFse(NamedTuple):
    """A document's line and the FSE held of it, whose digest was checked as it was read."""

    line: LedgerDocument
    document: Document


@dataclass(frozen=True, kw_only=True)
class DocumentFilter:
    """Which documents are wanted; every condition left out lets all pass.

    `owner_name`, `patient` and `recipient` match any part of the name, whatever case and accents; days are
    included. `prescribed_on` is the day of the prescription.
    """

    owner: str | None = None
    owner_name: str | None = None
    numbers: tuple[str, ...] | None = None
    kind: DocumentKind | None = None
    states: tuple[LedgerState, ...] | None = None
    mode: SecurityMode | None = None
    reader: str | None = None
    patient: str | None = None
    recipient: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    prescribed_on: date | None = None


@dataclass(frozen=True, slots=True)
class SignerNote:
    """Who signed, as the history keeps it: as what, the name on the certificate, the card's serial."""

    role: Role
    name: str
    card_serial: str


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One step of a document: the state reached, the host's time (ISO 8601), on which reader, who signed."""

    document: DocumentId
    state: LedgerState
    at: str
    reader: str
    signers: tuple[SignerNote, ...]


@dataclass(frozen=True, slots=True)
class LedgerCount:
    """How many documents of an owner and kind are in a state, and their total in cents."""

    owner: str
    kind: DocumentKind
    state: LedgerState
    count: int
    total: int
