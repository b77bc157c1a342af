"""tla check"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tla_sim.host.park.limits import DEFAULT_DRIFT_MS
from tla_sim.protocol.sentence import Joined, Quantity, Sentence, sentences
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.progress_bar import traffic
from tla_sim.tools.cli.reader_option import tap_transport
from tla_sim.tools.cli.readers import reachable
from tla_sim.tools.cli.remedies import remedy
from tla_sim.tools.cli.trace_option import (
    PCAPNG,
    LevelOption,
    TraceOption,
    TraceWish,
    check_levels,
    open_trace,
)
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language import localise, spoken_language

if TYPE_CHECKING:
    from tla_sim.host.client import ReaderClient
    from tla_sim.host.park.park import Open
    from tla_sim.host.park.verdict import Checked, Finding, Standard
    from tla_sim.host.transport import Transport
    from tla_sim.tools.capture.level import Level
    from tla_sim.tools.capture.tracer import Tracer

verb = new_verb()

_REPORTS: Final = (".html", ".csv")


@verb.command()
def check(
    reader: Annotated[
        list[str] | None,
        typer.Option(
            "--reader",
            metavar="URL",
            show_default=False,
            help="A reader to check; may be given several times. Default: all serial ports and "
            "PC/SC readers.",
        ),
    ] = None,
    park: Annotated[
        Path | None,
        typer.Option("--park", metavar="FILE", show_default=False, help="A file with one URL per line."),
    ] = None,
    image: Annotated[
        list[Path] | None,
        typer.Option(
            "--image",
            metavar="FILE",
            show_default=False,
            help="An image that counts as published, such as one of new tables; may be given several times.",
        ),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            metavar="FILE",
            show_default=False,
            help="Write the report to FILE, .html or .csv; give it twice for both.",
        ),
    ] = None,
    max_drift: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, help="How far a clock may be off.")
    ] = DEFAULT_DRIFT_MS // 1000,
    made_up: Annotated[
        bool,
        typer.Option(
            "--made-up",
            help="Check a made-up park of a dozen simulated readers, served while the check runs.",
        ),
    ] = False,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report the version of each reader, whether it is in order, and what to do if it is not.

    Nothing is ever written to a reader. Exit code 0 if all are up to date, otherwise 1.
    """
    from tla_sim.host.park.image_file import read_image
    from tla_sim.host.park.park_file import read_park
    from tla_sim.host.park.rows import facts
    from tla_sim.host.park.verdict import Release, Standard, Verdict
    from tla_sim.tools.simulator.releases import releases

    files = report or []
    for file in files:
        if file.suffix.lower() not in _REPORTS:
            raise UsageProblem(
                "{file}: a report is .html or .csv", "Give the file one of these extensions", file=file
            )
        if not file.parent.is_dir():
            raise UsageProblem(
                "There is no directory {directory}", "Create it, or choose another", directory=file.parent
            )
    check_levels(level, trace)
    if trace is not None and any(_is_same(trace.path, file) for file in files):
        raise UsageProblem("The trace and the report are the same file", "Name two files")
    known = [Release.of(read_image(each).manifest) for each in image or []]
    with ExitStack() as stack:
        urls = [*(reader or []), *(read_park(park) if park else [])]
        if park and not urls:
            raise UsageProblem("{park} lists no reader", "Write one URL per line into it", park=park)
        if made_up:
            from tla_sim.tools.demo.park import ServedPark

            urls += stack.enter_context(ServedPark()).urls
        elif not urls:
            urls = list(reachable())
        if not urls:
            raise UsageProblem(
                "No reader found on serial ports or PC/SC", "Connect one, or name it with --reader URL"
            )
        standard = Standard((*releases(), *known), drift_ms=max_drift * 1000)
        tracer, missing = _tracer(stack, trace, urls), set(level or ())
        found = _check_all(urls, _opening(tracer, level or (), missing), standard)
    for name in sorted(each.value for each in missing):
        note(Sentence("No reader that was reached carries anything of level {level}", level=name))
    for file in files:
        _write(file, found, standard)
    if as_json:
        print_json([facts(each) for each in found])
    else:
        _print(found)
    if any(each.verdict is not Verdict.UP_TO_DATE for each in found):
        raise typer.Exit(failure.REFUSED)


def _tracer(stack: ExitStack, wish: TraceWish | None, urls: Sequence[str]) -> Tracer | None:
    """Return the tracer that readers checked at the same time tell, `None` if none is wanted.

    Raises UsageProblem, ForeignFile, TraceInUse, OSError.
    """
    if wish is None:
        return None
    if len(set(urls)) > 1 and wish.path.suffix.lower() != PCAPNG:
        raise UsageProblem("Only a .pcapng file tells several readers apart", "Trace into FILE.pcapng")
    from tla_sim.tools.capture.locked_tracer import LockedTracer

    return LockedTracer(stack.enter_context(open_trace(wish, late=True)).tracer)


def _is_same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _check_all(urls: Sequence[str], open_one: Open, standard: Standard) -> list[Checked]:
    """Check the readers and return the results in the given order, showing a bar on a terminal."""
    from tla_sim.host.park.park import check_park
    from tla_sim.tools.simulator.kept_reader import wall_clock_ms

    found: dict[str, Checked] = {}
    with _bar(len(dict.fromkeys(urls))) as advance:
        for each in check_park(urls, open_one, standard, wall_clock_ms):
            found[each.url] = _with_remedies(each)
            advance()
    return [found[url] for url in dict.fromkeys(urls)]


def _with_remedies(checked: Checked) -> Checked:
    """Return the result with the verbs of `tla` in its findings' actions."""
    findings = (replace(each, action=remedy(each.action)) for each in checked.findings)
    return replace(checked, findings=tuple(findings))


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    """Yield the function that advances the bar by one reader."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task(localise("check"), total=total)
        yield lambda: bar.advance(task)


def _opening(tracer: Tracer | None, levels: Sequence[Level], missing: set[Level]) -> Open:
    """Return what opens a reader, or a copy of one in a state directory, with a tap on it.

    It takes the levels that it found something of from those that are `missing`.
    """
    from tla_sim.tools.simulator.checking import open_to_look

    @contextmanager
    def open_one(url: str) -> Iterator[ReaderClient]:
        with ExitStack() as taps:

            def tap(transport: Transport) -> Transport:
                transport.watch(traffic.moved)
                if tracer is None:
                    return transport
                tapped, lacking = tap_transport(taps, transport, tracer, levels)
                missing.intersection_update(lacking)
                return tapped

            yield taps.enter_context(open_to_look(url, tap))

    return open_one


def _write(path: Path, found: Sequence[Checked], standard: Standard) -> None:
    from tla_sim.host.park.page import html_report
    from tla_sim.host.park.rows import csv_report
    from tla_sim.host.whole_file import EVERYBODY, replace_file

    when = f"{datetime.now():%d/%m/%Y, %H:%M}"
    if path.suffix.lower() == ".csv":
        page = csv_report(found, localise).encode("utf-8-sig")
    else:
        page = html_report(found, when, standard, localise, spoken_language()).encode()
    replace_file(path, page, EVERYBODY)
    note(Sentence("Report written to {path}", path=path))


def _print(found: Sequence[Checked]) -> None:
    from tla_sim.host.park.verdict import Verdict

    print_table(
        sentences("reader", "serial number", "version", "verdict", "why", "next step"),
        [
            (
                each.url,
                "" if each.reading is None else each.reading.serial_number,
                "" if each.reading is None else each.reading.version,
                each.verdict.text,
                Joined("\n", map(_why, each.findings)),
                Joined("\n", dict.fromkeys(finding.action for finding in each.findings if finding.action)),
            )
            for each in found
        ],
    )
    counts = Counter(each.verdict for each in found)
    said = ", ".join(f"{localise(verdict.text)} {counts[verdict]}" for verdict in Verdict if counts[verdict])
    print_line(Sentence("{readers}: {said}", readers=Quantity(len(found), "reader"), said=said))


def _why(finding: Finding) -> str:
    if finding.ssv is None:
        return finding.why
    return Sentence("{why} (SSV {ssv:04X})", why=finding.why, ssv=finding.ssv)
