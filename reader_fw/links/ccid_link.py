"""The reader as a CCID device with several slots on a serial line, for libccid's serial driver.

By default slot 0 is the PS card's, slot 1 the Vitale's, and slot 2 holds Log_SV, the reader's own software,
as a T=1 card; slots 3 and 4 of the five-slot reader are empty.
Source: CCID revision 1.1; framing and Escape commands as libccid's serial driver uses them.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.ccid import (
    ANSWERS,
    NAK_FRAME,
    TIME_REQUEST,
    Answer,
    CommandStatus,
    FrameCutter,
    IccStatus,
    Item,
    Kind,
    Notice,
    Oversized,
    Request,
    SlotError,
    frame_message,
)
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.links.ccid_slot import CcidSlot
from tla_sim.reader_fw.links.port import Now, SlotPort

FIVE_SLOTS: Final = 5
TWO_SLOTS: Final = 2

ALL_LADS: Final = (Lad.PS, Lad.VITALE, Lad.LOG_SV)

_FIRMWARE: Final = b"TLA-SIM CCID"
_CHARACTER_WAIT: Final = 200
_BROKEN_WAIT: Final = 25
"""Silence in ms that ends an incomplete frame, and one whose end is unknown."""
_ASK_TIME_EVERY: Final = 500
"""How often in ms the host is asked for time, well within the seconds after which libccid gives up."""
_ASK_FIRMWARE: Final = b"\x02"
_ASK_MOVEMENTS: Final = b"\x01\x01"
_NO_READER: Final = -2
_TO_CARD: Final = (Kind.XFR_BLOCK, Kind.ICC_POWER_ON, Kind.ICC_POWER_OFF)


def count_slots(lads: tuple[Lad, ...]) -> int:
    """Return how many slots a reader with these addresses has: two or five."""
    # libccid's serial driver knows no other readers that do not echo what they are sent.
    return TWO_SLOTS if len(lads) <= TWO_SLOTS else FIVE_SLOTS


def _without_stale(items: list[Item]) -> list[Item]:
    """Leave out the requests before the last.

    A host has one request under way at a time. If several come together, this side did not listen for a
    while, and the host gave up on the earlier ones. libccid does not look at sequence numbers: it would take
    a late answer for that to its next request, and so on for ever.
    """
    last = max((place for place, item in enumerate(items) if isinstance(item, bytes)), default=-1)
    return [item for place, item in enumerate(items) if place >= last or not isinstance(item, bytes)]


class CcidLink:
    """A CCID line into the reader: bytes in, bytes out. `lads` are in the slots from 0 on.

    `software` is the port for Log_SV and `cards` the one for the cards; they may be the same. With two, a
    session of Log_SV keeps others from the cards that it uses.

    One command at a time: one for another slot meanwhile is answered CMD_SLOT_BUSY. Of requests that come
    together only the last is answered. Card movements are reported right before the next answer, or at once
    if the host asked for that (Escape 01 01 00).

    Without a reader every slot is empty, and each command is answered so: libccid waits up to a quarter of an
    hour for a card's answer that does not come, and has no other way to learn that the reader is gone.
    """

    def __init__(
        self, cards: SlotPort, software: SlotPort, clock: Now, lads: tuple[Lad, ...] = ALL_LADS
    ) -> None:
        self._clock = clock
        slots = count_slots(lads)
        # libccid asks its reader of two slots for the state of a card never, of five slots all the time.
        self._used = tuple(CcidSlot(lad, None, clock, unwatched=slots == TWO_SLOTS) for lad in lads)
        empty = CcidSlot(Lad.LOG_SV, None, clock)
        self._slots = (*self._used, *(empty for _ in range(slots - len(lads))))
        self._start_afresh()
        self.plug(cards, software)

    def _start_afresh(self) -> None:
        self._cutter = FrameCutter()
        self._silence_at: int | None = None
        self._busy: CcidSlot | None = None
        self._ask_time_at = 0
        self._last = b""
        self._tells_at_once = False
        self._told: int | None = None

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the host, in pieces of any size, and return the bytes to send back now."""
        out = b""
        cutter = self._cutter
        items = cutter.feed(data)
        for item in items if len(items) < 2 else _without_stale(items):
            out += self._take(item)
        if cutter.unsettled:
            wait = _BROKEN_WAIT if cutter.broken else _CHARACTER_WAIT
            self._silence_at = self._clock.now_ms + wait
        else:
            self._silence_at = None
        return out

    def tick(self) -> bytes:
        """Let time pass up to the reader's clock, and return the bytes to send now."""
        out = b""
        now = self._clock.now_ms
        if self._silence_at is not None and now >= self._silence_at:
            self._silence_at = None
            fault = self._cutter.silence()
            if fault is not None:
                out += self._take(fault)
        if self._busy is not None:
            out += self._tick_busy(self._busy, now)
        if self._tells_at_once:
            out += self._movements()
        return out

    def _tick_busy(self, slot: CcidSlot, now: int) -> bytes:
        answer = slot.tick()
        if answer is not None:
            self._busy = None
            return self._say(answer)
        if slot.asks_time and now >= self._ask_time_at:
            self._ask_time_at = now + _ASK_TIME_EVERY
            return bytes((TIME_REQUEST,))
        return b""

    @property
    def wake_at(self) -> int | None:
        """The reader's clock, in ms, at which to call `tick`."""
        busy = self._busy
        if busy is None and self._silence_at is None and not self._tells_at_once:
            return None
        waits = [self._silence_at]
        if busy is not None:
            waits.append(busy.wake_at)
            if busy.asks_time:
                waits.append(self._ask_time_at)
        if self._tells_at_once and self._seen != self._told:
            waits.append(max(self._clock.now_ms, self._away_until))
        return min((wait for wait in waits if wait is not None), default=None)

    def hang_up(self) -> None:
        """Power off the cards and end the sessions, since the host went away."""
        for slot in self._used:
            slot.power_off()
        self._start_afresh()
        for port in self._ports:
            port.reset()

    def lose_power(self) -> None:
        """Take note that the reader lost power: `tick` answers the command under way, the host stays."""
        for slot in self._used:
            slot.lose()
        for port in self._ports:
            port.reset()

    def plug(self, cards: SlotPort, software: SlotPort) -> None:
        """Put the reader on the line."""
        self._ports: tuple[SlotPort, ...] = (cards, software)
        for slot in self._used:
            slot.connect(software if slot.lad is Lad.LOG_SV else cards)

    def unplug(self) -> None:
        """Take the reader off the line: `tick` answers the command under way, the host stays."""
        self._ports = ()
        for slot in self._used:
            slot.connect(None)

    def _take(self, item: Item) -> bytes:
        if isinstance(item, bytes):
            answer = self._handle(Request.parse(item))
            return b"" if answer is None else self._say(answer)
        if isinstance(item, Oversized):
            # Refused, since after a NAK the host would only send the same message again.
            kind, slot, sequence = item.header[0], item.header[5], item.header[6]
            return self._say(self._refuse(Request(kind, slot, sequence), SlotError.BAD_LENGTH))
        return self._last if item is Notice.REPEAT else NAK_FRAME

    def _say(self, answer: Answer) -> bytes:
        # Kept without the movements, which are told once and are not part of the answer.
        self._last = frame_message(answer.build())
        return self._movements() + self._last

    @property
    def _seen(self) -> int:
        """A number that changes whenever a slot may have changed."""
        return self._ports[0].movements if self._ports else _NO_READER

    @property
    def _away_until(self) -> int:
        return max(slot.away_until for slot in self._used)

    def _movements(self) -> bytes:
        movements = self._seen
        if movements == self._told:
            return b""
        # A slot that stays empty for a while has news once more after that.
        self._told = None if self._away_until > self._clock.now_ms else movements
        bits = 0
        for position, slot in enumerate(self._used):
            bits |= slot.take_movement() << 2 * position
        return bytes((Kind.NOTIFY_SLOT_CHANGE, bits)) if bits else b""

    def _handle(self, request: Request) -> Answer | None:
        if request.slot >= len(self._slots):
            return self._refuse(request, SlotError.BAD_SLOT)
        slot = self._slots[request.slot]
        kind = request.kind
        if kind == Kind.ABORT:
            # The command under way is dropped, and the answer is the slot's status (§6.1.13).
            slot.abort()
            if self._busy is slot:
                self._busy = None
            kind = Kind.GET_SLOT_STATUS
            return slot.handle(Request(kind, request.slot, request.sequence))
        busy = self._busy
        if busy is not None and (kind in _TO_CARD or (busy is slot and kind != Kind.GET_SLOT_STATUS)):
            return slot.refuse(request, SlotError.BUSY)
        if kind == Kind.ESCAPE:
            return self._escape(request, slot)
        answer = slot.handle(request)
        if answer is None:
            self._busy = slot
            self._ask_time_at = self._clock.now_ms + _ASK_TIME_EVERY
        return answer

    def _escape(self, request: Request, slot: CcidSlot) -> Answer:
        command = request.data
        if command == _ASK_FIRMWARE:
            data = _FIRMWARE
        elif command[:2] == _ASK_MOVEMENTS and len(command) == 3 and command[2] <= 1:
            self._tells_at_once = not command[2]
            data = b""
        else:
            return slot.refuse(request, SlotError.NOT_SUPPORTED)
        return Answer(Kind.ESCAPE_ANSWER, request.slot, request.sequence, slot.icc, data=data)

    def _refuse(self, request: Request, error: SlotError) -> Answer:
        """Refuse a request, for whichever slot it is, existing or not."""
        if request.slot < len(self._slots):
            return self._slots[request.slot].refuse(request, error)
        kind = ANSWERS.get(request.kind, Kind.SLOT_STATUS)
        return Answer(
            kind, request.slot, request.sequence, IccStatus.ABSENT, CommandStatus.FAILED, SlotError.BAD_SLOT
        )
