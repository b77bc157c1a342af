"""Every invariant is a sentence, and somebody holds the reader to it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.named_places import ROOT
from tla_sim.tools.judge import answers, board, ledger, signatures

INVARIANTS: dict[str, Callable[..., object]] = {
    name: function
    for module in (answers, board, ledger, signatures)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if name.startswith(("check_", "allow_")) and function.__module__ == module.__name__
}
CALLERS = ("tools/explore", "tools/fuzz", "tools/judge")


def sources() -> str:
    """What may call one."""
    return "\n".join(path.read_text() for room in CALLERS for path in sorted(Path(ROOT, room).rglob("*.py")))


@pytest.mark.parametrize("name", INVARIANTS)
def test_an_invariant_says_in_a_sentence_what_must_hold(name: str) -> None:
    said = (INVARIANTS[name].__doc__ or "").split("\n\n")[0]
    assert re.fullmatch(r"[A-Z].+\.", said.strip(), re.S), said


def test_each_is_held_to_by_somebody() -> None:
    text = sources()
    assert [name for name in INVARIANTS if len(re.findall(rf"\b{name}\b", text)) == 1] == []
