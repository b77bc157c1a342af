"""tla trace serial: a tap on a serial line."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note, print_json_text, print_table

if TYPE_CHECKING:
    from tla_sim.tools.capture.tap_count import TapCount, WayCount
    from tla_sim.tools.capture.tracer import Tracer


def tap_serial_line(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="Where the program is: a serial port, or pty:PATH, a pseudo-terminal made at PATH for the "
            "program to open as its port.",
        ),
    ],
    b: Annotated[
        str, typer.Argument(metavar="B", help="Where the reader is: a serial port or pseudo-terminal.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            show_default=False,
            help="Write what is heard to FILE.pcapng, too. It contains health data, but no code porteur.",
        ),
    ] = None,
    baud: Annotated[int, typer.Option("--baud", metavar="N", help="Speed of both ports.")] = 9600,
    edc: Annotated[
        str, typer.Option("--edc", metavar="crc|lrc", help="The error detection code of the blocks.")
    ] = "crc",
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", metavar="", help="Report what is heard as JSON, one event per line, and a summary."
        ),
    ] = False,
) -> None:
    """Tap a serial line: pass on all bytes between a program and a reader, and show what they say.

    Each T=1 block and each APDU is shown with its time; what is damaged is marked. It ends with Ctrl-C, or
    when a port disappears.
    """
    from tla_sim.protocol.t1.block import Edc
    from tla_sim.tools.capture.serial_tap import open_ends, tap_ends
    from tla_sim.tools.capture.tap_count import TapCount
    from tla_sim.tools.capture.trace_file import SUFFIX, TraceFile
    from tla_sim.tools.capture.tracer import SeveralTracers
    from tla_sim.tools.cli.tap_teller import JsonTapTeller, TapTeller

    if edc not in {each.value for each in Edc}:
        raise UsageProblem("There is no error detection code {edc}", "Take crc or lrc", edc=edc)
    if baud < 50:
        raise UsageProblem("{baud} baud is not a speed", "Give at least 50", baud=baud)
    if out is not None and out.suffix.lower() != SUFFIX:
        raise UsageProblem("{path} is not named as a capture", "Name a file that ends in .pcapng", path=out)
    count = TapCount()
    tracers: list[Tracer] = [count, (JsonTapTeller if as_json else TapTeller)(Edc(edc))]
    with ExitStack() as held:
        stop = held.enter_context(_stopping_signal())
        # Before the file: a port that cannot be opened leaves no file without anything in it.
        ends = held.enter_context(open_ends(a, b, baud))
        file = None
        if out is not None:
            file = TraceFile(out)
            held.callback(file.close)
            # First, so that what the terminal shows is in the file.
            tracers.insert(0, file.tracer)
        note(Sentence("Tapping between {a} and {b} until Ctrl-C.", a=a, b=b))
        try:
            tap_ends(ends, SeveralTracers(*tracers), link=a, baud=baud, edc=Edc(edc), stop=stop)
        finally:
            _sum_up(count, as_json)
            if file is not None and file.failed is not None:
                note(Sentence("The trace lacks exchanges: {reason}", reason=file.failed.strerror or ""))


@contextmanager
def _stopping_signal() -> Iterator[int]:
    """Give a descriptor that has something to read once Ctrl-C or SIGTERM came.

    An exception would come between the bytes that are passed on and what is told of them. A script that runs
    this in the background cannot press Ctrl-C: shells ignore SIGINT there.
    """
    woken, waker = os.pipe()
    before = {
        number: signal.signal(number, lambda *_: os.write(waker, b"\0"))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield woken
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(woken)
        os.close(waker)


def _sum_up(count: TapCount, as_json: bool) -> None:
    if as_json:
        import dataclasses
        import json

        ways = {"program": count.program, "reader": count.reader}
        summary = {name: dataclasses.asdict(way) for name, way in ways.items()}
        print_json_text(json.dumps({"event": "summary", **summary, "unanswered": count.unanswered}) + "\n")
        return
    headings = sentences("said by", "blocks", "bytes", "errors", "APDUs")
    rows = [
        _row(Sentence("the program"), count.program),
        _row(Sentence("the reader"), count.reader),
    ]
    print_table(headings, rows, right=headings[1:])
    if count.unanswered:
        note(Sentence("{commands} without an answer.", commands=Quantity(count.unanswered, "command")))


def _row(name: str, way: WayCount) -> tuple[object, ...]:
    return name, way.blocks, way.bytes, way.errors, way.apdus
