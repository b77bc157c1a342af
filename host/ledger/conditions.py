"""Filters and orders of documents as SQL has them."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

from tla_sim.host.ledger.model import DocumentFilter
from tla_sim.protocol.names import fold_name


class Sort(Enum):
    """In which order a list comes."""

    DATE = "d.made_on DESC, d.number"
    NUMBER = "d.number"
    PATIENT = "fold_name(d.patient), d.patient, d.made_on DESC"
    RECIPIENT = "fold_name(d.recipient), d.recipient, d.made_on DESC"
    TOTAL = "claimed DESC"
    OWNER = "fold_name(d.owner_name), d.owner_name, d.made_on DESC"


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
