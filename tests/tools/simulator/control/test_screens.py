"""The timeline of settled screens."""

from __future__ import annotations

import pytest

from tla_sim.reader_fw.board.display import Screen
from tla_sim.tools.simulator.control.screens import ScreenForgotten, Timeline


def lines(text: str) -> Screen:
    return text.ljust(20), " " * 20, " " * 20, "VAL".ljust(20)


def test_only_what_differs_gets_a_revision() -> None:
    timeline = Timeline()
    first = timeline.show(5, lines("A"), True)
    assert first is not None
    assert (first.revision, first.clock_ms, first.text) == (1, 5, "A\n\n\nVAL")
    assert timeline.show(6, lines("A"), True) is None
    dark = timeline.show(7, lines("A"), False)
    assert dark is not None
    assert dark.revision == 2
    again = timeline.show(8, lines("A"), False, again=True)
    assert again is not None
    assert again.revision == 3
    assert timeline.now is again
    assert [shown.revision for shown in timeline.after(1)] == [2, 3]
    assert [shown.revision for shown in timeline.after(0, 1)] == [1]


def test_a_timeline_is_bounded_and_says_what_it_has() -> None:
    timeline = Timeline(most=100)
    for count in range(1_000):
        timeline.show(count, lines(str(count)), True)
        assert len(timeline._screens) <= 125
    assert len(timeline) == 100
    assert timeline.at(901).lines[0].strip() == "900"
    with pytest.raises(ScreenForgotten, match="revision 900") as forgotten:
        timeline.at(900)
    assert "901 to 1000" in forgotten.value.action


def test_what_came_after_can_be_dropped_but_its_numbers_are_used_up() -> None:
    timeline = Timeline()
    for count in range(5):
        timeline.show(count, lines(str(count)), True, step=count * 10)
    timeline.drop_after(15)
    assert timeline.now.revision == 2
    shown = timeline.show(9, lines("0"), True, again=True)
    assert shown is not None
    assert shown.revision == 6
    with pytest.raises(ScreenForgotten):
        timeline.at(4)
