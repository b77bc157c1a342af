"""tla visit"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.code_porteur import CodeFileOption
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.golden_screens import Golden
from tla_sim.tools.cli.output import JsonOption, console, note, print_as_it_is, print_json, print_line
from tla_sim.tools.cli.state_option import StateOption, gone_cards, state_path
from tla_sim.tools.cli.trace_option import TraceOption, TraceWish, trace_reader
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    from tla_sim.reader_fw.board.display import Screen
    from tla_sim.tools.visit.play import Played
    from tla_sim.tools.visit.script import AskCode, Stage, Step

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
    golden: Annotated[
        Path | None,
        typer.Option(
            "--golden",
            metavar="FILE",
            show_default=False,
            help="Compare the screen after each line with those recorded in FILE.",
        ),
    ] = None,
    golden_run: Annotated[
        bool,
        typer.Option("--golden-run", metavar="", help="Record the screens in the file of --golden."),
    ] = False,
    golden_page: Annotated[
        Path | None,
        typer.Option(
            "--golden-page",
            metavar="FILE",
            show_default=False,
            help="Where to write the page with the screens that differ, side by side. Default: beside the "
            "golden file, as HTML.",
        ),
    ] = None,
    in_memory: Annotated[
        bool,
        typer.Option(
            "--in-memory",
            metavar="",
            help="Play the script on a fresh reader that leaves nothing on disk and is the same each time.",
        ),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            show_default=False,
            help="With --in-memory: seed of the reader's random bytes. Default: 1.",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            show_default=False,
            help="With --in-memory: the reader's software version, as listed by `tla profiles`.",
        ),
    ] = None,
    code_file: CodeFileOption = None,
    trace: TraceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the reader on a visit, off the cable: with its screen and keys in the terminal, or by a script.

    Each call is one power cycle of the reader: only its flash and the cards in its slots survive. Without
    --script, lines are read from standard input if that is not a terminal. Exit code 1 if an `expect` fails,
    or a screen differs from the golden ones.
    """
    if script is None and sys.stdin is None:
        raise UsageProblem("There is neither a script nor a terminal", "Give --script FILE, or a terminal")
    if golden is None and (golden_run or golden_page is not None):
        raise UsageProblem("--golden-run and --golden-page go with --golden", "Add --golden FILE")
    if in_memory and state is not None:
        raise UsageProblem("--state and --in-memory exclude each other", "Give one of them")
    if not in_memory and (seed is not None or profile is not None):
        raise UsageProblem("--seed and --profile go with --in-memory", "Add --in-memory")
    if script is None and sys.stdin.isatty():
        if as_json:
            raise UsageProblem("--json is for scripts", "Give --script FILE, or lines on standard input")
        if golden is not None or in_memory:
            raise UsageProblem(
                "--golden and --in-memory are for scripts", "Give --script FILE, or lines on standard input"
            )
        _by_hand(state_path(state), trace)
        return
    steps = _steps(script)
    ask = _asked_once(steps, code_file)
    screens = None if golden is None else Golden(golden, golden_run, golden_page)
    opened = _in_memory(seed, profile, trace) if in_memory else _kept(state_path(state), trace)
    with opened as stage:
        if as_json:
            _play_as_json(steps, stage, ask, screens)
        else:
            _play(steps, stage, ask, screens)


def _play(steps: tuple[Step, ...], stage: Stage, ask: AskCode, golden: Golden | None) -> None:
    from tla_sim.tools.visit.play import play

    _print_screen(stage.screen)
    if golden is not None:
        golden.take("", stage.screen)
    for played in play(steps, stage, ask):
        _print(played)
        if golden is not None:
            golden.take(played.step.shown, played.screen)
    if golden is not None:
        print_line(golden.finish())


@contextmanager
def _kept(path: Path, trace: TraceWish | None) -> Iterator[Stage]:
    from tla_sim.tools.simulator.kept_reader import KeptReader
    from tla_sim.tools.visit.kept_stage import KeptStage

    with KeptReader.open(path, recorded=True) as kept:
        kept.on_unwritable = lambda failed: note(failed.told)
        for text in gone_cards(kept):
            note(text)
        kept.power_on()
        with trace_reader(kept.reader, trace):
            yield KeptStage(kept)


@contextmanager
def _in_memory(seed: int | None, profile: str | None, trace: TraceWish | None) -> Iterator[Stage]:
    from tla_sim.reader_fw.app.software.profile import TLA_1_40
    from tla_sim.tools.visit.memory_stage import MemoryStage

    with (
        closing(MemoryStage(1 if seed is None else seed, profile or TLA_1_40.name)) as stage,
        trace_reader(stage.control.reader, trace),
    ):
        yield stage


def _asked_once(steps: tuple[Step, ...], code_file: Path | None) -> AskCode:
    """Ask for the code before anything is done, if a line leaves it out."""
    from tla_sim.tools.cli.code_porteur import ask_plainly, code_from

    code = code_from(code_file, ask_plainly) if any(step.asks_code for step in steps) else ""
    return lambda: code


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


def _play_as_json(steps: tuple[Step, ...], stage: Stage, ask: AskCode, golden: Golden | None) -> None:
    from tla_sim.tools.testing.golden.check import ScreensDiffer
    from tla_sim.tools.visit.play import play
    from tla_sim.tools.visit.script import ScriptFailed

    done: list[dict[str, Any]] = []
    failed: dict[str, Any] | None = None
    told: dict[str, Any] = {}
    if golden is not None:
        golden.take("", stage.screen)
    try:
        for played in play(steps, stage, ask):
            if golden is not None:
                golden.take(played.step.shown, played.screen)
            done.append(
                {
                    "line": played.step.number,
                    "text": played.step.shown,
                    "screen": played.screen,
                    "said": [localise(each) for each in played.said],
                }
            )
        if golden is not None:
            golden.finish()
            told["golden"] = {"differing": 0, "page": None}
    except ScriptFailed as error:
        failed = {"line": error.number, "problem": localise(error.problem), "screen": error.screen}
        raise
    except ScreensDiffer as error:
        told["golden"] = {"differing": len(error.flow.differences), "page": str(error.page)}
        raise
    finally:
        print_json({"steps": done, "failed": failed, **told})


def _by_hand(path: Path, trace: TraceWish | None) -> None:
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
        with trace_reader(kept.reader, trace):
            VisitTerminal(KeptStage(kept), keys, console()).run()
