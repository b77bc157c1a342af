"""tla visit"""

from __future__ import annotations

import signal
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import JsonOption, console, note, print_as_it_is, print_json, print_line
from tla_sim.tools.cli.state_option import StateOption, gone_cards, state_path
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    from tla_sim.reader_fw.board.display import Screen
    from tla_sim.tools.visit.kept_stage import KeptStage
    from tla_sim.tools.visit.play import Played
    from tla_sim.tools.visit.script import Step

verb = new_verb()


@verb.command()
def visit(
    state: StateOption = None,
    script: Annotated[
        Path | None,
        typer.Option(
            "--script", metavar="FILE", show_default=False, help="A script to carry out instead of typing."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take the reader on a visit, off the cable: with its screen and keys in the terminal, or by a script.

    Each call is one power cycle of the reader: only its flash and the cards in its slots survive. Without
    --script, lines are read from standard input if that is not a terminal. Exit code 1 if an `expect` fails.
    """
    from tla_sim.tools.simulator.kept_reader import KeptReader
    from tla_sim.tools.visit.kept_stage import KeptStage
    from tla_sim.tools.visit.play import play

    if script is None and sys.stdin is None:
        raise UsageProblem("There is neither a script nor a terminal", "Give --script FILE, or a terminal")
    if script is None and sys.stdin.isatty():
        if as_json:
            raise UsageProblem("--json is for scripts", "Give --script FILE, or lines on standard input")
        _by_hand(state_path(state))
        return
    steps = _steps(script)
    with KeptReader.open(state_path(state)) as kept:
        kept.on_unwritable = lambda failed: note(failed.told)
        for text in gone_cards(kept):
            note(text)
        kept.power_on()
        stage = KeptStage(kept)
        if as_json:
            _play_as_json(steps, stage)
        else:
            _print_screen(stage.screen)
            for played in play(steps, stage):
                _print(played)


def _steps(script: Path | None) -> tuple[Step, ...]:
    from tla_sim.host.whole_file import read_whole
    from tla_sim.tools.visit.play import MAX_SCRIPT_BYTES, read_script

    if script is None:
        return read_script(sys.stdin.buffer)
    return read_script(BytesIO(read_whole(script, MAX_SCRIPT_BYTES)))


def _print(played: Played) -> None:
    print_as_it_is(f"{played.step.number}: {played.step.shown}")
    for line in played.said:
        print_line(Sentence("  {line}", line=line))
    _print_screen(played.screen)


def _print_screen(screen: Screen) -> None:
    from tla_sim.tools.visit.lcd import frame_screen

    for line in frame_screen(screen).splitlines():
        print_as_it_is(line)


def _play_as_json(steps: tuple[Step, ...], stage: KeptStage) -> None:
    from tla_sim.tools.visit.play import play
    from tla_sim.tools.visit.script import ScriptFailed

    done: list[dict[str, Any]] = []
    failed: dict[str, Any] | None = None
    try:
        for played in play(steps, stage):
            done.append(
                {
                    "line": played.step.number,
                    "text": played.step.shown,
                    "screen": played.screen,
                    "said": [localise(each) for each in played.said],
                }
            )
    except ScriptFailed as error:
        failed = {"line": error.number, "problem": localise(error.problem), "screen": error.screen}
        raise
    finally:
        print_json({"steps": done, "failed": failed})


def _by_hand(path: Path) -> None:
    from tla_sim.tools.simulator.kept_reader import KeptReader
    from tla_sim.tools.visit.kept_stage import KeptStage
    from tla_sim.tools.visit.terminal import VisitTerminal
    from tla_sim.tools.visit.terminal_keys import keys_of_terminal

    # SIGTERM raises KeyboardInterrupt, so that the terminal's settings are restored.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with KeptReader.open(path) as kept, keys_of_terminal() as keys:
        kept.on_unwritable = lambda failed: note(failed.told)
        for text in gone_cards(kept):
            note(text)
        kept.power_on()
        VisitTerminal(KeptStage(kept), keys, console()).run()
