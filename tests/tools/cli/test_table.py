"""Tables: words stay whole where they can, numbers end on the right, and nothing steers the terminal."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.tools.cli import output
from tla_sim.tools.cli.table import Column, Text, line_width, lines, width, widths, wrap

HEADINGS = ("owner", "invoice", "total €", "why")
ROWS = (
    ("PIQURE MAYA", "190305028", "156,20", None),
    ("TOUBIB PAUL", "190305029", "1 056,20", "the card is not the owner's\nuse another one"),
)


class Terminal(io.StringIO):
    """Standard output as a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def plain(columns: Sequence[Column], room: int) -> list[str]:
    return ["".join(piece.text for piece in line).rstrip() for line in lines(columns, room, "-")]


def printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, room: int, **options: Sequence[str]
) -> list[str]:
    monkeypatch.setattr(output, "PIPE_WIDTH", room)
    output.print_table(HEADINGS, ROWS, title="Refused", **options)
    return capsys.readouterr().out.splitlines()


def test_a_table_where_there_is_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = printed(capsys, monkeypatch, 200, right=("total €",), footer=("", "", "1 212,40", ""))
    assert shown == [
        "Refused",
        "",
        " owner         invoice      total €   why",
        " " + "─" * 64,
        " PIQURE MAYA   190305028     156,20   -",
        " TOUBIB PAUL   190305029   1 056,20   the card is not the owner's",
        "                                      use another one",
        "",
        "                           1 212,40",
        "",
    ]


@pytest.mark.parametrize("room", [70, 60, 50, 45])
def test_a_narrow_table_breaks_between_words(
    room: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = printed(capsys, monkeypatch, room)
    assert max(map(len, shown)) <= room
    words = " ".join(shown).split()
    assert all(word in words for row in ROWS for cell in row for word in str(cell or "-").split())


def test_optional_columns_go_first_and_in_their_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    headings = [
        printed(capsys, monkeypatch, room, optional=("why", "nothing", "total €"))[2].split()
        for room in (70, 39, 29)
    ]
    assert headings == [
        ["owner", "invoice", "total", "€", "why"],
        ["owner", "invoice", "total", "€"],
        ["owner", "invoice"],
    ]


def test_on_a_terminal_titles_are_bold_and_what_is_empty_dim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    cells = (("1", None), ("2", Text("paper", "red")))
    for variable, styled in (("NO_COLOR", False), ("", True)):
        screen = Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", screen)
            if variable:
                patch.setenv(variable, "1")
            output.print_table(("n", "sheet"), cells, title="Sheets")
        shown = screen.getvalue()
        assert ("\x1b[1mSheets\x1b[0m" in shown) is styled
        assert ("\x1b[2m-\x1b[0m" in shown) is styled
        assert ("\x1b[31mpaper\x1b[0m" in shown) is styled
        assert ("\x1b" in shown) is styled


def test_nothing_in_a_cell_steers_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "PIPE_WIDTH", 80)
    hostile = "a\x1b[2Jb\rc\x07\u202ed"
    output.print_table(("name",), ((hostile,),), title=hostile, footer=(hostile,))
    output.print_facts({hostile: hostile}, title=hostile)
    shown = capsys.readouterr().out
    assert not [each for each in "\x1b\r\x07\u202e" if each in shown]
    assert shown.count("\ufffd[2J") == 6


def test_names_and_values_stand_side_by_side(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "PIPE_WIDTH", 40)
    output.print_facts({"name": "TLA", "can do": "certification at the desk and so on", "more": ""})
    assert capsys.readouterr().out.splitlines() == [
        "name    TLA",
        "can do  certification at the desk and so",
        "        on",
        "more    -",
    ]


def test_wide_and_combining_characters_take_their_places() -> None:
    assert width("é") == 1
    assert width("e\u0301") == 1
    assert width("漢字") == 4
    shown = plain([Column("n", [Text("漢字"), Text("ab")]), Column("x", [Text("1"), Text("2")])], 80)
    assert shown[2:] == [" 漢字   1", " ab     2"]


@given(
    st.lists(st.lists(st.text("ab é\n", max_size=12), min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(12, 60),
)
def test_every_line_fits_and_no_letter_is_lost(rows: list[list[str]], room: int) -> None:
    columns = [Column(f"c{at}", [Text(row[at]) for row in rows]) for at in range(3)]
    shown = plain(columns, room)
    assert line_width(widths(columns, room)) <= room
    assert all(width(line) <= room for line in shown)
    letters = "".join("".join(row) for row in rows)
    assert sorted("".join(shown[2:]).replace(" ", "").replace("-", "")) == sorted("".join(letters.split()))


@given(st.text("ab é-", max_size=60), st.integers(1, 20))
def test_lines_break_between_words(text: str, room: int) -> None:
    found = wrap(text, room)
    assert all(len(line) <= room for line in found)
    if all(len(word) <= room for word in text.split()):
        assert " ".join(found).split() == text.split()


@given(st.text(alphabet="日本語é e\u0301 ab", max_size=60), st.integers(2, 30))
def test_wide_letters_fit_and_none_is_lost(text: str, room: int) -> None:
    found = wrap(text, room)
    assert all(width(line) <= room for line in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_json_steers_no_terminal_either(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["ÉLÉONORE Ñ", "A\x1b[31mB\u009b31mC\x7f", "\u202eDEMO\u2028\ud800", "\U0001f600\U000e0001"]
    output.print_json(names)
    shown = capsys.readouterr().out
    assert json.loads(shown) == names
    assert "ÉLÉONORE Ñ" in shown
    assert "\U0001f600" in shown
    assert all(line.isprintable() for line in shown.splitlines())
