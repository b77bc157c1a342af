"""The reader off the cable in a terminal: its screen as text, its keys on the keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from rich.box import HEAVY
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.tools.language import localise
from tla_sim.tools.simulator.kept_reader import WORD_OF
from tla_sim.tools.visit.kept_stage import KeptStage
from tla_sim.tools.visit.script import ScriptError, ScriptFailed, carry_out, parse_line
from tla_sim.tools.visit.terminal_keys import BACKSPACE, END, ENTER, ESCAPE, TerminalKeys

KEYS: Final = {
    ENTER: Key.VAL,
    ESCAPE: Key.ANN,
    BACKSPACE: Key.COR,
    "up": Key.UP,
    "down": Key.DOWN,
    "m": Key.MENU,
    **{str(digit): Key(str(digit)) for digit in range(10)},
}
"""Keys of the keyboard and the reader's keys that they press."""

LEGEND: Final = (
    Sentence("0-9  Enter VAL  Esc ANN  Backspace COR  ↑ ↓  m MENU"),
    Sentence("i insert a card  r remove a card  p power  c cable  q quit, cards stay in"),
)
_LOOK_SECONDS: Final = 0.2
_QUIT: Final = ("q", END)


class VisitTerminal:
    """A visit by hand. The reader's clock follows `monotonic`, which returns seconds."""

    def __init__(
        self,
        stage: KeptStage,
        keys: TerminalKeys,
        console: Console,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stage = stage
        self._keys = keys
        self._console = console
        self._monotonic = monotonic
        self._message = Sentence("")
        self._drawn = stage.screen
        self._seen = monotonic()

    def run(self) -> None:
        """Run until the user quits."""
        with Live(self._drawing(), console=self._console, auto_refresh=False, transient=True) as live:
            while (key := self._keys.read(_LOOK_SECONDS)) not in _QUIT:
                self._pass_time()
                if key is not None:
                    self._take(key, live)
                if key is not None or self._stage.screen != self._drawn:
                    live.update(self._drawing(), refresh=True)

    def _pass_time(self) -> None:
        now = self._monotonic()
        self._stage.kept.reader.follow(max(int((now - self._seen) * 1000), 0))
        self._seen = now

    def _take(self, key: str, live: Live) -> None:
        self._message = Sentence("")
        try:
            if key in KEYS:
                self._stage.kept.reader.press(KEYS[key])
            elif key == "p":
                self._stage.power(not self._stage.kept.reader.on)
            elif key == "c":
                self._stage.cable(not self._stage.plugged)
            elif key in ("i", "r"):
                self._by_line("insert" if key == "i" else "remove", live)
        except (ScriptError, ScriptFailed) as error:
            # Without the line's number: there is only the one just typed.
            self._message = TlaError(error.problem, error.action).told
        except TlaError as error:
            self._message = error.told

    def _by_line(self, word: str, live: Live) -> None:
        what = f" {localise('CARD')}" if word == "insert" else ""
        live.stop()
        try:
            with self._keys.cooked():
                rest = self._console.input(Sentence("{word} cps|vitale{what}: ", word=word, what=what))
        except EOFError:
            rest = ""
        finally:
            live.start()
        step = parse_line(f"{word} {rest}") if rest.strip() else None
        if step is not None:
            carry_out(step, self._stage)

    def _drawing(self) -> RenderableType:
        kept = self._stage.kept
        self._drawn = self._stage.screen
        screen = Text("\n".join(self._drawn), style="black on bright_green", no_wrap=True)
        slots = (
            f"{word}: {kept.cards[slot].name if slot in kept.cards else '-'}"
            for slot, word in WORD_OF.items()
        )
        state = (
            localise(Sentence("power on") if kept.reader.on else Sentence("power off")),
            localise(Sentence("cable in") if self._stage.plugged else Sentence("cable out")),
        )
        lines = (*slots, "  ".join(state), *map(localise, LEGEND))
        parts: list[RenderableType] = [
            Panel(screen, box=HEAVY, expand=False),
            *(Text(line, style="dim") for line in lines),
        ]
        if self._message:
            parts.append(Text(localise(self._message), style="bold red"))
        return Group(*parts)
