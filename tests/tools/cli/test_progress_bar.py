"""The progress bar: counts and bytes on a terminal, nothing elsewhere."""

from __future__ import annotations

import io
import sys

import pytest

from tla_sim.host.progress import Progress
from tla_sim.tools.cli.progress_bar import show_progress, traffic

BAR = "\N{BOX DRAWINGS HEAVY HORIZONTAL}"
"""A fortieth of the bar."""


class Terminal(io.StringIO):
    """Standard error as a terminal that shows neither colours nor cursor movements."""

    def isatty(self) -> bool:
        return True


def last_frame(monkeypatch: pytest.MonkeyPatch, bytes_total: int) -> str:
    """The last frame that a batch under way leaves on a terminal."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    screen = Terminal()
    with monkeypatch.context() as patch:  # not in a fixture: between set-up and test pytest puts its own back
        patch.setattr(sys, "stderr", screen)
        batch(bytes_total)
    return screen.getvalue().split("push ")[-1]


def batch(bytes_total: int) -> None:
    with show_progress() as on_progress:
        on_progress(Progress("push", 0, 10, 0, bytes_total))
        traffic.moved(500)


def test_the_bytes_of_a_long_exchange_move_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = last_frame(monkeypatch, 1000)
    assert "0/10 500 B / 1000 B" in shown
    assert shown.count(BAR) == 20


def test_without_bytes_the_counts_are_shown_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = last_frame(monkeypatch, 0)
    assert "0/10" in shown
    assert " B" not in shown


def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    batch(1000)
    assert pipe.getvalue() == ""
    assert traffic.listener is None
