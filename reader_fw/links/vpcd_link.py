"""One slot of the reader as a card of vsmartcard's vpcd, a PC/SC driver that talks to virtual cards over TCP.

A message is its length in two bytes, high byte first, and its data. One byte of data is a command of the
driver: 00 power off, 01 power on, 02 reset, 04 give the answer to reset (the only one that is answered).
Anything else is an APDU and gets its response. There is no message for an empty slot: the connection itself
is the card. Source: vsmartcard, virtualsmartcard/src/vpcd.

A program's APDU may be one of those bytes, too, and then the driver waits for a response for ever. What tells
the two apart is that the driver, when it waits for nothing, soon looks whether the card is there.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import ExchangeAbandoned
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.links.port import Now, SlotPort

_LENGTH_SIZE: Final = 2
_LONGEST: Final = 0xFFFF
_NO_DATA: Final = b"\0\0"
_SILENCE_MS: Final = 2_000
"""The silence after which the driver waits for a response; it looks every 0.4 s (Linux) or 1 s (Windows)."""
_SECOND_LOOK_MS: Final = 200
_TOO_LONG: Final = Status.WRONG_LENGTH.to_bytes(2, "big")


class VpcdLink:
    """The slot at `lad`. Links of several slots on one port take turns: a command waits for the one before.

    The owner drops the connection and calls `hang_up` when the card is taken out, and when it is `stuck`: the
    driver waits for a response to what it was told to be a power command.
    """

    def __init__(self, port: SlotPort, clock: Now, lad: Lad) -> None:
        self._port = port
        self._clock = clock
        self._lad = lad
        self._rest = b""
        self._atr = b""
        self._insertion = 0
        self._pending = False
        self._silent_at: int | None = None
        self._looked_twice = False
        self.stuck = False

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the driver, in pieces of any size, and return the bytes to send back now."""
        self._silent_at = None
        # Nearly always exactly one whole message comes.
        whole = len(data) > _LENGTH_SIZE and len(data) - _LENGTH_SIZE == data[0] << 8 | data[1]
        if whole and not self._rest and not self._pending and self._port.due_ms is None:
            message = data[_LENGTH_SIZE:]
            return self._begin(message) if len(message) > 1 else self._handle(message)
        self._rest += data
        return self.tick()

    def tick(self) -> bytes:
        """Let time pass up to the reader's clock, and return the bytes to send now."""
        out = self._answer() if self._pending else b""
        while not self._pending and (message := self._next()) is not None:
            out += self._handle(message)
        if self._silent_at is not None and self._clock.now_ms >= self._silent_at:
            self._notice_silence()
        return out

    def _notice_silence(self) -> None:
        # A second look, since after a pause of this process the driver's message may lie there unread.
        self._silent_at = None if self._looked_twice else self._clock.now_ms + _SECOND_LOOK_MS
        self.stuck = self._looked_twice
        self._looked_twice = not self._looked_twice

    @property
    def wake_at(self) -> int | None:
        """The reader's clock, in ms, at which to call `tick`."""
        if self._pending or (self._rest and self._whole):
            due = self._port.due_ms
            return self._clock.now_ms if due is None else due
        return self._silent_at

    def hang_up(self) -> None:
        """Power off the card and end the session: the driver went away, or the reader lost power."""
        self._rest = b""
        self._silent_at, self.stuck = None, False
        if self._pending:
            self._pending = False
            self._port.abort()
        if self._insertion:
            self._insertion = 0
            self._port.power_off(self._lad)
        if self._port.due_ms is None:
            # Otherwise another slot's command is under way on the same port, and stays.
            self._port.reset()

    @property
    def _whole(self) -> bool:
        rest = self._rest
        return len(rest) >= _LENGTH_SIZE and len(rest) - _LENGTH_SIZE >= int.from_bytes(rest[:2], "big")

    def _next(self) -> bytes | None:
        """Return the next whole message, `None` if there is none or another slot's command is under way."""
        if not self._whole or self._port.due_ms is not None:
            return None
        end = _LENGTH_SIZE + int.from_bytes(self._rest[:_LENGTH_SIZE], "big")
        message, self._rest = self._rest[_LENGTH_SIZE:end], self._rest[end:]
        return message

    def _handle(self, message: bytes) -> bytes:
        if len(message) > 1:
            return self._begin(message)
        match message:
            case b"":
                pass
            case b"\x00" | b"\x01" | b"\x02":
                self._power(on=message != b"\x00")
                self._silent_at, self._looked_twice = self._clock.now_ms + _SILENCE_MS, False
            case b"\x04":
                return self._frame(self._answer_to_reset())
            case _:
                return self._begin(message)
        return b""

    def _power(self, on: bool) -> None:
        if not on:
            self._port.power_off(self._lad)
            return
        try:
            self._atr = self._port.power_on(self._lad)
        except ExchangeAbandoned:
            self._atr = b""
        self._insertion = self._port.insertion(self._lad)

    def _answer_to_reset(self) -> bytes:
        """Return the answer to reset, empty for an empty slot."""
        # The driver asks several times a second, to see whether the card is there. A card in use must not be
        # reset by that, so only a new one is powered.
        present = self._port.insertion(self._lad)
        if present and present != self._insertion:
            self._power(on=True)
        return self._atr if present else b""

    def _begin(self, apdu: bytes) -> bytes:
        try:
            self._port.begin(self._lad, apdu)
        except ExchangeAbandoned:
            return _NO_DATA
        response = self._port.poll()
        self._pending = response is None
        return b"" if response is None else self._frame(response)

    def _answer(self) -> bytes:
        due = self._port.due_ms
        response = self._port.poll()
        if response is None and due is not None:
            return b""
        self._pending = False
        return self._frame(response or b"")

    def _frame(self, data: bytes) -> bytes:
        data = data if len(data) <= _LONGEST else _TOO_LONG
        return len(data).to_bytes(_LENGTH_SIZE, "big") + data
