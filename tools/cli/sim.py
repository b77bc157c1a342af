"""tla sim"""

from __future__ import annotations

import ipaddress
import shlex
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Final

import typer

from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.app.software.profiles import profile_named
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.serve import LinkSpec, Server
from tla_sim.reader_fw.serve.ccid_door import CcidDoor
from tla_sim.reader_fw.serve.door import Door, LinkMaker, t1_link
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note, print_line
from tla_sim.tools.cli.pcscd_option import serve_pcscd
from tla_sim.tools.cli.state_option import StateOption, note_gone_cards, state_path
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.faults.kinds import Where
from tla_sim.tools.faults.link import FaultyLink
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.kept_reader import KeptReader
from tla_sim.tools.simulator.serving import WatchedReader, reader_url
from tla_sim.tools.visit.lcd import framed
from tla_sim.tools.visit.script import carry_out, parse_line
from tla_sim.tools.visit.served_stage import ServedStage

verb = new_verb()

_SLOTS_OF_VPCD: Final = 2

COMES_BACK_MS: Final = 1_000
"""How long the reader stays dark after a fault took its power."""

CardOption = Annotated[
    Path | None, typer.Option(metavar="CARD", show_default=False, help="Put this card into the slot first.")
]


@verb.command()
def sim(
    link: Annotated[
        list[str] | None,
        typer.Option(
            "--link",
            metavar="LINK",
            show_default=False,
            help="pty:PATH[?baud=9600], tcp:[HOST:]PORT (this machine only unless HOST says more; port 0 is "
            "any), serial:DEVICE[?baud=9600], ccid:PATH (for pcscd; PATH.conf is its configuration), "
            "vpcd:HOST:PORT. May be given several times.",
        ),
    ] = None,
    pcscd: Annotated[
        bool,
        typer.Option(
            "--pcscd",
            metavar="",
            help="Start a PC/SC service of its own that has the reader, and stop it. With ccid:PATH programs "
            "find it by PATH.comm.",
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
            help="The software of a new reader, as `tla profiles` lists them. Default: 1.40.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", show_default=False, help="Repeat the reader's random bytes."),
    ] = None,
    faults: Annotated[
        str | None,
        typer.Option(
            "--faults",
            metavar="PLAN",
            show_default=False,
            help="Let these happen: faults of flash, line, cards and reader, as `tla explore` prints them.",
        ),
    ] = None,
) -> None:
    """Serve a simulated reader until Ctrl-C, and show its screen whenever it changes.

    Lines of the visit script (`help` lists them) are taken on standard input meanwhile.
    """
    wanted = None if profile is None else profile_named(profile)
    specs = [LinkSpec.parse(text) for text in link or ()]
    if not specs and not pcscd:
        raise UsageProblem("No link is given", "Give --link, or --pcscd")
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # In the background a terminal's input is not ours: reading it then is the end of the lines, not of us.
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    strikes = None if faults is None else _strikes(faults)
    with KeptReader.open(state_path(state), seed=seed, profile=wanted, faults=strikes) as kept:
        if isinstance(kept.reader, FaultyReader):
            kept.reader.comes_back_ms = COMES_BACK_MS
        note_gone_cards(kept)
        for slot, card in ((Slot.PS, cps), (Slot.VITALE, vitale)):
            if card is not None:
                kept.replace(slot, card)
        kept.power_on()
        watched = WatchedReader(kept.reader, _print_screen)
        with (
            Server(watched, kept.reader.board.clock) as server,
            server.stopped_by_signals(),
            ExitStack() as stack,
        ):
            doors = [(spec, server.open(spec, _link_maker(strikes))) for spec in specs]
            for spec, door in doors:
                _announce(spec, door)
            if pcscd:
                stack.enter_context(serve_pcscd(server, [door for _, door in doors]))
            if seed is not None:
                print_line(f"Seed {seed}")
            watched.look()
            lines = _Lines(kept, server, watched)
            typed = sys.stdin is not None and sys.stdin.isatty()
            if sys.stdin is not None:
                server.read_lines(sys.stdin.fileno(), lines.take, lines.end)
            server.run()
    print_line("Switched off.")
    if lines.failed and not typed:
        raise typer.Exit(failure.REFUSED)


def _strikes(text: str) -> Strikes:
    plan = FaultPlan.parse(text)
    if plan.of(Where.HOST).faults:
        raise UsageProblem(
            f"{plan.of(Where.HOST).faults[0]} happens to a host, not to a reader",
            "Run it with: tla explore --faults",
        )
    note(f"Faults {plan}")
    return Strikes(plan, lambda fault: note(f"Fault {fault}"))


def _link_maker(strikes: Strikes | None) -> LinkMaker:
    if strikes is None:
        return t1_link
    return lambda port, clock, spec: FaultyLink(t1_link(port, clock, spec), clock, strikes)


def _announce(spec: LinkSpec, door: Door) -> None:
    url = reader_url(spec, door.address)
    print_line(f"Serving {spec.text}" + (f": --reader {shlex.quote(url)}" if url else ""))
    if isinstance(door, CcidDoor):
        print_line(f"  configuration for pcscd: {door.configuration}")
    if spec.kind == "vpcd":
        _, first = spec.host_and_port()
        for port, lad in enumerate(spec.slots, first):
            print_line(f"  {lad.name.lower()} goes to vpcd's slot at port {port}")
        if len(spec.slots) > _SLOTS_OF_VPCD:
            note("vpcd as Debian ships it has two slots: choose two, as in ?slots=ps,log_sv.")
    if spec.kind == "tcp":
        host = door.address.rpartition(":")[0].strip("[]")
        if ipaddress.ip_address(host).is_loopback:
            print_line("  reached from this machine only")
        else:
            note("Whoever reaches this port can use the reader: the link is not protected.")


def _print_screen(screen: Screen) -> None:
    for line in framed(screen).splitlines():
        print_line(line)


class _Lines:
    """The script lines of standard input, each done when it comes; a wrong one ends nothing."""

    def __init__(self, kept: KeptReader, server: Server, watched: WatchedReader) -> None:
        self._stage = ServedStage(kept, server)
        self._watched = watched
        self._number = 0
        self.failed = False

    def take(self, text: str) -> None:
        """Do one line."""
        self._number += 1
        try:
            step = parse_line(text, self._number)
            if step is None:
                return
            print_line(f"{step.number}: {step.shown}")
            for said in carry_out(step, self._stage):
                print_line(f"  {said}")
            self._watched.look(again=step.word == "screen")
        except TlaError as error:
            self.failed = True
            failure.report(error)

    def end(self) -> None:
        """No more lines come; the reader is served on."""
