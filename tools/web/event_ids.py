"""The ids of events: the server's epoch, then how far each reader's events have come.

Of one reader `EPOCH-SEQ`; of all readers `EPOCH-CHANGES,reader-1:SEQ,…`. An id of another epoch says that the
server was started again: what came before is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{1,15}")
LONGEST: Final = 4_096


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the events of all readers: which changes of the list of readers, and which events, came."""

    changes: int
    seqs: Mapping[str, int]


def one_id(epoch: str, seq: int) -> str:
    """Return the id of an event of one reader."""
    return f"{epoch}-{seq}"


def all_id(epoch: str, cursor: Cursor) -> str:
    """Return the id of a place in the events of all readers."""
    return ",".join((f"{epoch}-{cursor.changes}", *(f"{name}:{seq}" for name, seq in cursor.seqs.items())))


def parse_one(epoch: str, text: str) -> int | None:
    """Return the number of an event, `None` for an id of another epoch or of no known form."""
    start, _, number = text.rpartition("-")
    return int(number) if start == epoch and _NUMBER.fullmatch(number) else None


def parse_all(epoch: str, text: str) -> Cursor | None:
    """Return a place in the events of all readers, `None` for one of another epoch or of no known form."""
    head, *rest = text[:LONGEST].split(",")
    changes = parse_one(epoch, head)
    pairs = [each.rpartition(":")[::2] for each in rest]
    if changes is None or not all(name and _NUMBER.fullmatch(seq) for name, seq in pairs):
        return None
    return Cursor(changes, {name: int(seq) for name, seq in pairs})
