"""What the ledger knows of the desk: how invoices are billed, what supports them, and the files of lots."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from tla_sim.protocol.documents.fse import DocumentKind

InvoiceName = tuple[str, str]
"""An invoice's owner and number."""


class Rights(StrEnum):
    """Where the rights of a degraded invoice are taken from, as group 9120 field 9 has it.

    >>> {rights.name: rights.value for rights in tla_sim.Rights}
    {'PRACTICE': 'CABINET', 'ADR': 'ADR'}
    """

    PRACTICE = "CABINET"
    ADR = "ADR"


@dataclass(frozen=True)
class Mark:
    """How one invoice is to be billed. `on_paper`: its care sheet carries no digitised signature."""

    degraded: bool = False
    rights: str = ""
    to_load: bool = True
    on_paper: bool = False


SECURED: Final = Mark()
"""How an invoice without a mark of its own is billed."""


class PieceRole(IntEnum):
    """What a piece is, as group 9230 field 2 has it.

    >>> [role.name for role in tla_sim.PieceRole]
    ['PRESCRIPTION', 'CARE_SHEET', 'OTHER']
    """

    PRESCRIPTION = 1
    CARE_SHEET = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A kept document: SHA-256 of its PDF, name, pages, bytes, and as what it is attached.

    `left_out` has the numbers of the empty pages that it travels without; `original` is the SHA-256 of the
    document as it came, kept in the same place.
    """

    digest: bytes
    name: str
    pages: int
    size: int
    role: PieceRole
    left_out: tuple[int, ...] = ()
    original: bytes | None = None


@dataclass(frozen=True)
class SignatureSetting:
    """A PS's digitised signature: SHA-256 of its image, if one is registered, and whether it is used."""

    image: bytes | None = None
    switched_on: bool = False


class FileState(IntEnum):
    """Where a file of lots is. SENDING: begun, and not known whether it arrived."""

    TO_SEND = 1
    SENDING = 2
    SENT = 3
    ACKNOWLEDGED = 4
    REJECTED = 5


OPEN_FILES: Final = (FileState.TO_SEND, FileState.SENDING)
"""Files that are not known to have been sent."""

GONE_FILES: Final = (FileState.SENT, FileState.ACKNOWLEDGED, FileState.REJECTED)
"""Files that left."""


@dataclass(frozen=True)
class NewFile:
    """A file of lots as it is made: what names it, what it holds, its total in cents, SHA-256 and bytes."""

    identity: str
    kind: DocumentKind
    recipient: str
    documents: int
    total: int
    digest: bytes
    size: int
    made_at: str


@dataclass(frozen=True)
class HeldFile:
    """A file of lots as the ledger has it; `way` says how it was sent, or is being sent."""

    rowid: int
    identity: str
    state: FileState
    kind: DocumentKind
    recipient: str
    documents: int
    digest: bytes
    made_at: str
    way: str


class FileLine(NamedTuple):
    """One file of lots: identity, state, what it holds, its total in cents, when made, how it was sent, how
    many of its documents the recipient rejected, when it was sent (ISO 8601; `None`: it was not)."""

    identity: str
    state: FileState
    kind: DocumentKind
    recipient: str
    lots: int
    documents: int
    total: int
    size: int
    made_at: str
    way: str
    rejected: int
    sent_at: str | None


@dataclass(frozen=True)
class Outcome:
    """What a recipient answered to a document; `code` and `reason` are empty for an accepted one."""

    accepted: bool
    code: str = ""
    reason: str = ""
