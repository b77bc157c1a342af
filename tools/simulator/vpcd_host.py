"""A host on the reader's vpcd links in virtual time, in the role of vsmartcard's driver under pcscd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import ConnectionLost, NoAnswer
from tla_sim.protocol.framing import VPCD, Framing, Overheard
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.links.port import Link, Now

_ANSWER_TO_RESET: Final = b"\x04"
_LENGTH_SIZE: Final = 2


class VpcdTransport(Transport):
    """APDUs over one vpcd link per slot; the reader's clock advances until the answer arrives."""

    def __init__(self, links: Mapping[Lad, Link], clock: Now, tick: Callable[[int], None]) -> None:
        self._links = links
        self._clock = clock
        self._tick = tick
        self._heard: Overheard | None = None

    @property
    def framing(self) -> Framing:
        """The vpcd messages of each slot's line."""
        return Framing(VPCD, slots=tuple(self._links))

    def overhear(self, heard: Overheard) -> None:
        """Call `heard` with all bytes that cross the lines."""
        self._heard = heard

    @property
    def url(self) -> str:
        """The URL of this transport."""
        return "virtual:vpcd"

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU. Raises ConnectionLost for an empty slot, NoAnswer."""
        if not self._ask(lad, _ANSWER_TO_RESET):
            raise ConnectionLost("There is no card in the slot for {card}", "Put it in", card=lad.name)
        response = self._ask(lad, apdu)
        if not response:
            raise ConnectionLost(
                "The card in the slot for {card} went away", "Put it in again", card=lad.name
            )
        return response

    def _ask(self, lad: Lad, message: bytes) -> bytes:
        link, heard = self._links[lad], self._heard
        sent = len(message).to_bytes(_LENGTH_SIZE, "big") + message
        if heard is not None:
            heard(lad, False, sent)
        said = link.receive(sent)
        while len(said) < _LENGTH_SIZE:
            wake = link.wake_at
            if wake is None:
                raise NoAnswer("The reader does not answer on its vpcd link", "Check that it is on")
            self._tick(max(0, wake - self._clock.now_ms))
            said += link.tick()
        if heard is not None:
            heard(lad, True, said)
        return said[_LENGTH_SIZE:]

    def close(self) -> None:
        """Power the cards down and end their sessions."""
        for link in self._links.values():
            link.hang_up()
