"""One slot of the CCID link: the card in it, through its contacts, at TPDU level."""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import Final

from tla_sim.protocol.ccid import (
    ANSWERS,
    MAX_DATA,
    Answer,
    CommandStatus,
    IccStatus,
    Kind,
    Request,
    SlotError,
)
from tla_sim.protocol.errors import ExchangeAbandoned
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import Edc
from tla_sim.reader_fw.cards.atr import Transmission, offered_protocols
from tla_sim.reader_fw.links.port import Now, SlotPort
from tla_sim.reader_fw.links.t1_link import T1Link

_DEFAULTS: Final = {
    Transmission.T0: bytes.fromhex("1100000A00"),
    Transmission.T1: bytes.fromhex("1110004500FE00"),
}
"""abProtocolDataStructure after power-on (CCID revision 1.1 §6.2.3): Fi and Di, checksum and convention,
guard time, waiting times, clock stop; for T=1 also IFSC and NAD."""

_CARD_SETTINGS: Final = LinkSettings(edc=Edc.LRC, baud=None, announces_ifs=False)
_PPSS: Final = 0xFF
_T0_HEADER: Final = 5
_AWAY_MS: Final = 1_000
"""How long a slot stays empty once the host was told so; pcscd looks every 0.4 s."""
_HIGHEST_VOLTAGE_SELECT: Final = 3
_CLOCK_RUNS, _CLOCK_STOPPED = 0, 1


class CcidSlot:
    """The slot of the card at `lad` of `port`; without a port it is empty.

    A slot that was told to be empty stays so until `away_until`: pcscd may learn it from any answer, takes
    the card for gone, and sees one that is back only if the slot was still empty when it looked next.

    With `unwatched`, a host never looks whether the card left or lost its power. So that it does not take the
    card for gone for good, commands are refused as by a card without power, and a card that is to get
    parameters is powered first.
    """

    def __init__(self, lad: Lad, port: SlotPort | None, clock: Now, *, unwatched: bool = False) -> None:
        self.lad = lad
        self._unwatched = unwatched
        self._port = port
        self._clock = clock
        self._active = 0
        self._seen = 0
        self._offered: tuple[Transmission, ...] = ()
        self._protocol: Transmission | None = None
        self._parameters = b""
        self._t1: T1Link | None = None
        self._waiting: Request | None = None
        self._told_present = False
        self.away_until = 0

    @property
    def asks_time(self) -> bool:
        """Whether the host must be asked for time while the card works; a T=1 card asks by itself."""
        return self._waiting is not None and self._t1 is None

    @property
    def icc(self) -> IccStatus:
        """The state of the card in the slot."""
        present = self._insertion()
        if not present:
            return IccStatus.ABSENT
        return IccStatus.ACTIVE if present == self._active else IccStatus.INACTIVE

    def _tell_icc(self) -> IccStatus:
        """Return the state for an answer, and take note of what the host knows by it."""
        icc = self.icc
        if icc is not IccStatus.ABSENT:
            self._told_present = True
        elif self._told_present:
            self._told_present = False
            if not self._unwatched:
                self.away_until = self._clock.now_ms + _AWAY_MS
        return icc

    def _insertion(self) -> int:
        if self._port is None or self._clock.now_ms < self.away_until:
            return 0
        return self._port.insertion(self.lad)

    def take_movement(self) -> int:
        """Return this slot's two bits of a notification (present, moved), 0 if nothing moved since."""
        present = self._insertion()
        if present == self._seen:
            return 0
        self._seen = present
        self._tell_icc()
        return 3 if present else 2

    @property
    def wake_at(self) -> int | None:
        """The reader's clock, in ms, at which to call `tick`."""
        if self._waiting is None:
            return None
        if self._port is None or not self._active:
            return self._clock.now_ms
        return self._port.due_ms if self._t1 is None else self._t1.wake_at

    def handle(self, request: Request) -> Answer | None:
        """Carry out a request, and return the answer, `None` when it comes from `tick` later."""
        match request.kind:
            case Kind.XFR_BLOCK:
                return self._transfer(request)
            case Kind.GET_SLOT_STATUS:
                return self._status(request)
            case Kind.ICC_POWER_ON:
                return self._power_on(request)
            case Kind.ICC_POWER_OFF:
                self.power_off()
                return self._status(request)
            case Kind.SET_PARAMETERS | Kind.GET_PARAMETERS | Kind.RESET_PARAMETERS:
                return self._set_parameters(request)
            case Kind.ICC_CLOCK:
                known = request.first in (_CLOCK_RUNS, _CLOCK_STOPPED)
                return self._status(request) if known else self.refuse(request, SlotError.BAD_FIRST)
            case _:
                return self.refuse(request, SlotError.NOT_SUPPORTED)

    def tick(self) -> Answer | None:
        """Return the answer to the block that the card works on, once there is one."""
        request = self._waiting
        if request is None:
            return None
        if self._port is None or self.icc is not IccStatus.ACTIVE:
            self._drop()
            return self.refuse(request, SlotError.MUTE)
        return self._card_answer(request, self._port) if self._t1 is None else self._block(request, b"")

    def abort(self) -> None:
        """Drop the block that the card works on, and its answer."""
        if self._waiting is not None:
            self._drop()

    def power_off(self) -> None:
        """Deactivate the contacts."""
        self.abort()
        if self._active and self._port is not None:
            self._port.power_off(self.lad)
        self._deactivate()

    def lose(self) -> None:
        """Take note that the contacts lost their power; `tick` refuses the block that the card worked on."""
        self._deactivate()

    def connect(self, port: SlotPort | None) -> None:
        """Have the slot at `port` from now on, or none: then it is empty."""
        self._deactivate()
        self._port = port

    def _deactivate(self) -> None:
        self._active = 0
        self._t1 = None

    def refuse(self, request: Request, error: int) -> Answer:
        """Return the answer that says why a request failed."""
        kind = ANSWERS.get(request.kind, Kind.SLOT_STATUS)
        icc = self._tell_icc()
        if icc is IccStatus.ABSENT and self._unwatched and self._protocol is not None:
            icc = IccStatus.INACTIVE
        return Answer(
            kind,
            request.slot,
            request.sequence,
            icc,
            CommandStatus.FAILED,
            error,
            self._clock_status if kind is Kind.SLOT_STATUS else 0,
        )

    def _drop(self) -> None:
        self._waiting = None
        port = self._port
        if port is None:
            return
        if self._t1 is not None:
            # Made anew, since the old one would go on to wait for the answer.
            self._t1 = T1Link(port, self._clock, _CARD_SETTINGS, self.lad)
        port.abort()

    @property
    def _clock_status(self) -> int:
        return _CLOCK_RUNS if self.icc is IccStatus.ACTIVE else _CLOCK_STOPPED

    def _status(self, request: Request) -> Answer:
        icc = self._tell_icc()
        clock = _CLOCK_RUNS if icc is IccStatus.ACTIVE else _CLOCK_STOPPED
        return Answer(Kind.SLOT_STATUS, request.slot, request.sequence, icc, detail=clock)

    def _power_on(self, request: Request) -> Answer:
        if request.first > _HIGHEST_VOLTAGE_SELECT:
            return self.refuse(request, SlotError.BAD_FIRST)
        port, present = self._port, self._insertion()
        try:
            atr = port.power_on(self.lad) if port is not None and present else b""
        except ExchangeAbandoned:
            atr = b""
        if port is None or not atr:
            return self.refuse(request, SlotError.MUTE)
        self._active = present
        self._told_present = True
        self._offered = offered_protocols(atr)
        self._speak(port, self._offered[0] if self._offered else None)
        return self._data(request, atr)

    def _speak(self, port: SlotPort, protocol: Transmission | None) -> None:
        self._protocol = protocol
        self._parameters = _DEFAULTS.get(protocol or Transmission.T0, b"")
        is_t1 = protocol is Transmission.T1
        self._t1 = T1Link(port, self._clock, _CARD_SETTINGS, self.lad) if is_t1 else None

    def _data(self, request: Request, data: bytes) -> Answer:
        if len(data) > MAX_DATA:
            return self.refuse(request, SlotError.OVERRUN)
        return Answer(Kind.DATA_BLOCK, request.slot, request.sequence, IccStatus.ACTIVE, data=data)

    def _transfer(self, request: Request) -> Answer | None:
        port, active = self._port, self._active
        if port is None or not active or port.insertion(self.lad) != active:
            return self.refuse(request, SlotError.MUTE)
        data = request.data
        if not data:
            return self.refuse(request, SlotError.BAD_LENGTH)
        if request.second or request.third:
            return self.refuse(request, SlotError.BAD_SECOND)
        if data[0] == _PPSS:
            return self._select_protocol(request, port)
        if self._t1 is not None:
            return self._block(request, data)
        if len(data) < _T0_HEADER:
            # With T=0 a command always has a P3; one that the host left out is 00 (ISO/IEC 7816-3 §12.2.2).
            if len(data) < _T0_HEADER - 1:
                return self.refuse(request, SlotError.BAD_LENGTH)
            data += b"\0"
        try:
            port.begin(self.lad, data)
        except ExchangeAbandoned:
            return self.refuse(request, SlotError.MUTE)
        return self._card_answer(request, port)

    def _card_answer(self, request: Request, port: SlotPort) -> Answer | None:
        due = port.due_ms
        response = port.poll()
        if response is None and due is not None:
            self._waiting = request
            return None
        self._waiting = None
        return self._data(request, response) if response else self.refuse(request, SlotError.MUTE)

    def _block(self, request: Request, data: bytes) -> Answer | None:
        """Pass a T=1 block to the card, and return its block as the answer, `None` while it works."""
        t1 = self._t1
        if t1 is None:
            raise AssertionError("the card does not speak T=1")
        out = t1.receive(data) if data else t1.tick()
        if not out and t1.wake_at is not None:
            self._waiting = request
            return None
        self._waiting = None
        # T=1 ignores some blocks. Then there is nothing to wait for, and the host must not wait either.
        return self._data(request, out) if out else self.refuse(request, SlotError.MUTE)

    def _select_protocol(self, request: Request, port: SlotPort) -> Answer:
        """Answer a PPS exchange (ISO/IEC 7816-3 §9), which is granted for the protocols of the card."""
        pps = request.data
        size = 3 + (pps[1] >> 4 & 7).bit_count() if len(pps) > 1 else 0
        wanted = next((each for each in self._offered if size and each == pps[1] & 0x0F), None)
        if len(pps) != size or reduce(xor, pps) or wanted is None:
            return self.refuse(request, SlotError.MUTE)
        if wanted is not self._protocol:
            port.select_protocol(self.lad, wanted)
            self._speak(port, wanted)
        return self._data(request, pps)

    def _set_parameters(self, request: Request) -> Answer:
        if self._unwatched and self._protocol is not None and self.icc is IccStatus.INACTIVE:
            self._power_on(Request(Kind.ICC_POWER_ON, request.slot, request.sequence))
        protocol = self._protocol
        if self.icc is not IccStatus.ACTIVE or protocol is None:
            return self.refuse(request, SlotError.MUTE)
        if request.kind == Kind.RESET_PARAMETERS:
            self._parameters = _DEFAULTS[protocol]
        elif request.kind == Kind.SET_PARAMETERS:
            if request.first != protocol:
                return self.refuse(request, SlotError.BAD_FIRST)
            if len(request.data) != len(_DEFAULTS[protocol]):
                return self.refuse(request, SlotError.BAD_LENGTH)
            self._parameters = request.data
        return Answer(
            Kind.PARAMETERS,
            request.slot,
            request.sequence,
            IccStatus.ACTIVE,
            detail=protocol,
            data=self._parameters,
        )
