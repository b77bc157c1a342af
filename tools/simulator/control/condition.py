"""Conditions on a reader: what its screen shows or does not show, or an exchange with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tla_sim.protocol.commands.instructions import Ins
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.display import fold
from tla_sim.tools.simulator.control.pattern import Pattern
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.trace_ring import TracedExchange

MAX_TEXT: Final = 200
_LOG_SV_CLASS: Final = 0x80
_ANY: Final = "any"


class BadCondition(TlaError, ValueError):
    """The condition cannot be understood, or not exactly one is given."""

    category = Category.BAD_INPUT


@dataclass(frozen=True)
class Condition:
    """One of `text` that the screen shows, `regexp` found in it, `no_text` that it does not show, `exchange`.

    Texts are compared without regard to capitals, accents, line ends and repeated blanks, as by the word
    `expect` of the visit script. A regexp is searched in the four lines, joined by line feeds and without
    trailing blanks; capitals make no difference. `exchange` is a command of the reader by its name
    (`identify`), an instruction byte as two hex digits, or `any`. Raises BadCondition and BadPattern.
    """

    text: str = ""
    regexp: str = ""
    no_text: str = ""
    exchange: str = ""

    def __post_init__(self) -> None:
        given = [name for name in ("text", "regexp", "no_text", "exchange") if getattr(self, name)]
        if len(given) != 1:
            raise BadCondition(
                "{count} conditions are given instead of one",
                "Give one of text, regexp, no_text and exchange",
                count=len(given),
            )
        if max(len(self.text), len(self.no_text), len(self.exchange)) > MAX_TEXT:
            raise BadCondition(
                "The text of the condition is longer than {most} characters", "Shorten it", most=MAX_TEXT
            )
        if not self.exchange and not self.regexp and not self._wanted:
            raise BadCondition("The text of the condition is blank", "Give a text that a screen can show")
        # Now, so that what is wrong with them is said to whoever gave the condition.
        _ = self._pattern, self._instruction

    @property
    def on_screen(self) -> bool:
        """Whether the condition is about the screen."""
        return not self.exchange

    def shown(self, screen: ScreenShown) -> bool:
        """Return whether a screen meets the condition."""
        if self._pattern is not None:
            return self._pattern.found_in(screen.text)
        if self.exchange:
            return False
        return (self._wanted in squeeze(" ".join(screen.lines))) == bool(self.text)

    def met_by(self, exchange: TracedExchange) -> bool:
        """Return whether an exchange meets the condition."""
        if not self.exchange:
            return False
        if self.exchange == _ANY:
            return True
        lad, ins = self._instruction
        command = exchange.command
        if lad is None:
            return len(command) > 1 and command[1] == ins
        return exchange.lad is lad and command[:2] == bytes((_LOG_SV_CLASS, ins))

    @cached_property
    def _wanted(self) -> str:
        return squeeze(self.text or self.no_text)

    @cached_property
    def _pattern(self) -> Pattern | None:
        return Pattern(self.regexp) if self.regexp else None

    @cached_property
    def _instruction(self) -> tuple[Lad | None, int]:
        wanted = self.exchange.lower()
        if not wanted or wanted == _ANY:
            return None, 0
        if wanted.upper() in Ins.__members__:
            return Lad.LOG_SV, Ins[wanted.upper()]
        if len(wanted) == 2 and not wanted.strip("0123456789abcdef"):
            return None, int(wanted, 16)
        raise BadCondition(
            "The reader has no command {name!r}",
            "Name one of {names}, or give an instruction as two hex digits, or any",
            name=self.exchange,
            names=", ".join(name.lower() for name in Ins.__members__),
        )


def squeeze(text: str) -> str:
    """Return a text as the screen would show it, with single blanks."""
    return " ".join(fold(text).split())
