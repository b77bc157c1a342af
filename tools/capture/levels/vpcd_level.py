"""A vpcd connection, overheard. Source: messages as in `reader_fw/links/vpcd_link.py`."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.levels.code_mask import CodeMask
from tla_sim.tools.capture.levels.events import AnswerHeard, CommandHeard, Event, Piece, ResetHeard

_LENGTH_SIZE: Final = 2
_GIVE_ATR: Final = b"\x04"
_CONTROLS: Final = {
    b"\0": "power off",
    b"\1": "power on",
    b"\2": "reset",
    _GIVE_ATR: "give the answer to reset",
}
_CUT_OFF: Final = "cut off"


class VpcdLevel:
    """Cuts both directions of the connection of one slot into messages, without their lengths.

    TCP loses nothing, so what was heard from its beginning stays in step. One that is `joined` later is not
    heard before the driver speaks after the reader did: then it begins a message. Codes are blanked as in
    whole commands.
    """

    due_ns = None

    def __init__(self, lad: Lad, *, joined: bool = False) -> None:
        self._lad = lad
        self._in_step = not joined
        self._answered = False
        self._rest = [b"", b""]
        self._ns = 0
        self._asked: list[bool] = []
        self._atr = b""

    def hear(self, from_reader: bool, data: bytes, ns: int) -> list[Event]:
        """Return what these bytes complete. `ns` is the time in nanoseconds since 1970-01-01 00:00 UTC."""
        self._ns = ns
        if not self._in_step:
            self._in_step = self._answered and not from_reader
            self._answered = from_reader
            if not self._in_step:
                return []
        raw = self._rest[from_reader] + data
        at = 0
        events: list[Event] = []
        while len(raw) - at >= _LENGTH_SIZE:
            end = at + _LENGTH_SIZE + int.from_bytes(raw[at : at + _LENGTH_SIZE], "big")
            if end > len(raw):
                break
            message = raw[at + _LENGTH_SIZE : end]
            events += self._answer(message, ns) if from_reader else self._command(message, ns)
            at = end
        self._rest[from_reader] = raw[at:]
        return events

    def tick(self, ns: int) -> list[Event]:  # noqa: ARG002
        """Return nothing: silence means nothing on this line."""
        return []

    def end(self) -> list[Event]:
        """Return what is half heard: the connection has ended."""
        events: list[Event] = []
        for from_reader, rest in enumerate(self._rest):
            message = rest[_LENGTH_SIZE:]
            if message:
                data = message if from_reader else CodeMask(self._lad).mask(message)
                events.append(Piece(bool(from_reader), data, _CUT_OFF, self._ns, wrong=True))
        self._rest = [b"", b""]
        return events

    def _command(self, message: bytes, ns: int) -> list[Event]:
        if not message or message in _CONTROLS:
            if message == _GIVE_ATR:
                self._asked.append(False)
            return [Piece(False, message, _CONTROLS.get(message, ""), ns)]
        masked = CodeMask(self._lad).mask(message)
        self._asked.append(True)
        return [Piece(False, masked, "", ns), CommandHeard(self._lad, masked, ns)]

    def _answer(self, message: bytes, ns: int) -> list[Event]:
        events: list[Event] = [Piece(True, message, "", ns)]
        if not self._asked:
            return events
        if self._asked.pop(0):
            return [*events, AnswerHeard(self._lad, message or None, ns)]
        # The driver asks several times a second; only an answer that is new means a reset.
        if message and message != self._atr:
            events.append(ResetHeard(self._lad, message, ns))
        self._atr = message
        return events
