"""Traces of tests: one file for each reader of each test, in the folder of --tla-trace or TLA_TRACE."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import pytest

TRACES: Final = "--tla-trace"
_VARIABLE: Final = "TLA_TRACE"
_TOO_LONG: Final = 150
_READERS: Final = pytest.StashKey[int]()
_UNUSABLE: Final = re.compile(r"[^\w.\[\]=-]+")


def next_trace(node: pytest.Item) -> Path | None:
    """Return the file for the next reader of a test, `None` if no traces are wanted."""
    folder = _folder(node.config)
    if folder is None:
        return None
    number = node.stash[_READERS] = node.stash.get(_READERS, 0) + 1
    name = _UNUSABLE.sub("-", node.nodeid).strip("-")[-_TOO_LONG:]
    return folder / f"{name}{'' if number == 1 else f'-{number}'}.pcapng"


def _folder(config: pytest.Config) -> Path | None:
    wanted = config.getoption(TRACES)
    if wanted:
        folder = Path(wanted)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    set_by_variable = os.environ.get(_VARIABLE, "")
    return Path(set_by_variable) if set_by_variable and Path(set_by_variable).is_dir() else None
