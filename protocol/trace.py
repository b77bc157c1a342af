"""The trace of a link, command by command, and its decoder, which follows the declarations of commands.

A trace file is a header and records: moment (ms since 1970-01-01 00:00 UTC), logical device, command APDU,
response APDU. It never contains a code porteur: the data of the cards' own code commands (ISO/IEC 7816-4
VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER and the like) are blanked before they are written, and
Log_SV's `verify_code` carries the code enciphered only, or it is blanked, too. Source: Project-defined.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, BinaryIO, Final, NamedTuple

from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.commands.cards import CodePresentation
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.wire.record import Record, choice, u32, u64

MAGIC: Final = b"TLATRACE1\n"
MAX_APDU: Final = 65_600
OPEN_BYTES: Final = 5
"""CLA, INS, P1, P2 and the byte behind them, which stay even in a command whose data are blanked."""
_EXTENDED_BYTES: Final = 2
_CRYPTOGRAMS: Final = (0, 24)
"""The lengths of a code that is typed at the reader, and of one that is enciphered."""
_HEAD_BYTES: Final = 17
_CHUNK: Final = 1 << 18


class _Head(NamedTuple):
    """The head of a record, before its two APDUs."""

    moment: Annotated[int, u64("milliseconds since 1970-01-01 00:00 UTC")]
    lad: Annotated[Lad, choice(Lad, "to which logical device it went")]
    command_size: Annotated[int, u32("bytes of the command")]
    response_size: Annotated[int, u32("bytes of the response")]


_HEAD: Final = Record(_Head)


class TraceRecord(NamedTuple):
    """One exchange. `response` is empty when none came."""

    moment: int
    lad: Lad
    command: bytes
    response: bytes

    def __repr__(self) -> str:
        # Without the bytes, which may hold a code.
        return f"TraceRecord(moment={self.moment}, lad={self.lad!r})"

    def build(self) -> bytes:
        """Return the bytes of the record, with codes porteur blanked. Raises CodecError."""
        command = blank_code(self.lad, self.command)
        head = _Head(self.moment, self.lad, len(command), len(self.response))
        return _HEAD.build(head) + command + self.response


_CODE_COMMANDS: Final = frozenset(
    byte for byte in range(256) if (known := CardIns.of(byte)) is not None and known.has_code
)


def blank_code(lad: Lad, command: bytes) -> bytes:
    """Return a command with its data blanked to FF if it is a card's code command, whatever its address.

    So is a command of Log_SV with such an instruction, unless its data are what its declaration says: then
    they hold a code enciphered, or none.
    """
    if len(command) <= OPEN_BYTES or command[1] not in _CODE_COMMANDS:
        return command
    if lad is Lad.LOG_SV and command[0] == CLA and _is_declared(command):
        return command
    kept = open_bytes(lad, command)
    return command[:kept] + b"\xff" * (len(command) - kept)


def may_hold_code(ins: int) -> bool:
    """Return whether a command may hold a code in clear, whatever its address and class."""
    return ins in _CODE_COMMANDS


def open_bytes(lad: Lad | None, head: bytes) -> int:
    """Return how many bytes of a command that may hold a code stay, given its first OPEN_BYTES.

    Of Log_SV's own, an extended length stays, too: they have none of their data in clear, if sound.
    """
    own = lad is Lad.LOG_SV and head[0] == CLA and not head[4]
    return OPEN_BYTES + _EXTENDED_BYTES if own else OPEN_BYTES


def _is_declared(command: bytes) -> bool:
    declared = COMMANDS.get(command[1])
    if declared is None:
        return False
    try:
        request = declared.request.parse(CommandApdu.parse(command).data)
    except CodecError:
        return False
    return not isinstance(request, CodePresentation) or len(request.cryptogram) in _CRYPTOGRAMS


def read_trace(stream: BinaryIO) -> Iterator[TraceRecord]:
    """Yield the records of a trace file.

    Raises CodecError when it is not a trace, or, after the last whole record, when it was cut off.
    """
    # What is there is read at once, so that records of a pipe are given out when they come.
    read = getattr(stream, "read1", stream.read)
    parse_head = _HEAD.functions[0]
    raw = b""
    while len(raw) < len(MAGIC) and (more := read(_CHUNK)):
        raw += more
    if not raw.startswith(MAGIC):
        raise CodecError("This is not a trace of tla-sim", "Record one first")
    at, more = len(MAGIC), raw
    while more:
        end = len(raw)
        while end - at >= _HEAD_BYTES:
            try:
                (moment, lad, command_size, response_size), middle = parse_head(raw, at)
            except ValueError:
                raise _cut_off() from None
            if command_size > MAX_APDU or response_size > MAX_APDU:
                raise CodecError("A trace record is larger than any APDU", "The file is damaged")
            middle += command_size
            stop = middle + response_size
            if stop > end:
                break
            yield TraceRecord(moment, lad, raw[middle - command_size : middle], raw[middle:stop])
            at = stop
        more = read(_CHUNK)
        raw, at = raw[at:] + more, 0
    if raw:
        raise _cut_off()


def _cut_off() -> CodecError:
    return CodecError("The trace ends in the middle of a record", "It was cut off there")


@dataclass(frozen=True, slots=True)
class DecodedExchange:
    """A decoded exchange: the command's name, its request and response fields, and the status."""

    moment: int
    lad: Lad
    name: str
    request: dict[str, Any]
    response: dict[str, Any]
    word: int | None
    meaning: str


def decode(record: TraceRecord) -> DecodedExchange:
    """Return one exchange decoded by the declarations; what they do not cover is in hex."""
    name, request, response = "", {}, {}
    word: int | None = None
    meaning: str = Sentence("no answer")
    answer = None
    if record.response:
        try:
            answer = ResponseApdu.parse(record.response)
            word = answer.word
            meaning = answer.status.en if answer.status else Sentence("undeclared {word:04X}", word=word)
        except CodecError as error:
            meaning = error.message
    try:
        command = CommandApdu.parse(record.command)
    except TlaError as error:
        undecoded = {"hex": record.command.hex(), "problem": error.message}
        return DecodedExchange(record.moment, record.lad, "?", undecoded, {}, word, meaning)
    declared = COMMANDS.get(command.ins) if record.lad is Lad.LOG_SV and command.cla == CLA else None
    if declared is None:
        known = CardIns.of(command.ins) if record.lad is not Lad.LOG_SV and command.cla < CLA else None
        title = "" if known is None else f"{known.title} "
        name = f"{title}{command.cla:02X}{command.ins:02X} P1P2={command.p1:02X}{command.p2:02X}"
        request = {"data": command.data.hex(), "ne": command.ne}
        response = {"data": answer.data.hex()} if answer else {}
    else:
        name = declared.name
        request = _fields(declared.request, command.data)
        if answer is not None and answer.word == Status.OK:
            response = _fields(declared.response, answer.data)
        elif answer is not None and answer.data:
            response = {"hex": answer.data.hex()}
    return DecodedExchange(record.moment, record.lad, name, request, response, word, meaning)


def _fields(record: Any, raw: bytes) -> dict[str, Any]:
    try:
        value = record.parse(raw)
    except CodecError as error:
        return {"hex": raw.hex(), "problem": error.message}
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, tuple):
        named = getattr(value, "_asdict", None)
        if named is None:
            return [_plain(item) for item in value]
        return {name: _plain(item) for name, item in named().items()}
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value
