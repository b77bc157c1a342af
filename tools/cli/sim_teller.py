"""What `tla sim` says while it serves: to a person, or as JSON to a program."""

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
    """Says what happens to a person."""

    def link(self, spec: LinkSpec, door: Door) -> None:
        """A link is open."""
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
        """A PC/SC service has the reader."""
        from tla_sim.host.transport.pcsc import SOCKET_VARIABLE

        print_line("PC/SC service started. To reach it, give programs:")
        print_line(
            Sentence(
                "  export {variable}={socket}", variable=SOCKET_VARIABLE, socket=shlex.quote(str(socket))
            )
        )
        print_line("  and tla: --reader pcsc:")

    def seed(self, seed: int) -> None:
        """Where the random bytes come from."""
        print_line(Sentence("Seed {seed}", seed=seed))

    def serving(self) -> None:
        """Hosts may come now; the links said so already."""

    def screen(self, screen: Screen) -> None:
        """The screen has changed, or was asked for."""
        from tla_sim.tools.visit.lcd import frame_screen

        for line in frame_screen(screen).splitlines():
            print_as_it_is(line)

    def begin(self, step: Step) -> None:
        """A line of the script is about to be done."""
        print_as_it_is(f"{step.number}: {step.shown}")

    def done(self, step: Step, said: Sequence[str]) -> None:  # noqa: ARG002
        """It is done."""
        for line in said:
            print_line(Sentence("  {line}", line=line))

    def failed(self, number: int, error: TlaError) -> None:  # noqa: ARG002
        """It is not."""
        failure.report(error)

    def fault(self, fault: str) -> None:
        """A planned fault has struck."""
        note(Sentence("Fault {fault}", fault=fault))

    def note(self, text: str) -> None:
        """A remark."""
        note(text)

    def off(self) -> None:
        """The end."""
        print_line("Switched off.")


class JsonTeller:
    """Says the same to a program, as `ServingEvent` has it."""

    def link(self, spec: LinkSpec, door: Door) -> None:
        """A link is open."""
        from tla_sim.reader_fw.serve.ccid_door import CcidDoor
        from tla_sim.tools.simulator.serving import reader_url
        from tla_sim.tools.simulator.serving_event import ServingEvent

        configuration = str(door.configuration) if isinstance(door, CcidDoor) else ""
        url = reader_url(spec, door.address)
        _tell(ServingEvent.LINK, link=spec.text, address=door.address, url=url, configuration=configuration)

    def pcscd(self, socket: Path) -> None:
        """A PC/SC service has the reader."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.PCSCD, socket=str(socket))

    def seed(self, seed: int) -> None:
        """Where the random bytes come from."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.SEED, seed=seed)

    def serving(self) -> None:
        """Hosts may come now."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.SERVING)

    def screen(self, screen: Screen) -> None:
        """The screen has changed, or was asked for."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.SCREEN, lines=screen)

    def begin(self, step: Step) -> None:
        """A line is told when it is done."""

    def done(self, step: Step, said: Sequence[str]) -> None:
        """A line of the script is done."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.STEP, number=step.number, line=step.shown, said=[localise(each) for each in said])

    def failed(self, number: int, error: TlaError) -> None:
        """A line of the script is not done."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        error_text, action = localise(error.message), localise(remedy(error.action))
        _tell(ServingEvent.FAILED, number=number, error=error_text, action=action)

    def fault(self, fault: str) -> None:
        """A planned fault has struck."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.FAULT, fault=fault)

    def note(self, text: str) -> None:
        """A remark."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.NOTE, text=localise(text))

    def off(self) -> None:
        """The end."""
        from tla_sim.tools.simulator.serving_event import ServingEvent

        _tell(ServingEvent.OFF)


Teller = TextTeller | JsonTeller


def _tell(event: ServingEvent, **fields: object) -> None:
    from tla_sim.tools.simulator.serving_event import event_line

    print(event_line(event, **fields))
