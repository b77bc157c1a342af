"""The desk's five lists before transmission.

A document is in one list until it has left: 1 FSE à sécuriser, 2 DRE à sécuriser (a signature is missing), 3
FSE à transmettre, 4 DRE à transmettre (fully signed, not in a lot yet), 5 Fichiers à transmettre. The columns
are those of the editors' manuals.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date
from enum import IntEnum
from functools import lru_cache, partial
from typing import Final, NamedTuple

from tla_sim.host.desk.pieces import Travel, sheet_mark
from tla_sim.host.ledger.conditions import Order, Sort
from tla_sim.host.ledger.desk_lists import ListRow, list_rejected, list_waiting
from tla_sim.host.ledger.desk_model import InvoiceName, PieceRole
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState
from tla_sim.host.ledger.marks import on_paper
from tla_sim.host.ledger.model import TO_SECURE, TO_SEND
from tla_sim.host.ledger.pieces import digital_signers, with_piece
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

LISTED: Final = {
    DeskList.FSE_TO_SECURE: (DocumentKind.FSE, TO_SECURE),
    DeskList.DRE_TO_SECURE: (DocumentKind.DRE, TO_SECURE),
    DeskList.FSE_TO_SEND: (DocumentKind.FSE, TO_SEND),
    DeskList.DRE_TO_SEND: (DocumentKind.DRE, TO_SEND),
}
"""Which documents a list has, unless they are in a lot: their kind and their states."""


class DeskLine(NamedTuple):
    """A line of a list.

    `total` is the amount that the document claims, in cents: for a DRE the complementary part.
    """

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
        """Whether the column "dégradé" is marked."""
        return self.mode is SecurityMode.DEGRADED


def desk_lines(
    ledger: Ledger,
    chosen: DeskList,
    wanted: DocumentFilter | None = None,
    sort: Sort = Sort.DATE,
    descending: bool | None = None,
) -> list[DeskLine]:
    """Return the lines of one of the desk's lists of documents, in the order of `sort`.

    `descending` says whether the greatest comes first; `None` is the way that order is read most. `wanted`
    filters by owner, patient, recipient and days. Raises `LedgerUnusable`.

        >>> invoice = tla_sim.prepared_invoices(practice)[0]
        >>> _ = tla_sim.bill_degraded(ledger, invoice, tla_sim.Rights.ADR)
        >>> [line.number for line in tla_sim.desk_lines(ledger, tla_sim.DeskList.FSE_TO_SECURE)]
        ['190305028']
    """
    turn = partial(turn_rows, travelling=Travelling.of(ledger))
    return list_waiting(ledger, *LISTED[chosen], wanted or DocumentFilter(), Order(sort, descending), turn)


def rejected_lines(
    ledger: Ledger,
    wanted: DocumentFilter | None = None,
    sort: Sort = Sort.DATE,
    descending: bool | None = None,
) -> list[tuple[DeskLine, str, str]]:
    """Return the documents that recipients rejected and that are not rectified yet, each with code and
    reason."""
    found = list_rejected(ledger, wanted or DocumentFilter(), Order(sort, descending))
    lines = turn_rows((row for row, _, _ in found), Travelling.of(ledger))
    return [(line, code, reason) for line, (_, code, reason) in zip(lines, found, strict=True)]


_KINDS: Final = {int(each): each for each in DocumentKind}
_STATES: Final = {int(each): each for each in LedgerState}
_MODES: Final = {int(each): each for each in SecurityMode}
_day = lru_cache(4_096)(date.fromisoformat)


_SHEET: Final = {
    flags: sheet_mark(SecurityMode.DEGRADED, *flags)
    for flags in itertools.product((False, True), (False, True), (False, True))
}
"""The mark of a degraded invoice's sheet, by: scanned, PS signs digitally, on paper."""


class Travelling(NamedTuple):
    """The state of what travels digitally: invoices with a scanned prescription or sheet, owners who sign
    digitally, invoices whose sheet goes on paper all the same."""

    prescriptions: frozenset[InvoiceName]
    sheets: frozenset[InvoiceName]
    owners: frozenset[str]
    on_paper: frozenset[InvoiceName]

    @classmethod
    def of(cls, ledger: Ledger) -> Travelling:
        """Return the state of a whole ledger."""
        return cls(
            with_piece(ledger, PieceRole.PRESCRIPTION),
            with_piece(ledger, PieceRole.CARE_SHEET),
            digital_signers(ledger),
            on_paper(ledger),
        )


def turn_rows(rows: Iterable[ListRow], travelling: Travelling) -> list[DeskLine]:
    """Return the lines of rows. Lists are long: the values are turned in one expression."""
    new, kinds, states, modes, day = tuple.__new__, _KINDS, _STATES, _MODES, _day
    scanned, sheets, secured = travelling.prescriptions, travelling.sheets, int(SecurityMode.SECURED)
    owners, papers, marks = travelling.owners, travelling.on_paper, _SHEET
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
                else marks[(owner, number) in sheets, owner in owners, (owner, number) in papers],
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
