"""tla sim"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.pcscd_option import serve_pcscd
from tla_sim.tools.cli.sim_teller import JsonTeller, Teller, TextTeller
from tla_sim.tools.cli.state_option import StateOption, gone_cards, state_path
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption, check_levels, open_trace
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.reader_fw.serve import Server
    from tla_sim.reader_fw.serve.door import LinkMaker
    from tla_sim.tools.capture.reader_tap import ReaderTap
    from tla_sim.tools.faults.striking import Strikes
    from tla_sim.tools.simulator.kept_reader import KeptReader
    from tla_sim.tools.simulator.serving import WatchedReader

verb = new_verb()

COMES_BACK_MS: Final = 1_000
"""How long the reader stays off after a fault cut its power."""

CardOption = Annotated[
    Path | None,
    typer.Option(metavar="CARD", show_default=False, help="Put this card into the slot at the start."),
]


@verb.command()
def sim(
    link: Annotated[
        list[str] | None,
        typer.Option(
            "--link",
            metavar="LINK",
            show_default=False,
            help="A way to reach the reader: pty:PATH[?baud=9600], tcp:[HOST:]PORT (only from this "
            "machine unless HOST says otherwise; port 0 picks a free one), "
            "serial:DEVICE[?baud=9600], ccid:PATH (for pcscd, with its configuration in "
            "PATH.conf), vpcd:HOST:PORT. May be given several times.",
        ),
    ] = None,
    pcscd: Annotated[
        bool,
        typer.Option(
            "--pcscd",
            metavar="",
            help="Start a private PC/SC service with the reader, and stop it at the end. With "
            "ccid:PATH, programs reach it through PATH.comm.",
        ),
    ] = False,
    state: StateOption = None,
    cps: CardOption = None,
    vitale: CardOption = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            show_default=False,
            help="The software version of a new reader, as listed by `tla profiles`. Default: 1.40.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            show_default=False,
            help="Seed of the reader's random bytes, to repeat a run.",
        ),
    ] = None,
    faults: Annotated[
        str | None,
        typer.Option(
            "--faults",
            metavar="PLAN",
            show_default=False,
            help="Inject these faults of flash, line, cards and reader, written as `tla explore` "
            "prints them.",
        ),
    ] = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            metavar="",
            help="Record what is done to the reader, so that the script can `save` and `restore` it.",
        ),
    ] = False,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            metavar="",
            help="Report what happens as JSON, one event per line: links, screens, actions.",
        ),
    ] = False,
) -> None:
    """Serve a simulated reader until Ctrl-C, and show its screen whenever it changes.

    Meanwhile, it carries out lines of the visit script (`help` lists them) from standard input.
    """
    from tla_sim.reader_fw.app.software.profiles import find_profile
    from tla_sim.reader_fw.board.slots import Slot
    from tla_sim.reader_fw.serve import LinkSpec, Server
    from tla_sim.tools.capture.levels.wanted_ear import ears_of
    from tla_sim.tools.capture.reader_tap import ReaderTap
    from tla_sim.tools.faults.reader import FaultyReader
    from tla_sim.tools.simulator.kept_reader import KeptReader
    from tla_sim.tools.simulator.serving import WatchedReader, reader_url

    check_levels(level, trace)
    wanted = None if profile is None else find_profile(profile)
    specs = [LinkSpec.parse(text) for text in link or ()]
    if not specs and not pcscd:
        raise UsageProblem("No link is given", "Give --link, or --pcscd")
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # A background job that reads the terminal is stopped by SIGTTIN. Ignored, reading fails instead, which
    # only ends the script lines.
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    teller: Teller = JsonTeller() if as_json else TextTeller()
    strikes = None if faults is None else _strikes(faults, teller)
    with (
        KeptReader.open(
            state_path(state), seed=seed, profile=wanted, faults=strikes, recorded=record
        ) as kept,
        ExitStack() as traces,
    ):
        if isinstance(kept.reader, FaultyReader):
            kept.reader.comes_back_ms = COMES_BACK_MS
        kept.on_unwritable = lambda failed: teller.note(failed.told)
        for text in gone_cards(kept):
            teller.note(text)
        for slot, card in ((Slot.PS, cps), (Slot.VITALE, vitale)):
            if card is not None:
                kept.replace(slot, card)
        kept.power_on()
        watched = WatchedReader(kept.reader, teller.screen)
        tap = ReaderTap(kept.reader, time.time_ns)
        with (
            Server(watched, kept.reader.board.clock, ears=ears_of(tap)) as server,
            server.stop_on_signals(),
            ExitStack() as stack,
        ):
            doors = [(spec, server.open(spec, _link_maker(strikes))) for spec in specs]
            if trace is not None:
                # Only now: a link that cannot be opened costs nobody the trace that was in the file.
                tap.add(traces.enter_context(open_trace(trace)).tracer, levels=frozenset(level or ()))
                traces.callback(tap.close)
            for spec, door in doors:
                teller.link(spec, door)
            if pcscd:
                stack.enter_context(serve_pcscd(server, [door for _, door in doors], teller))
            urls = [url for url in (reader_url(spec, door.address) for spec, door in doors) if url]
            if pcscd and "pcsc:" not in urls:
                urls.append("pcsc:")
            stack.enter_context(_followable(server, tap, state_path(state), urls, teller))
            if seed is not None:
                teller.seed(seed)
            watched.look()
            lines = _Lines(kept, server, watched, teller)
            typed = sys.stdin is not None and sys.stdin.isatty()
            if sys.stdin is not None:
                server.read_lines(sys.stdin.fileno(), lines.take, lines.end)
            teller.serving()
            server.run()
    teller.off()
    if lines.failed and not typed:
        raise typer.Exit(failure.REFUSED)


@contextmanager
def _followable(
    server: Server, tap: ReaderTap, state: Path, urls: Sequence[str], teller: Teller
) -> Iterator[None]:
    """Let other programs of this user find and follow the reader during the block."""
    from tla_sim.tools.capture.live.announcement import Announcement
    from tla_sim.tools.capture.live.door import LiveDoor, NotFollowable
    from tla_sim.tools.capture.live.feed import LiveFeed

    home = Path(os.path.realpath(state))
    said = Announcement(home.name, "tla sim", os.getpid(), tuple(urls), str(home))
    try:
        door = LiveDoor(server, LiveFeed(tap), lambda: said)
    except NotFollowable as error:
        teller.note(error.told)
        yield
        return
    try:
        yield
    finally:
        door.close()


def _strikes(text: str, teller: Teller) -> Strikes:
    from tla_sim.tools.faults.kinds import Where
    from tla_sim.tools.faults.plan import FaultPlan
    from tla_sim.tools.faults.striking import Strikes

    plan = FaultPlan.parse(text)
    if plan.of(Where.HOST).faults:
        raise UsageProblem(
            "{fault} happens to a host, not to a reader",
            "Run it with: tla explore --faults",
            fault=plan.of(Where.HOST).faults[0],
        )
    teller.note(Sentence("Faults {plan}", plan=plan))
    return Strikes(plan, lambda fault: teller.fault(str(fault)))


def _link_maker(strikes: Strikes | None) -> LinkMaker:
    from tla_sim.reader_fw.serve.door import t1_link
    from tla_sim.tools.faults.link import FaultyLink

    if strikes is None:
        return t1_link
    return lambda port, clock, spec: FaultyLink(t1_link(port, clock, spec), clock, strikes)


class _Lines:
    """The script lines of standard input, each carried out as it arrives. A wrong line does not end the
    serving.
    """

    def __init__(self, kept: KeptReader, server: Server, watched: WatchedReader, teller: Teller) -> None:
        from tla_sim.tools.visit.served_stage import ServedStage

        self._stage = ServedStage(kept, server)
        self._teller = teller
        self._watched = watched
        self._number = 0
        self.failed = False

    def take(self, text: str) -> None:
        """Carry out one line."""
        from tla_sim.tools.cli.code_porteur import given_code
        from tla_sim.tools.visit.script import carry_out, parse_line

        self._number += 1
        try:
            step = parse_line(text, self._number)
            if step is None:
                return
            self._teller.begin(step)
            said = carry_out(step, self._stage, given_code)
            self._watched.look(again=step.word == "screen")
            self._teller.done(step, said)
        except TlaError as error:
            self.failed = True
            self._teller.failed(self._number, error)

    def end(self) -> None:
        """Do nothing: the reader is served even when no more lines come."""
