"""The records of the invoice store: the rows of a frame's directory. Project-defined.

A directory is one operation, the numbers and digests of its rows, and then all their texts, each ended by a
NUL. Rows are construct Sequences, which map to named tuples without a dictionary in between, and texts stand
apart because construct does not compile them: this is the store's hottest path. Lengths are those of the
sealed contents in the frame's body, in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from typing import Any, Final, NamedTuple

from construct import Bytes, Construct, GreedyBytes, Int8ub, Int16ub, Int32ub, PrefixedArray, Struct
from construct import Sequence as Row

from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.reader_fw.app.store.vault import KEY_ID_BYTES

DIGEST_BYTES: Final = 32
LOAD_ID_BYTES: Final = 16
_NUL: Final = "\0"
_DIGEST: Final = Bytes(DIGEST_BYTES)
_LOAD_ID: Final = Bytes(LOAD_ID_BYTES)
_KEY_ID: Final = Bytes(KEY_ID_BYTES)


class Staged(NamedTuple):
    """A document of a load that is not committed yet."""

    owner: str
    number: str
    load_id: bytes
    position: int
    kind: DocumentKind
    digest: bytes
    key_id: bytes
    length: int

    @property
    def id(self) -> DocumentId:
        """The name of the document."""
        return DocumentId(self.owner, self.number, self.kind)


class Held(NamedTuple):
    """A document on board: `origin` is the digest of what was loaded, `digest` that of the content."""

    owner: str
    number: str
    kind: DocumentKind
    state: int
    digest: bytes
    origin: bytes
    key_id: bytes
    length: int

    @property
    def id(self) -> DocumentId:
        """The name of the document."""
        return DocumentId(self.owner, self.number, self.kind)


class Load(NamedTuple):
    """A committed load of an owner, and how many documents it had."""

    owner: str
    load_id: bytes
    documents: int


class Note(NamedTuple):
    """What is kept for an owner besides the documents."""

    owner: str
    digest: bytes
    key_id: bytes
    length: int


class Op(IntEnum):
    """What a frame does with its rows. The numbers are in the flash of readers: 3 is not to be used again."""

    STAGE = 1
    COMMIT = 2
    HOLD = 4
    CANCEL = 5
    REMOVE = 6
    ERASE = 7
    MARK = 8
    NOTE = 9


class Owner(NamedTuple):
    """An owner, by billing number."""

    owner: str


_ROWS: Final[dict[Op, tuple[type[Any], int, tuple[Construct, ...]]]] = {
    Op.STAGE: (Staged, 2, (_LOAD_ID, Int16ub, Int8ub, _DIGEST, _KEY_ID, Int32ub)),
    Op.COMMIT: (Load, 1, (_LOAD_ID, Int16ub)),
    Op.HOLD: (Held, 2, (Int8ub, Int8ub, _DIGEST, _DIGEST, _KEY_ID, Int32ub)),
    Op.CANCEL: (DocumentId, 2, (Int8ub,)),
    Op.REMOVE: (DocumentId, 2, (Int8ub,)),
    Op.ERASE: (Owner, 1, ()),
    Op.MARK: (Load, 1, (_LOAD_ID, Int16ub)),
    Op.NOTE: (Note, 1, (_DIGEST, _KEY_ID, Int32ub)),
}
"""By operation: the type of a row, how many texts it begins with, and the fields behind them."""

_KIND: Final = {
    op: type_._fields.index("kind") - texts for op, (type_, texts, _) in _ROWS.items() if texts == 2
}
"""The index of the kind among the fields behind the texts, for rows that name a document."""


class Action(NamedTuple):
    """One operation with its rows."""

    op: Op
    rows: Sequence[Any]


@cache
def _codec(op: Op) -> Construct:
    return Struct("rows" / PrefixedArray(Int16ub, Row(*_ROWS[op][2])), "texts" / GreedyBytes).compile()


def encode(action: Action) -> bytes:
    """Return the directory of an action. Raises ValueError for a text that contains a NUL."""
    op, rows = action
    texts = _ROWS[op][1]
    parts = [text for row in rows for text in row[:texts]]
    joined = "".join([part + _NUL for part in parts])
    if joined.count(_NUL) != len(parts):
        raise ValueError("owner and invoice numbers cannot contain a NUL")
    fields = {"rows": [row[texts:] for row in rows], "texts": joined.encode()}
    return bytes([op]) + bytes(_codec(op).build(fields))


def decode(directory: bytes) -> Action:
    """Return the action of a directory whose seal was verified.

    Raises ValueError for an unknown operation or kind of document.
    """
    op = Op(directory[0])
    type_, texts, _ = _ROWS[op]
    fields = _codec(op).parse(directory[1:])
    parts = fields.texts.decode().split(_NUL)
    make = type_._make
    if op in _KIND:
        for row in fields.rows:
            row[_KIND[op]] = DocumentKind(row[_KIND[op]])
    if texts == 1:
        return Action(op, [make((parts[at], *row)) for at, row in enumerate(fields.rows)])
    return Action(op, [make((parts[2 * at], parts[2 * at + 1], *row)) for at, row in enumerate(fields.rows)])
