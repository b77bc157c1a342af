"""The options --trace and --level: what a verb exchanges goes into a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.capture.level import Level
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note

if TYPE_CHECKING:
    from tla_sim.reader_fw.reader import Reader
    from tla_sim.tools.capture.trace_file import TraceFile

VARIABLE: Final = "TLA_TRACE"
PCAPNG: Final = ".pcapng"
_FROM_VARIABLE: Final = "ENVIRONMENT"


@dataclass(frozen=True, slots=True)
class TraceWish:
    """Where a trace goes. One of TLA_TRACE is appended to, so that a whole round is in one file."""

    path: Path
    append: bool = False


def _take(context: typer.Context, parameter: typer.CallbackParam, wish: TraceWish | None) -> TraceWish | None:
    source = context.get_parameter_source(parameter.name or "")
    if wish is None or source is None or source.name != _FROM_VARIABLE:
        return wish
    if wish.path.is_dir():
        return TraceWish(wish.path / _name(context))
    return replace(wish, append=True)


def _name(context: typer.Context) -> str:
    """Return a name of its own for the trace of this run."""
    from datetime import datetime

    verb = "-".join(context.command_path.split()[1:])
    return f"tla-{verb}-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.pcapng"


def trace_option(text: str) -> Any:
    """Return the option --trace, whose help is `text`."""
    return typer.Option(
        "--trace",
        metavar="FILE",
        envvar=VARIABLE,
        show_default=False,
        parser=lambda path: TraceWish(Path(path)),
        callback=_take,
        help=text,
    )


TraceOption = Annotated[
    TraceWish | None,
    trace_option(
        "Record every exchange in FILE, as pcapng for Wireshark if its name ends so, otherwise for "
        "`tla trace decode`. It contains health data, but no code porteur. The file of TLA_TRACE is appended "
        "to; where it is a folder, each run gets a file in it."
    ),
]


LevelOption = Annotated[
    list[Level] | None,
    typer.Option(
        "--level",
        show_default=False,
        help="With --trace FILE.pcapng: what travels below the APDUs, too, as interfaces of its own. May be "
        "given several times.",
    ),
]


def check_levels(levels: Sequence[Level] | None, wish: TraceWish | None) -> None:
    """Refuse levels without a file that can hold them. Raises UsageProblem."""
    if levels and (wish is None or wish.path.suffix.lower() != PCAPNG):
        raise UsageProblem("--level goes with --trace FILE.pcapng", "Give both")


@contextmanager
def open_trace(wish: TraceWish, *, late: bool = False) -> Iterator[TraceFile]:
    """Open the file of a trace, and say at the end if it lacks something.

    A `late` one is begun by what is written first, and stays as it was without that. Raises ForeignFile,
    TraceInUse, OSError.
    """
    from tla_sim.tools.capture.trace_file import TraceFile
    from tla_sim.tools.simulator.state_files import refuse_part

    refuse_part(wish.path)
    file = TraceFile(wish.path, append=wish.append, late=late)
    _tell_path(wish, file.path)
    try:
        yield file
    finally:
        file.close()
        _tell(file.failed)


@contextmanager
def trace_reader(reader: Reader, wish: TraceWish | None) -> Iterator[None]:
    """Trace a reader in this process during a block, in the time of its clock, if that is wanted.

    Raises ForeignFile, TraceInUse, OSError.
    """
    if wish is None:
        yield
        return
    from tla_sim.tools.simulator.reader_trace import ReaderTrace

    trace = ReaderTrace(reader, wish.path, append=wish.append)
    _tell_path(wish, trace.path)
    try:
        yield
    finally:
        trace.close()
        _tell(trace.failed)


def _tell_path(wish: TraceWish, path: Path) -> None:
    if path != wish.path:
        note(
            Sentence(
                "{wished} is being written by another program: this trace goes into {path}.",
                wished=wish.path,
                path=path,
            )
        )


def _tell(failed: OSError | None) -> None:
    if failed is not None:
        note(Sentence("The trace lacks exchanges: {reason}", reason=failed.strerror or ""))
