"""The values that each column of the ledger's file may hold, in SQL. Project-defined.

SQLite keeps no checksums of its pages, and checks types and constraints only when it writes: what a failing
disk or another program left may be anything. Contents of invoices, FSEs and histories are checked when they
are read, not here: checking them would read the whole file at every opening.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from tla_sim.host.ledger.codes import codes
from tla_sim.host.ledger.desk_model import FileState, PieceRole, Rights
from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode

_MOST_CENTS: Final = 10**12


def _is_name(column: str) -> str:
    """Return the condition for a billing or invoice number."""
    return (
        f"(typeof({column}) = 'text' AND length({column}) BETWEEN 1 AND 9 AND {column} NOT GLOB '*[^0-9]*')"
    )


def _is_whole(column: str, least: int, most: int) -> str:
    return f"(typeof({column}) = 'integer' AND {column} BETWEEN {least} AND {most})"


def _is_member(column: str, members: Iterable[IntEnum]) -> str:
    return f"(typeof({column}) = 'integer' AND {column} IN ({codes(members)}))"


def _is_flag(column: str) -> str:
    return _is_whole(column, 0, 1)


def _is_text(column: str) -> str:
    return f"(typeof({column}) = 'text')"


def _is_day(column: str) -> str:
    return (
        f"(typeof({column}) = 'text' AND length({column}) = 10 AND {column} NOT GLOB '0000*'"
        f" AND ifnull(date({column}, '+0 days') = {column}, 0))"
    )


def _is_moment(column: str) -> str:
    return (
        f"(typeof({column}) = 'text' AND {column} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*'"
        f" AND julianday({column}) IS NOT NULL)"
    )


def _is_digest(column: str) -> str:
    return f"(typeof({column}) = 'blob' AND length({column}) BETWEEN 1 AND 64)"


@dataclass(frozen=True)
class Table:
    """A table: the condition for a sound value of each column, and which columns hold free text, whose bytes
    SQLite does not check."""

    columns: Mapping[str, str]
    texts: tuple[str, ...] = ()

    @property
    def sound(self) -> str:
        """The condition that every column of a row holds what it may."""
        return f"({' AND '.join(self.columns.values())})"

    @property
    def first_wrong(self) -> str:
        """The name of the first column of a row that does not."""
        cases = " ".join(f"WHEN NOT {sound} THEN '{name}'" for name, sound in self.columns.items())
        return f"CASE {cases} ELSE '' END"


_NAMED: Final = {"owner": _is_name("owner"), "number": _is_name("number")}
_RIGHTS: Final = ", ".join(f"'{each}'" for each in Rights)
_AMOUNTS: Final = ("total", "fund", "complementary", "insured", "to_pay")

TABLES: Final[Mapping[str, Table]] = {
    "documents": Table(
        _NAMED
        | {
            "kind": _is_member("kind", DocumentKind),
            "state": _is_member("state", LedgerState),
            "mode": _is_member("mode", SecurityMode),
            "reader": _is_text("reader"),
            "owner_name": _is_text("owner_name"),
            "patient": _is_text("patient"),
            "recipient": _is_text("recipient"),
            "made_on": _is_day("made_on"),
            "prescribed_on": f"(typeof(prescribed_on) = 'null' OR {_is_day('prescribed_on')})",
        }
        | {name: _is_whole(name, 0, _MOST_CENTS) for name in _AMOUNTS}
        | {
            "third_party_amo": _is_flag("third_party_amo"),
            "third_party_amc": _is_flag("third_party_amc"),
            "invoice_digest": _is_digest("invoice_digest"),
        },
        ("reader", "owner_name", "patient", "recipient"),
    ),
    "marks": Table(
        _NAMED
        | {
            "degraded": _is_flag("degraded"),
            "rights": f"(typeof(rights) = 'text' AND rights IN ('', {_RIGHTS}))",
            "to_load": _is_flag("to_load"),
            "on_paper": _is_flag("on_paper"),
        }
    ),
    "rectifications": Table(
        _NAMED
        | {
            # Without its documents nothing says what it bills.
            "number": f"({_is_name('number')} AND EXISTS (SELECT 1 FROM main.documents d WHERE"
            " d.owner = main.rectifications.owner AND d.number = main.rectifications.number))",
            "rectified": _is_name("rectified"),
            "rectified_on": _is_day("rectified_on"),
        }
    ),
    "pieces": Table(
        {
            "digest": _is_digest("digest"),
            "name": _is_text("name"),
            "pages": _is_whole("pages", 0, 10**6),
            "size": _is_whole("size", 0, 10**12),
            "at": _is_text("at"),
        },
        ("name", "at"),
    ),
    "attached": Table(
        _NAMED
        | {
            "piece": f"({_is_digest('piece')} AND piece IN (SELECT digest FROM main.pieces))",
            "role": _is_member("role", PieceRole),
        }
    ),
    "left_out": Table(
        {
            "piece": f"({_is_digest('piece')} AND piece IN (SELECT digest FROM main.pieces))",
            "original": f"({_is_digest('original')} AND original IN (SELECT digest FROM main.pieces))",
            "numbers": "(typeof(numbers) = 'text' AND numbers GLOB '[1-9]*' AND numbers NOT GLOB '*[^0-9,]*'"
            " AND numbers NOT GLOB '*,' AND numbers NOT GLOB '*,,*')",
        }
    ),
    "signatures": Table(
        {
            "owner": _is_name("owner"),
            "image": f"(typeof(image) = 'null' OR {_is_digest('image')})",
            "digital": _is_flag("digital"),
        }
    ),
    "files": Table(
        {
            "identity": "(typeof(identity) = 'text' AND length(identity) = 16"
            " AND identity NOT GLOB '*[^0-9a-f]*')",
            # What its history ends with: a file whose state alone changed would be sent once more.
            "state": f"({_is_member('state', FileState)} AND state IS (SELECT e.state"
            " FROM main.file_events e WHERE e.file = main.files.id ORDER BY e.id DESC LIMIT 1))",
            "kind": _is_member("kind", DocumentKind),
            "recipient": _is_text("recipient"),
            "documents": "(typeof(documents) = 'integer' AND documents = (SELECT count(*) FROM main.lots l"
            " JOIN main.lot_documents i ON i.lot = l.id WHERE l.file = main.files.id))",
            "total": _is_whole("total", 0, _MOST_CENTS),
            "digest": _is_digest("digest"),
            "size": _is_whole("size", 0, 10**12),
            "made_at": _is_moment("made_at"),
            "way": _is_text("way"),
        },
        ("recipient", "way"),
    ),
    "lots": Table(
        {
            "file": "(typeof(file) = 'integer' AND file IN (SELECT id FROM main.files))",
            "owner": _is_name("owner"),
            "number": _is_whole("number", 1, 10**9),
        }
    ),
    "lot_documents": Table(
        {
            "document": "(document IN (SELECT id FROM main.documents))",
            "lot": "(typeof(lot) = 'integer' AND lot IN (SELECT id FROM main.lots))",
        }
    ),
    "file_events": Table(
        {
            "file": "(typeof(file) = 'integer' AND file IN (SELECT id FROM main.files))",
            "state": _is_member("state", FileState),
            "at": _is_moment("at"),
            "detail": _is_text("detail"),
        },
        ("detail",),
    ),
    "outcomes": Table(
        {
            "document": "(document IN (SELECT id FROM main.documents))",
            "accepted": _is_flag("accepted"),
            "code": _is_text("code"),
            "reason": _is_text("reason"),
            "at": _is_moment("at"),
        },
        ("code", "reason"),
    ),
}
