"""The surgery that the verbs are tried in, and a watch over sentences that they make plain text of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.cli.surgery import Surgery, open_surgery
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.maintenance.lost_french import ROOMS
from tla_sim.tools.maintenance.sentences import ROOT

FRENCH = "host/desk/care_sheet.py"
"""What is printed in French, whichever language is spoken."""


@pytest.fixture
def surgery(tmp_path: Path) -> Iterator[Surgery]:
    """A reader at 1.40 with nothing on board."""
    with open_surgery(tmp_path) as surgery:
        yield surgery


@pytest.fixture(autouse=True)
def whole_sentences(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail where an f-string swallows a sentence that mypy takes for a plain `str`: it loses its French."""
    lost: set[str] = set()
    rooms = tuple(str(ROOT / room) for room in ROOMS)

    def fill_in(sentence: Sentence, spec: str) -> str:
        frame = sys._getframe(1)
        place = Path(frame.f_code.co_filename).resolve()
        if str(place).startswith(rooms) and place != ROOT / FRENCH:
            lost.add(f"{place.relative_to(ROOT)}:{frame.f_lineno}")
        return str.__format__(sentence, spec)

    monkeypatch.setattr(Sentence, "__format__", fill_in, raising=False)
    yield
    assert sorted(lost) == [], "put the sentence into a Sentence as a value, or translate it first"
