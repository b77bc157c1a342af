"""The scans that are made for fuzzing keep what they promise, and promise nothing once they are changed."""

from __future__ import annotations

import pytest

from tla_sim.host.desk.errors import PieceRefused
from tla_sim.tools.fuzz.chance import SeededChance
from tla_sim.tools.fuzz.targets.pdf_writer import Leaf, jpeg, placed
from tla_sim.tools.fuzz.targets.scanned_pdfs import KIND, promise_of, promising
from tla_sim.tools.fuzz.targets.written_page import written_page
from tla_sim.tools.judge.violation import Violation


def scan(dpi: int) -> Leaf:
    return Leaf(288, 216, placed("I", (288, 0, 0, 216, 0, 0)), {"I": jpeg(written_page(dpi, 4, 3))})


@pytest.mark.soak
def test_whatever_is_made_keeps_its_promise() -> None:
    assert KIND.tweaked is not None
    outcomes = set()
    for index in range(24):
        raw = KIND.tweaked(SeededChance(f"promise-{index}"))
        outcomes.add(promise_of(raw))
        try:
            KIND.read(raw)
        except PieceRefused:
            assert promise_of(raw) is False
    assert outcomes == {True, False}


def test_a_broken_promise_is_a_violation() -> None:
    with pytest.raises(Violation, match="a coarse or truncated scan is taken"):
        KIND.read(promising(scan(200), right=False))
    with pytest.raises(Violation, match=r"a sound scan is refused: .* 100 DPI"):
        KIND.read(promising(scan(100), right=True))


def test_a_changed_file_promises_nothing() -> None:
    raw = promising(scan(200), right=True)
    assert promise_of(raw) is True
    assert promise_of(raw + b" ") is None
    assert promise_of(raw.replace(b"taken  ", b"refused", 1)) is None
    assert promise_of(b"%PDF-1.7") is None
