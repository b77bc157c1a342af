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

_STARTS: Final = 5
_ENDING_SECONDS: Final = 0.2
"""A process that ends closes its files before others see its end."""


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
        guard = _Guard(server, service, teller)
        stack.callback(guard.unwatch)
        door.on_leaving = guard.begin_anew
        yield


def _beside(door: CcidDoor, socket: Path, stack: ExitStack) -> Path:
    from tla_sim.reader_fw.serve.stable_link import StableLink

    place = Path(f"{door.address}.comm")
    if len(os.fsencode(place)) > _LONGEST_SOCKET:
        return socket
    stack.callback(StableLink(place, str(socket)).remove)
    return place


class _Guard:
    """The service while the reader is served: tells its end, and starts it anew when it gave the reader up.

    libccid waits a second for the reader's first answer. A machine that is busy for longer has pcscd run on
    without any reader, for good.
    """

    def __init__(self, server: Server, service: PrivatePcscd, teller: Teller) -> None:
        self._server = server
        self._service = service
        self._teller = teller
        self._starts_left = _STARTS
        self._end = -1
        self._watch()

    def begin_anew(self) -> None:
        """Start the service anew, unless it ended or has been started too often."""
        if self._starts_left == 0 or self._end < 0 or self._service.ended(within=_ENDING_SECONDS):
            return
        self._starts_left -= 1
        self.unwatch()
        self._service.stop()
        self._service.start()
        self._watch()
        self._teller.note(Sentence("The PC/SC service gave the reader up, and is started anew"))

    def unwatch(self) -> None:
        """Tell nothing any more."""
        end, self._end = self._end, -1
        if end >= 0:
            self._server.unwatch(end)
            os.close(end)

    def _watch(self) -> None:
        if self._service.pid is not None:
            self._end = os.pidfd_open(self._service.pid)
            self._server.watch(self._end, self._ended)

    def _ended(self) -> None:
        self.unwatch()
        last = self._service.log.strip().splitlines()[-1:] or [Sentence("it said nothing")]
        self._teller.note(Sentence("The PC/SC service ended by itself: {last}", last=last[0]))
