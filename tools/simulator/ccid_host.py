"""A host on a CCID line in virtual time, in the role of libccid's serial driver and of pcscd above it.

Source: CCID revision 1.1; framing as libccid's serial driver uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.host.transport.base import Transport
from tla_sim.host.transport.t1_transport import T1Transport
from tla_sim.protocol.ccid import (
    Answer,
    CardMoved,
    CommandStatus,
    FrameCutter,
    IccStatus,
    Item,
    Kind,
    Notice,
    Request,
    TimeAsked,
    frame_message,
)
from tla_sim.protocol.errors import ConnectionLost, NoAnswer
from tla_sim.protocol.framing import CCID, Framing, Overheard
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import Edc
from tla_sim.reader_fw.cards.atr import Transmission, offered_protocols
from tla_sim.reader_fw.links.ccid_link import ALL_LADS
from tla_sim.reader_fw.links.port import Link, Now
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport

_TRIES: Final = 3
_BLOCK_FRAME: Final = 4
"""Bytes of a T=1 block around its INF, with an LRC."""


class CcidHost:
    """Sends requests and waits for their answers, advancing the reader's clock as needed.

    `moved` collects the slot change notifications, `time_asked` counts requests for more time.
    """

    def __init__(self, link: Link, clock: Now, tick: Callable[[int], None]) -> None:
        self.link = link
        self.clock = clock
        self.tick = tick
        self.moved: list[int] = []
        self.time_asked = 0
        self.overheard: Overheard | None = None
        self._sequence = 0
        self._cutter = FrameCutter(reader=False)

    def begin(
        self, kind: int, slot: int = 0, data: bytes = b"", first: int = 0, second: int = 0
    ) -> list[Item]:
        """Send a request and return the items that arrive at once."""
        request = Request(kind, slot, self._sequence, data, first, second)
        self._sequence = (self._sequence + 1) & 0xFF
        frame = frame_message(request.build())
        self._overhear(False, frame)
        return self._take(self.link.receive(frame))

    def _take(self, data: bytes) -> list[Item]:
        self._overhear(True, data)
        return self._cutter.feed(data)

    def _overhear(self, from_reader: bool, data: bytes) -> None:
        if self.overheard is not None:
            self.overheard(None, from_reader, data)

    def ask(self, kind: int, slot: int = 0, data: bytes = b"", first: int = 0, second: int = 0) -> Answer:
        """Send a request and return its answer; repeat it after a NAK or an answer to noise.

        Raises NoAnswer.
        """
        for _ in range(_TRIES):
            sequence = self._sequence
            answer = self.wait(self.begin(kind, slot, data, first, second))
            if answer is not None and (answer.slot, answer.sequence) == (slot, sequence):
                return answer
        raise NoAnswer("The reader does not understand a CCID message", "Send it again")

    def wait(self, items: list[Item]) -> Answer | None:
        """Return the pending answer, `None` for a NAK. Raises NoAnswer when none will come."""
        while True:
            for item in items:
                if isinstance(item, bytes):
                    return Answer.parse(item)
                if item is Notice.REPEAT:
                    return None
                if isinstance(item, CardMoved):
                    self.moved.append(item.bits)
                elif isinstance(item, TimeAsked):
                    self.time_asked += 1
            wake = self.link.wake_at
            if wake is None:
                raise NoAnswer("The reader does not answer a CCID message", "Check that it is on")
            self.tick(max(0, wake - self.clock.now_ms))
            items = self._take(self.link.tick())

    def power_on(self, slot: int) -> bytes:
        """Power a card and return its answer to reset. Raises NoAnswer for an empty or mute slot."""
        return self._done(self.ask(Kind.ICC_POWER_ON, slot), slot).data

    def transfer(self, slot: int, data: bytes) -> bytes:
        """Send one block to the slot and return its reply. Raises NoAnswer when the slot refuses."""
        return self._done(self.ask(Kind.XFR_BLOCK, slot, data), slot).data

    def _done(self, answer: Answer, slot: int) -> Answer:
        if answer.command is not CommandStatus.DONE:
            raise NoAnswer(
                "Slot {slot} refuses with error {error:02X}",
                "Look at the card in it",
                slot=slot,
                error=answer.error,
            )
        return answer


class SlotLine:
    """One T=1 slot as a byte line for the workstation's end: each block travels in an XfrBlock."""

    wake_at = None

    def __init__(self, host: CcidHost, slot: int) -> None:
        self._host = host
        self._slot = slot
        self._rest = b""

    def receive(self, data: bytes) -> bytes:
        """Collect bytes; return the reader's block once they make a whole one."""
        self._rest += data
        if len(self._rest) < _BLOCK_FRAME or len(self._rest) < _BLOCK_FRAME + self._rest[2]:
            return b""
        out, self._rest = self._rest, b""
        return self._host.transfer(self._slot, out)

    def tick(self) -> bytes:
        """Return nothing: a slot speaks only when asked."""
        return b""

    def hang_up(self) -> None:
        """Drop an incomplete block."""
        self._rest = b""


class CcidTransport(Transport):
    """APDUs over a CCID line. Cards are powered on demand and addressed in the protocol of their ATR."""

    def __init__(self, host: CcidHost) -> None:
        self._host = host
        self._t1: dict[int, T1Transport | None] = {}

    @property
    def url(self) -> str:
        """The URL of this transport."""
        return "virtual:ccid"

    @property
    def framing(self) -> Framing:
        """The CCID messages of this line."""
        return Framing(CCID, slots=ALL_LADS)

    def overhear(self, heard: Overheard) -> None:
        """Call `heard` with all bytes that cross the line."""
        self._host.overheard = heard

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Exchange one APDU. Raises ConnectionLost for an empty slot, NoAnswer, and errors of T=1."""
        slot = ALL_LADS.index(lad)
        icc = self._host.ask(Kind.GET_SLOT_STATUS, slot).icc
        if icc is IccStatus.ABSENT:
            raise ConnectionLost("There is no card in the slot for {card}", "Put it in", card=lad.name)
        if icc is IccStatus.INACTIVE or slot not in self._t1:
            self._t1[slot] = self._open_slot(slot)
        t1 = self._t1[slot]
        return self._host.transfer(slot, apdu) if t1 is None else t1.transmit(apdu)

    def _open_slot(self, slot: int) -> T1Transport | None:
        host = self._host
        # The slot carries APDUs as they are for a card that offers neither protocol, as for one of T=0.
        if Transmission.T1 not in offered_protocols(host.power_on(slot))[:1]:
            return None
        settings = LinkSettings(edc=Edc.LRC, baud=None)
        cable = VirtualCable(SlotLine(host, slot), host.clock, host.tick, None)
        return cable_transport(cable, settings)

    def close(self) -> None:
        """Power the cards down and end their sessions."""
        self._t1.clear()
        self._host.link.hang_up()
