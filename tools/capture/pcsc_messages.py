"""The messages between a program and pcscd on its socket, as far as a tap needs them.

A request is a header, size and command, and a structure of that size; after that of SCARD_TRANSMIT come the
bytes of the APDU. An answer is the same structure filled in, without a header; after that of SCARD_TRANSMIT
come the bytes of the answer. Source: pcsc-lite, winscard_msg.h, protocol 4 of versions 1.8 to 2.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from tla_sim.protocol.errors import CodecError

HEADER: Final = struct.Struct("=II")
_CONNECT: Final = struct.Struct("=I128sIIiII")
_RECONNECT: Final = struct.Struct("=iIIIII")
_TRANSMIT: Final = struct.Struct("=iIIIIIII")
_CONTROL: Final = struct.Struct("=iIIIII")
_STATE: Final = struct.Struct("=128sIIi33s3xII")
_MOST_SLOTS: Final = 16
_STATES_BYTES: Final = _STATE.size * _MOST_SLOTS
_LONGEST_REQUEST: Final = 1 << 20
_PRESENT: Final = 0x0004
_LEAVE: Final = 0


class Command(IntEnum):
    """The commands that the tap looks at."""

    CONNECT = 0x04
    RECONNECT = 0x05
    TRANSMIT = 0x09
    CONTROL = 0x0A
    GET_READERS_STATE = 0x12
    WAIT_READER_STATE_CHANGE = 0x13


_ANSWER_BYTES: Final = {
    Command.CONNECT: _CONNECT.size,
    Command.RECONNECT: _RECONNECT.size,
    Command.TRANSMIT: _TRANSMIT.size,
    Command.GET_READERS_STATE: _STATES_BYTES,
    Command.WAIT_READER_STATE_CHANGE: _STATES_BYTES,
}


@dataclass(frozen=True, slots=True)
class Connected:
    """A program has connected to a slot, or has reset it."""

    handle: int
    slot: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A program has sent a command to the slot of a handle."""

    handle: int
    apdu: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """The slot of a handle has answered, with `None` if it did not."""

    handle: int
    response: bytes | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in the slots: the answer to reset of each by its name, empty for an empty slot."""

    atrs: dict[str, bytes]


Event = Connected | Sent | Answered | Seen


class Conversation:
    """One connection of a program with pcscd. Takes the bytes of both directions, and tells what they mean.

    A program sends its next request when it has the answer, so what comes from pcscd belongs to the last one.
    """

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._asked = b""
        self._answer = b""
        self._command: Command | None = None
        self._handle = 0
        self._slots: dict[int, str] = {}

    def ask(self, data: bytes) -> None:
        """Take bytes from the program. Raises CodecError when they are not requests."""
        self._asked += data
        while (size := self._request_size()) is not None and len(self._asked) >= size:
            request, self._asked = self._asked[:size], self._asked[size:]
            self._begin(HEADER.unpack_from(request)[1], request[HEADER.size :])

    def answer(self, data: bytes) -> None:
        """Take bytes from pcscd."""
        if self._command is None:
            return
        self._answer += data
        if len(self._answer) >= (size := _ANSWER_BYTES[self._command]):
            if self._command is Command.TRANSMIT:
                size += _TRANSMIT.unpack_from(self._answer)[6] if self._went_well(self._answer) else 0
            if len(self._answer) >= size:
                command, self._command = self._command, None
                self._end(command, self._answer[:size])

    def _request_size(self) -> int | None:
        if len(self._asked) < HEADER.size:
            return None
        size, command = HEADER.unpack_from(self._asked)
        if size > _LONGEST_REQUEST:
            raise _not_pcsc()
        whole = HEADER.size + int(size)
        extra = {Command.TRANSMIT: _TRANSMIT, Command.CONTROL: _CONTROL}.get(command)
        if extra is None:
            return whole
        if size != extra.size:
            raise _not_pcsc()
        if len(self._asked) < whole:
            return None
        # Both have the length of what follows as their fourth field, or third.
        at = 3 if command == Command.TRANSMIT else 2
        more = extra.unpack_from(self._asked, HEADER.size)[at]
        if more > _LONGEST_REQUEST:
            raise _not_pcsc()
        return whole + int(more)

    def _begin(self, command: int, body: bytes) -> None:
        self._answer = b""
        self._command = Command(command) if command in _ANSWER_BYTES else None
        if command == Command.TRANSMIT:
            self._handle = _TRANSMIT.unpack_from(body)[0]
            self._tell(Sent(self._handle, body[_TRANSMIT.size :]))

    def _end(self, command: Command, answer: bytes) -> None:
        match command:
            case Command.TRANSMIT:
                well = self._went_well(answer)
                self._tell(Answered(self._handle, answer[_TRANSMIT.size :] if well else None))
            case Command.CONNECT if _CONNECT.unpack(answer)[6] == 0:
                _, name, _, _, handle, _, _ = _CONNECT.unpack(answer)
                self._slots[handle] = _text(name)
                self._tell(Connected(handle, self._slots[handle]))
            case Command.RECONNECT if _RECONNECT.unpack(answer)[5] == 0:
                handle, _, _, how, _, _ = _RECONNECT.unpack(answer)
                if how != _LEAVE and handle in self._slots:
                    self._tell(Connected(handle, self._slots[handle]))
            case Command.GET_READERS_STATE | Command.WAIT_READER_STATE_CHANGE:
                self._tell(Seen(_atrs(answer)))

    def _went_well(self, answer: bytes) -> bool:
        return bool(_TRANSMIT.unpack_from(answer)[7] == 0)


def _atrs(states: bytes) -> dict[str, bytes]:
    found = {}
    for name, _, state, _, atr, size, _ in _STATE.iter_unpack(states):
        if slot := _text(name):
            found[slot] = atr[:size] if state & _PRESENT and size <= len(atr) else b""
    return found


def _text(name: bytes) -> str:
    return name.partition(b"\0")[0].decode("utf-8", "replace")


def _not_pcsc() -> CodecError:
    return CodecError("A program speaks another protocol than that of PC/SC")
