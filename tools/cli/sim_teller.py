"""The output of `tla sim` while it serves, for a person or as JSON for a program."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli import failure
from tla_sim.tools.cli.output import note, print_as_it_is, print_line
from tla_sim.tools.cli.remedies import remedy
from tla_sim.tools.language import localise

if TYPE_CHECKING:
    from tla_sim.reader_fw.board.display import Screen
    from tla_sim.reader_fw.serve import LinkSpec
    from tla_sim.reader_fw.serve.door import Door
    from tla_sim.tools.simulator.serving_event import ServingEvent
    from tla_sim.tools.visit.script import Step

_SLOTS_OF_VPCD: Final = 2


class TextTeller:
    """Reports what happens, as text for a person."""

    def link(self, spec: LinkSpec, door: Door) -> None:
        """Report an open link."""
        import ipaddress

        from tla_sim.reader_fw.serve.ccid_door import CcidDoor
        from tla_sim.tools.simulator.serving import reader_url

        url = reader_url(spec, door.address)
        if url:
            print_line(Sentence("Serving {spec}: --reader {url}", spec=spec.text, url=shlex.quote(url)))
        else:
            print_line(Sentence("Serving {spec}", spec=spec.text))
        if isinstance(door, CcidDoor):
            print_line(
                Sentence("  configuration for pcscd: {configuration}", configuration=door.configuration)
            )
        if spec.kind == "vpcd":
            _, first = spec.host_and_port()
            for port, lad in enumerate(spec.slots, first):
                print_line(
                    Sentence("  {lad} goes to vpcd's slot at port {port}", lad=lad.name.lower(), port=port)
                )
            if len(spec.slots) > _SLOTS_OF_VPCD:
                note("vpcd as Debian ships it has two slots: choose two, as in ?slots=ps,log_sv.")
        if spec.kind == "tcp":
            host = door.address.rpartition(":")[0].strip("[]")
            if ipaddress.ip_address(host).is_loopback:
                print_line("  reachable from this machine only")
            else:
                note("Anyone who reaches this port can use the reader: the link is not protected.")

    def pcscd(self, socket: Path) -> None:
        """Report a running PC/SC service."""
        from tla_sim.host.transport.pcsc import SOCKET_VARIABLE

        print_line("PC/SC service started. To reach it, give programs:")
        print_line(
            Sentence(
                "  export {variable}={socket}", variable=SOCKET_VARIABLE, socket=shlex.quote(str(socket))
            )
        )
        print_line("  and tla: --reader pcsc:")

    def seed(self, seed: int) -> None:
        """Report the seed of the random bytes."""
        print_line(Sentence("Seed {seed}", seed=seed))

    def serving(self) -> None:
        """Say nothing: each link was reported when it opened."""

    def screen(self, screen: Screen) -> None:
        """Show the screen, which has changed or was asked for."""
        from tla_sim.tools.visit.lcd import frame_screen

        for line in frame_screen(screen).splitlines():
            print_as_it_is(line)

    def begin(self, step: Step) -> None:
        """Show a line of the script that is about to be carried out."""
        print_as_it_is(f"{step.number}: {step.shown}")

    def done(self, step: Step, said: Sequence[str]) -> None:  # noqa: ARG002
        """Show what a line of the script printed."""
        for line in said:
            print_line(Sentence("  {line}", line=line))

    def failed(self, number: int, error: TlaError) -> None:  # noqa: ARG002
        """Report the failure of a line of the script."""
        failure.report(error)

    def fault(self, fault: str) -> None:
        """Report a planned fault that has happened."""
        note(Sentence("Fault {fault}", fault=fault))

    def note(self, text: str) -> None:
        """Report a remark."""
        note(text)

    def off(self) -> None:
        """Report the end."""
        print_line("Switched off.")


class JsonTeller:
    """Reports the same to a program, as events (`ServingEvent`), one JSON object per line."""

    def link(self, spec: LinkSpec, door: Door) -> None:
        """Report an open link."""
        from tla_sim.reader_fw.serve.ccid_door import CcidDoor
        from tla_sim.tools.simulator.serving import reader_url
        from tla_sim.tools.simulator.serving_event import ServingEvent

        configuration = str(door.configuration) if isinstance(door, CcidDoor) else ""
        url = reader_url(spec, door.address)
        _tell(ServingEvent.LINK, link=spec.text, address=door.address, url=url, configuration=configuration)

    def pcscd(self, socket: Path) -> None:
        """Report a running PC/SC service."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.PCSCD, socket=str(socket))

    def seed(self, seed: int) -> None:
        """Report the seed of the random bytes."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.SEED, seed=seed)

    def serving(self) -> None:
        """Report that hosts may connect now."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.SERVING)

    def screen(self, screen: Screen) -> None:
        """Show the screen, which has changed or was asked for."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.SCREEN, lines=screen)

    def begin(self, step: Step) -> None:
        """Say nothing: a line is reported when it is done."""

    def done(self, step: Step, said: Sequence[str]) -> None:
        """Report a line of the script that was carried out, and what it printed."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.STEP, number=step.number, line=step.shown, said=[localise(each) for each in said])

    def failed(self, number: int, error: TlaError) -> None:
        """Report the failure of a line of the script."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        error_text, action = localise(error.message), localise(remedy(error.action))
        _tell(
            ServingEvent.FAILED,
            number=number,
            code=error.code,
            category=error.category.value,
            error=error_text,
            action=action,
        )

    def fault(self, fault: str) -> None:
        """Report a planned fault that has happened."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.FAULT, fault=fault)

    def note(self, text: str) -> None:
        """Report a remark."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.NOTE, text=localise(text))

    def off(self) -> None:
        """Report the end."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.OFF)


Teller = TextTeller | JsonTeller


def _tell(event: ServingEvent, **fields: object) -> None:
    from tla_sim.tools.simulator.serving_event import event_line

    print(event_line(event, **fields))
