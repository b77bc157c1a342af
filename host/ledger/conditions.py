"""Filters and orders of documents as SQL has them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from typing import Any, Final, NamedTuple

from tla_sim.host.ledger.desk_model import PieceRole
from tla_sim.host.ledger.model import DocumentFilter
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.names import fold_name

_DESCENDING: Final = " DESC"
_LAST: Final = ("d.owner", "d.kind")
"""What the keys of an order leave open: with the number, they name a document."""

_HAS_PIECE: Final = "(d.owner, d.number) IN (SELECT owner, number FROM attached WHERE role = {role:d})"
_SCANNED: Final = _HAS_PIECE.format(role=PieceRole.PRESCRIPTION)
_SHEET: Final = _HAS_PIECE.format(role=PieceRole.CARE_SHEET)
_SIGNED: Final = (
    "d.owner IN (SELECT owner FROM signatures WHERE image IS NOT NULL AND digital)"
    " AND (d.owner, d.number) NOT IN (SELECT owner, number FROM marks WHERE on_paper)"
)
_SECURED: Final = int(SecurityMode.SECURED)


class Sort(Enum):
    """By what a list is ordered: the keys, the first of which it is named for, the way it is read most.

    PRESCRIPTION and SHEET begin with what has to be sent on paper; what needs neither comes last.
    """

    DATE = ("d.made_on DESC", "d.number")
    NUMBER = ("d.number",)
    PATIENT = ("fold_name(d.patient)", "d.patient", "d.made_on DESC", "d.number")
    RECIPIENT = ("fold_name(d.recipient)", "d.recipient", "d.made_on DESC", "d.number")
    TOTAL = ("claimed DESC", "d.made_on DESC", "d.number")
    OWNER = ("fold_name(d.owner_name)", "d.owner_name", "d.made_on DESC", "d.number")
    DEGRADED = ("d.mode DESC", "d.made_on DESC", "d.number")
    THIRD_PARTY = ("paid_directly DESC", "d.made_on DESC", "d.number")
    STATE = ("d.state", "d.made_on DESC", "d.number")
    PRESCRIPTION = (
        f"CASE WHEN d.prescribed_on IS NULL THEN 2 ELSE {_SCANNED} END",
        "d.prescribed_on DESC",
        "d.number",
    )
    SHEET = (
        f"CASE WHEN d.mode = {_SECURED} THEN 2 ELSE {_SHEET} OR ({_SIGNED}) END",
        "d.made_on DESC",
        "d.number",
    )


class Order(NamedTuple):
    """The order of a list: by what, and whether the greatest comes first; `None` is the way it is read
    most."""

    sort: Sort = Sort.DATE
    descending: bool | None = None

    def sql(self, *, from_end: bool = False) -> str:
        """Return the terms of ORDER BY, of which no two rows have the same; `from_end` has the last first."""
        return order_by((*self.sort.value, *_LAST), self.descending, from_end=from_end)


def order_by(keys: Sequence[str], descending: bool | None, *, from_end: bool = False) -> str:
    """Return the terms of ORDER BY by keys, turned round where the first is wanted the other way."""
    turned = descending not in (None, keys[0].endswith(_DESCENDING))
    return ", ".join(_turn(key) if turned != from_end else key for key in keys)


def _turn(key: str) -> str:
    return key.removesuffix(_DESCENDING) if key.endswith(_DESCENDING) else key + _DESCENDING


def conditions(wanted: DocumentFilter) -> tuple[str, list[Any]]:
    """Return the SQL condition on documents `d` that a filter means, and its values."""
    texts, values = ["1"], []
    plain = (
        ("d.owner = ?", wanted.owner),
        ("d.kind = ?", wanted.kind),
        ("d.mode = ?", wanted.mode),
        ("d.reader = ?", wanted.reader),
        ("d.made_on >= ?", wanted.first_day and wanted.first_day.isoformat()),
        ("d.made_on <= ?", wanted.last_day and wanted.last_day.isoformat()),
        ("d.prescribed_on = ?", wanted.prescribed_on and wanted.prescribed_on.isoformat()),
        ("instr(fold_name(d.owner_name), ?)", wanted.owner_name and fold_name(wanted.owner_name)),
        ("instr(fold_name(d.patient), ?)", wanted.patient and fold_name(wanted.patient)),
        ("instr(fold_name(d.recipient), ?)", wanted.recipient and fold_name(wanted.recipient)),
    )
    for text, value in plain:
        if value is not None:
            texts.append(text)
            values.append(value)
    for column, members in (("d.state", wanted.states), ("d.number", wanted.numbers)):
        if members is not None:
            texts.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(members))
    return " AND ".join(texts), values
