"""The five lists before transmission: what waits for a signature, what may leave, which files wait.

A document is in one list until it has left: 1 FSE à sécuriser, 2 DRE à sécuriser (a signature lacks), 3 FSE
à transmettre, 4 DRE à transmettre (all signatures, in no lot yet), 5 Fichiers à transmettre. The columns are
those of the editors' notices.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, IntEnum
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from tla_sim.host.desk.pieces import PieceRole, Travel, sheet_mark
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState
from tla_sim.host.ledger.queries import conditions
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode


class DeskList(IntEnum):
    """The lists of documents by their numbers, and the list of files.

    >>> [chosen.name for chosen in tla_sim.DeskList][:4]
    ['FSE_TO_SECURE', 'DRE_TO_SECURE', 'FSE_TO_SEND', 'DRE_TO_SEND']
    >>> tla_sim.desk_lines(ledger, tla_sim.DeskList.DRE_TO_SEND)
    []
    """

    FSE_TO_SECURE = 1
    DRE_TO_SECURE = 2
    FSE_TO_SEND = 3
    DRE_TO_SEND = 4
    FILES_TO_SEND = 5


TITLES: Final = {
    DeskList.FSE_TO_SECURE: "FSE à sécuriser",
    DeskList.DRE_TO_SECURE: "DRE à sécuriser",
    DeskList.FSE_TO_SEND: "FSE à transmettre",
    DeskList.DRE_TO_SEND: "DRE à transmettre",
    DeskList.FILES_TO_SEND: "Fichiers à transmettre",
}

_TO_SECURE: Final = (LedgerState.PREPARED, LedgerState.LOADED, LedgerState.PARTIAL)
_TO_SEND: Final = (LedgerState.COMPLETE, LedgerState.FINAL)
_WHAT: Final = {
    DeskList.FSE_TO_SECURE: (DocumentKind.FSE, _TO_SECURE),
    DeskList.DRE_TO_SECURE: (DocumentKind.DRE, _TO_SECURE),
    DeskList.FSE_TO_SEND: (DocumentKind.FSE, _TO_SEND),
    DeskList.DRE_TO_SEND: (DocumentKind.DRE, _TO_SEND),
}


class FileState(IntEnum):
    """Where a file of lots is. SENDING: begun, and not known whether it arrived."""

    TO_SEND = 1
    SENDING = 2
    SENT = 3
    ACKNOWLEDGED = 4
    REJECTED = 5


class Sort(Enum):
    """In which order a list comes."""

    DATE = "d.made_on DESC, d.number"
    NUMBER = "d.number"
    PATIENT = "compared(d.patient), d.patient, d.made_on DESC"
    RECIPIENT = "compared(d.recipient), d.recipient, d.made_on DESC"
    TOTAL = "claimed DESC"
    OWNER = "compared(d.owner_name), d.owner_name, d.made_on DESC"


class DeskLine(NamedTuple):
    """One line of a list. `total` is what the document claims, in cents: of a DRE the complementary part."""

    owner: str
    number: str
    kind: DocumentKind
    state: LedgerState
    mode: SecurityMode
    owner_name: str
    patient: str
    recipient: str
    made_on: date
    total: int
    third_party: bool
    prescribed_on: date | None
    prescription: Travel
    sheet: Travel

    @property
    def degraded(self) -> bool:
        """The column "dégradé"."""
        return self.mode is SecurityMode.DEGRADED


class FileLine(NamedTuple):
    """One file of lots: identity, state, what it holds, its total in cents, when made, how it was sent, how
    many of its documents the recipient rejected, since when (ISO 8601) it is in its state."""

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
    since: str


@dataclass(frozen=True)
class DeskCount:
    """How many a list has, and their total in cents."""

    list: DeskList
    count: int
    total: int


_CLAIMED: Final = "CASE d.kind WHEN 1 THEN d.total ELSE d.complementary END"
_NOT_IN_LOT: Final = "d.id NOT IN (SELECT document FROM lot_documents)"
QUESTION: Final = (
    "SELECT d.owner, d.number, d.kind, d.state, d.mode, d.owner_name, d.patient, d.recipient, d.made_on,"
    f" {_CLAIMED} AS claimed, CASE d.kind WHEN 1 THEN d.third_party_amo ELSE d.third_party_amc END,"
    " d.prescribed_on FROM documents d"
)
"""What a list asks; a condition and an order follow. How pieces travel is asked apart: few have any."""


def question(chosen: DeskList, wanted: DocumentFilter, sort: Sort = Sort.DATE) -> tuple[str, list[Any]]:
    """The SQL of a list of documents, and its values."""
    where, values = _where(chosen, wanted)
    return f"{QUESTION} WHERE {where} ORDER BY {sort.value}, d.owner", values


def desk_lines(
    ledger: Ledger,
    chosen: DeskList,
    wanted: DocumentFilter | None = None,
    sort: Sort = Sort.DATE,
) -> list[DeskLine]:
    """Return the lines of one of the desk's lists of documents, in the order of `sort`.

    `wanted` filters by owner, patient, recipient and days. Raises LedgerUnusable.

        >>> invoice = tla_sim.prepared_invoices(practice)[0]
        >>> _ = tla_sim.bill_degraded(ledger, invoice, tla_sim.Rights.ADR)
        >>> [line.number for line in tla_sim.desk_lines(ledger, tla_sim.DeskList.FSE_TO_SECURE)]
        ['190305028']
    """
    asked = question(chosen, wanted or DocumentFilter(), sort)
    return ledger.turned(*asked, partial(_lines, travelling=_Travelling(ledger)))


def rejected_lines(
    ledger: Ledger, wanted: DocumentFilter | None = None, sort: Sort = Sort.DATE
) -> list[tuple[DeskLine, str, str]]:
    """What recipients rejected and no other invoice rectifies yet, each with code and reason."""
    where, values = conditions(wanted or DocumentFilter())
    rows = ledger.rows(
        QUESTION.replace(" FROM documents d", ", o.code, o.reason FROM documents d")
        + f" JOIN outcomes o ON o.document = d.id WHERE {where} AND NOT o.accepted AND NOT EXISTS"
        " (SELECT 1 FROM rectifications r JOIN documents n"
        " ON n.owner = r.owner AND n.number = r.number AND n.kind = d.kind"
        " WHERE r.owner = d.owner AND r.rectified = d.number)"
        f" ORDER BY {sort.value}, d.owner",
        values,
    )
    lines = _lines([row[:-2] for row in rows], _Travelling(ledger))
    return [(line, row[-2], row[-1]) for line, row in zip(lines, rows, strict=True)]


def counts(ledger: Ledger, wanted: DocumentFilter | None = None) -> tuple[DeskCount, ...]:
    """How many documents or files each of the five lists has, and their totals."""
    found = []
    for chosen in _WHAT:
        where, values = _where(chosen, wanted or DocumentFilter())
        ((count, total),) = ledger.rows(
            f"SELECT count(*), coalesce(sum({_CLAIMED}), 0) FROM documents d WHERE {where}", values
        )
        found.append(DeskCount(chosen, count, total))
    files = desk_files(ledger, wanted)
    found.append(DeskCount(DeskList.FILES_TO_SEND, len(files), sum(each.total for each in files)))
    return tuple(found)


OPEN_FILES: Final = (FileState.TO_SEND, FileState.SENDING)
"""Files that are not known to have been sent."""

GONE_FILES: Final = (FileState.SENT, FileState.ACKNOWLEDGED, FileState.REJECTED)
"""Files that left."""

_FILE_ORDER: Final = {Sort.RECIPIENT: "f.recipient, ", Sort.TOTAL: "f.total DESC, "}


def desk_files(
    ledger: Ledger,
    wanted: DocumentFilter | None = None,
    sort: Sort = Sort.DATE,
    states: Iterable[FileState] = OPEN_FILES,
) -> list[FileLine]:
    """The files in some states that hold a document which `wanted` lets pass, oldest first, or by recipient
    or total."""
    where, values = conditions(wanted or DocumentFilter())
    named = ", ".join(str(int(each)) for each in states)
    inside = "FROM lots l JOIN lot_documents i ON i.lot = l.id JOIN documents d ON d.id = i.document"
    rows = ledger.rows(
        "SELECT f.identity, f.state, f.kind, f.recipient, (SELECT count(*) FROM lots l WHERE l.file = f.id),"
        " f.documents, f.total, f.size, f.made_at, f.way,"
        f" (SELECT count(*) {inside} JOIN outcomes o ON o.document = d.id"
        " WHERE l.file = f.id AND NOT o.accepted),"
        " (SELECT e.at FROM file_events e WHERE e.file = f.id ORDER BY e.id DESC LIMIT 1)"
        f" FROM files f WHERE f.state IN ({named})"
        f" AND EXISTS (SELECT 1 {inside} WHERE l.file = f.id AND {where})"
        f" ORDER BY {_FILE_ORDER.get(sort, '')}f.id",
        values,
    )
    return [FileLine(row[0], FileState(row[1]), DocumentKind(row[2]), *row[3:]) for row in rows]


def _where(chosen: DeskList, wanted: DocumentFilter) -> tuple[str, list[Any]]:
    kind, states = _WHAT[chosen]
    where, values = conditions(replace(wanted, kind=kind, states=states))
    return f"{where} AND {_NOT_IN_LOT}", values


_KINDS: Final = {int(each): each for each in DocumentKind}
_STATES: Final = {int(each): each for each in LedgerState}
_MODES: Final = {int(each): each for each in SecurityMode}
_day = lru_cache(4_096)(date.fromisoformat)


_SHEET: Final = {
    flags: sheet_mark(SecurityMode.DEGRADED, *flags)
    for flags in itertools.product((False, True), (False, True), (False, True))
}
"""The mark of a degraded invoice's sheet: scanned or not, PS signs digitally or not, on paper or not."""


class _Travelling:
    """What travels digitally: invoices with a scanned prescription or sheet, owners who sign digitally."""

    def __init__(self, ledger: Ledger) -> None:
        attached = "SELECT owner, number FROM attached WHERE role = ?"
        self.prescriptions = frozenset(ledger.rows(attached, (int(PieceRole.PRESCRIPTION),)))
        self.sheets = frozenset(ledger.rows(attached, (int(PieceRole.CARE_SHEET),)))
        digital = ledger.rows("SELECT owner FROM signatures WHERE image IS NOT NULL AND digital = 1")
        self.owners = frozenset(owner for (owner,) in digital)
        self.on_paper = frozenset(ledger.rows("SELECT owner, number FROM marks WHERE on_paper = 1"))


def _lines(rows: Iterable[tuple[Any, ...]], travelling: _Travelling) -> list[DeskLine]:
    """Lines of rows. Lists are long: the values are turned in one expression."""
    new, kinds, states, modes, day = tuple.__new__, _KINDS, _STATES, _MODES, _day
    scanned, sheets, secured = travelling.prescriptions, travelling.sheets, int(SecurityMode.SECURED)
    owners, on_paper, marks = travelling.owners, travelling.on_paper, _SHEET
    digital, paper, not_needed = Travel.DIGITAL, Travel.PAPER, Travel.NOT_NEEDED
    return [
        new(
            DeskLine,
            (
                owner,
                number,
                kinds[kind],
                states[state],
                modes[mode],
                owner_name,
                patient,
                recipient,
                day(made_on),
                total,
                third == 1,
                None if prescribed is None else day(prescribed),
                not_needed if prescribed is None else digital if (owner, number) in scanned else paper,
                not_needed
                if mode == secured
                else marks[(owner, number) in sheets, owner in owners, (owner, number) in on_paper],
            ),
        )
        for (
            owner,
            number,
            kind,
            state,
            mode,
            owner_name,
            patient,
            recipient,
            made_on,
            total,
            third,
            prescribed,
        ) in rows
    ]
