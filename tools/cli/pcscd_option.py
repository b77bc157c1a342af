"""The option --pcscd: a private PC/SC service for the reader that `tla sim` serves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tla_sim.protocol.sentence import Sentence

if TYPE_CHECKING:
    from tla_sim.reader_fw.serve import Server
    from tla_sim.reader_fw.serve.ccid_door import CcidDoor
    from tla_sim.reader_fw.serve.door import Door
    from tla_sim.tools.simulator.private_pcscd import PrivatePcscd


_LONGEST_SOCKET: Final = 107
"""Bytes of a socket's path (sockaddr_un has 108, the last of which is zero)."""


class Teller(Protocol):
    """Whoever is told where the service is, and when it ends."""

    def pcscd(self, socket: Path) -> None:
        """Report that the service runs; programs reach it through this socket."""

    def note(self, text: str) -> None:
        """Report a remark."""


@contextmanager
def serve_pcscd(server: Server, doors: Sequence[Door], teller: Teller) -> Iterator[None]:
    """Run pcscd on the first CCID link, or on one made for it. Raises NoPrivatePcscd or PortUnavailable.

    For a link with a given PATH, programs reach the service through PATH.comm, which stays the same from one
    start to the next.
    """
    from tla_sim.reader_fw.serve import LinkSpec
    from tla_sim.reader_fw.serve.ccid_door import CcidDoor
    from tla_sim.tools.simulator.passing_folder import PassingFolder
    from tla_sim.tools.simulator.private_pcscd import PrivatePcscd

    with ExitStack() as stack:
        given = door = next((each for each in doors if isinstance(each, CcidDoor)), None)
        if door is None:
            home = stack.enter_context(PassingFolder("tla-ccid-")).path
            opened = server.open(LinkSpec.parse(f"ccid:{home / 'reader'}"))
            assert isinstance(opened, CcidDoor)
            door = opened
        service = stack.enter_context(PrivatePcscd(door.configuration.read_text("utf-8")))
        place = service.socket if given is None else _beside(given, service.socket, stack)
        teller.pcscd(place)
        _tell_its_end(server, service, stack, teller)
        yield


def _beside(door: CcidDoor, socket: Path, stack: ExitStack) -> Path:
    from tla_sim.reader_fw.serve.stable_link import StableLink

    place = Path(f"{door.address}.comm")
    if len(os.fsencode(place)) > _LONGEST_SOCKET:
        return socket
    stack.callback(StableLink(place, str(socket)).remove)
    return place


def _tell_its_end(server: Server, service: PrivatePcscd, stack: ExitStack, teller: Teller) -> None:
    pid = service.pid
    if pid is None:
        return
    end = os.pidfd_open(pid)

    def unwatch() -> None:
        server.unwatch(end)
        os.close(end)

    def ended() -> None:
        server.unwatch(end)
        last = service.log.strip().splitlines()[-1:] or [Sentence("it said nothing")]
        teller.note(Sentence("The PC/SC service ended by itself: {last}", last=last[0]))

    server.watch(end, ended)
    stack.callback(unwatch)
