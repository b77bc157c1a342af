"""A case: the steps of one run of a target, as a value that fits whole into a small file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One step: what is done, to what, with which bytes. The target defines its acts."""

    act: str
    arg: str = ""
    data: bytes = b""


Case = tuple[Step, ...]


def to_rows(case: Sequence[Step]) -> list[list[str]]:
    """Return the steps as JSON rows: act, arg, data in hex."""
    return [[step.act, step.arg, step.data.hex()] for step in case]


def from_rows(rows: Any) -> Case:
    """Return the case of JSON rows. Raises ValueError for anything else."""
    try:
        return tuple(Step(str(act), str(arg), bytes.fromhex(data)) for act, arg, data in rows)
    except (TypeError, ValueError) as error:
        raise ValueError(f"these are not steps: {error}") from None
