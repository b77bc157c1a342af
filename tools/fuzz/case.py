"""A case: the steps that one run of a target takes, as a value that a small file carries whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One step: what is done, to what, and with which bytes. The target says what its acts mean."""

    act: str
    arg: str = ""
    data: bytes = b""


Case = tuple[Step, ...]


def to_rows(case: Sequence[Step]) -> list[list[str]]:
    """For JSON: act, arg and the data in hex, one row a step."""
    return [[step.act, step.arg, step.data.hex()] for step in case]


def from_rows(rows: Any) -> Case:
    """The case of JSON rows. Raises ValueError when they are something else."""
    try:
        return tuple(Step(str(act), str(arg), bytes.fromhex(data)) for act, arg, data in rows)
    except (TypeError, ValueError) as error:
        raise ValueError(f"these are no steps: {error}") from None


def fingerprint(case: Sequence[Step]) -> str:
    """The same text for the same case."""
    return json.dumps(to_rows(case))
