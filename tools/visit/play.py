"""Play a visit script: read it, check all of it, then carry it out line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from tla_sim.host.text_file import NotText, certain_text
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.display import Screen
from tla_sim.tools.cards.file import load_image
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.control.trays import DirectoryTray
from tla_sim.tools.visit.script import (
    RESTORE,
    AskCode,
    ScriptError,
    Stage,
    Step,
    carry_out,
    no_code,
    parse_script,
)

MAX_SCRIPT_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class Played:
    """A completed step: the screen after it, and the lines it printed."""

    step: Step
    screen: Screen
    said: tuple[str, ...]


def read_script(file: BinaryIO) -> tuple[Step, ...]:
    """Return all steps of a script after checking its words, their arguments and its card files.

    Raises ScriptError with the line number, and OSError.
    """
    raw = file.read(MAX_SCRIPT_BYTES + 1)
    if len(raw) > MAX_SCRIPT_BYTES:
        raise ScriptError(
            0,
            Sentence("the script is longer than {most} MiB", most=MAX_SCRIPT_BYTES // 1024 // 1024),
            "Split it",
        )
    try:
        text = certain_text(raw)
    except NotText as error:
        raise ScriptError(
            error.line, Sentence("the script holds {found}", found=error.found), "Save it as UTF-8 text"
        ) from None
    steps = parse_script(text.splitlines())
    check_cards(steps)
    return steps


def check_cards(steps: Iterable[Step]) -> None:
    """Check that every card that a script inserts can be read. Raises ScriptError.

    After a `restore`, names may be those of cards that come with the snapshot.
    """
    sound: set[Path | str] = set()
    restored = False
    tray = DirectoryTray(demo_practice(), Path())
    for step in steps:
        restored = restored or step.word == RESTORE
        if step.card is None or step.card in sound or (restored and isinstance(step.card, str)):
            continue
        try:
            if isinstance(step.card, str):
                tray.find(step.card)
            else:
                load_image(step.card)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ScriptError(
                step.number,
                Sentence("{card}: {reason}", card=step.card, reason=reason),
                Sentence("Name a card file"),
            ) from None
        except TlaError as error:
            raise ScriptError(step.number, error.message, error.action) from None
        sound.add(step.card)


def play(steps: Iterable[Step], stage: Stage, ask: AskCode = no_code) -> Iterator[Played]:
    """Carry out the steps in order; `ask` gives the code that the script leaves out.

    Raises ScriptFailed at the first that fails.
    """
    for step in steps:
        said = carry_out(step, stage, ask)
        yield Played(step, stage.screen, said)
