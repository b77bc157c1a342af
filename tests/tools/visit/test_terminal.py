"""A visit by hand: keys of a terminal, and the screen drawn in it."""

from __future__ import annotations

import io
import os
import pty
import termios
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from tests.tools.simulator.kept_kit import client_of, issue, make_reader, push_all
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.kept_reader import KeptReader
from tla_sim.tools.simulator.state_transport import open_state
from tla_sim.tools.visit.kept_stage import KeptStage
from tla_sim.tools.visit.terminal import KEYS, VisitTerminal
from tla_sim.tools.visit.terminal_keys import BACKSPACE, END, ENTER, ESCAPE, TerminalKeys, keys_of_terminal


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    master, slave = pty.openpty()
    try:
        yield master, slave
    finally:
        os.close(master)
        os.close(slave)


def typed(text: bytes) -> list[str | None]:
    with terminal() as (master, slave), keys_of_terminal(slave) as keys:
        os.write(master, text)
        found = []
        while (key := keys.read(0.01)) is not None:
            found.append(key)
        return list(found)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (b"1234\r", ["1", "2", "3", "4", ENTER]),
        (b"\x7f\x08\x1b[3~", [BACKSPACE] * 3),
        (b"\x1b[A\x1bOB\x1b[C\x1b[D", ["up", "down", "right", "left"]),
        (b"\x1b", [ESCAPE]),
        (b"\x1b1", [ESCAPE, "1"]),
        (b"\x1b[99q", [ESCAPE]),
        (b"mq", ["m", "q"]),
        (b"\x04", [END]),
        ("é".encode(), ["é"]),
    ],
)
def test_keys_are_told_apart(text: bytes, keys: list[str]) -> None:
    assert typed(text) == keys


def test_the_terminal_does_not_echo_and_is_put_back() -> None:
    with terminal() as (_, slave):
        before = termios.tcgetattr(slave)
        with keys_of_terminal(slave) as keys:
            assert not termios.tcgetattr(slave)[3] & (termios.ECHO | termios.ICANON)
            with keys.cooked():
                assert termios.tcgetattr(slave)[3] & termios.ECHO
            assert not termios.tcgetattr(slave)[3] & termios.ECHO
        assert termios.tcgetattr(slave) == before


def test_a_terminal_that_goes_away_is_the_end() -> None:
    master, slave = pty.openpty()
    with keys_of_terminal(slave) as keys:
        os.close(master)
        assert keys.read(1) == END
    os.close(slave)


class Typed:
    """Keys that were typed beforehand, and answers to questions."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = iter(keys)

    def read(self, seconds: float) -> str:
        assert seconds > 0
        return next(self._keys, "q")

    def cooked(self) -> nullcontext[None]:
        return nullcontext()


class Answering(Console):
    """A terminal of 80 columns whose person answers with these lines; `drawn` is all it showed."""

    def __init__(self, *answers: str) -> None:
        self.drawn = io.StringIO()
        super().__init__(file=self.drawn, width=80, force_terminal=True, color_system=None)
        self._answers = list(answers)

    def input(self, *_: object, **__: object) -> str:
        if not self._answers:
            raise EOFError
        return self._answers.pop(0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = make_reader(tmp_path / "reader")
    with open_state(f"state:{home}") as transport:
        push_all(client_of(transport))
    return home


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    return issue(tmp_path / "cards")


def by_hand(home: Path, keys: Iterable[str], *answers: str) -> tuple[str, str]:
    """A visit; all that was drawn, and the last screen."""
    console = Answering(*answers)
    with KeptReader.open(home) as kept:
        kept.reader.power_on()
        stage = KeptStage(kept)
        seconds = iter(range(10_000))
        VisitTerminal(stage, cast(TerminalKeys, Typed(keys)), console, lambda: next(seconds)).run()
        return console.drawn.getvalue(), " ".join(" ".join(stage.screen).split())


def test_a_visit_by_hand_certifies_and_shows_no_digit_of_the_code(home: Path, cards: Path) -> None:
    drawn, screen = by_hand(
        home,
        ["i", "i", ENTER, *"5937", ENTER, ENTER, *"12344", BACKSPACE, ENTER],
        f"cps {cards}/cps-piqure2969-maya.card",
        f"vitale {cards}/vitale-martin-paul.card",
    )
    assert screen.startswith("2 FACTURES SIGNEES")
    assert "CODE PORTEUR FAUX" in drawn
    assert "RESTE 2 ESSAIS" in drawn
    assert "*****" in drawn
    assert "5937" not in drawn
    assert "12344" not in drawn


def test_every_key_of_the_reader_has_one_on_the_keyboard() -> None:
    assert set(KEYS.values()) == set(Key)


def test_cards_are_left_in_at_the_end_and_can_be_taken_out(home: Path, cards: Path) -> None:
    by_hand(home, ["i"], f"vitale {cards}/vitale-martin-paul.card")
    with KeptReader.open(home) as kept:
        assert list(kept.cards) == [Slot.VITALE]
    _, screen = by_hand(home, ["r"], "vitale")
    assert "INSEREZ LA CARTE" in screen
    with KeptReader.open(home) as kept:
        assert kept.cards == {}


@pytest.mark.parametrize(
    ("key", "answer", "said"),
    [
        ("i", "cps /no/such.card", "no such file"),
        ("i", "cpe x", "the slot is cps or vitale"),
        ("r", "vitale", "There is no card in the vitale slot"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_visit_goes_on(
    home: Path, key: str, answer: str, said: str
) -> None:
    drawn, screen = by_hand(home, [key], answer)
    assert said in drawn
    assert "line 1" not in drawn
    assert screen.startswith("TLA 1.40")


def test_an_empty_answer_and_no_answer_change_nothing(home: Path) -> None:
    drawn, screen = by_hand(home, ["i", "r"], "  ")
    assert screen.startswith("TLA 1.40")
    assert "slot is" not in drawn


def test_power_and_cable_are_a_key_each(home: Path) -> None:
    assert by_hand(home, ["c"])[1] == "ATTENTE ORDRE"
    assert by_hand(home, ["c", "c"])[1].startswith("TLA 1.40")
    assert by_hand(home, ["p"])[1] == ""
    assert by_hand(home, ["p", "p"])[1].startswith("TLA 1.40")


def test_time_goes_on_while_nobody_types(home: Path, cards: Path) -> None:
    keys = ["i", "i", ENTER, *["x"] * 40]
    answers = [f"cps {cards}/cps-piqure2969-maya.card", f"vitale {cards}/vitale-martin-paul.card"]
    _, screen = by_hand(home, keys, *answers)
    assert "CODE PORTEUR" not in screen, "the entry of a code ends after 30 s without a key"
