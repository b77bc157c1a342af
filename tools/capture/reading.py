"""Reading traces of both kinds: what was exchanged, in the order in which it began or was answered."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import MAGIC as RECORDS
from tla_sim.protocol.trace import MAX_APDU, blank_code, read_trace
from tla_sim.tools.capture.pcapng import LATEST_NS, UPPER_PDU, Packet, read_packets
from tla_sim.tools.capture.pcapng import MAGIC as PCAPNG
from tla_sim.tools.capture.tracer import DEVICES, SLOT
from tla_sim.tools.capture.upper_pdu import Dissector, take_apart

_NS_PER_MS: Final = 1_000_000
_LADS: Final = {word: lad for lad, word in DEVICES.items()}
_ATR: Final = "ATR"
_CONVENTIONS: Final = (b"\x3b", b"\x3f")
_ZONE: Final = Dissector.ZONE.value
_APDUS: Final = frozenset((Dissector.APDU.value, Dissector.ODD_APDU.value))


class NoExchange(TlaError):
    """A trace was to be compared in which no program speaks with a reader."""

    category = Category.BAD_INPUT


class ReadExchange(NamedTuple):
    """A command and its answer, empty if none came. Times are in ns since 1970-01-01 00:00 UTC.

    `link` is empty where the file does not name it. Codes are blanked, whoever wrote the file.
    """

    link: str
    lad: Lad
    command: bytes
    response: bytes
    started_ns: int
    ended_ns: int

    def __repr__(self) -> str:
        # Without the bytes, which are health data.
        return f"ReadExchange(link={self.link!r}, lad={self.lad!r}, started_ns={self.started_ns})"


@dataclass(frozen=True, slots=True)
class ReadReset:
    """An answer to reset."""

    link: str
    lad: Lad
    atr: bytes
    ns: int


@dataclass(frozen=True, slots=True)
class ReadZone:
    """A memory zone of a C function, which went in or came `out`; `said` is the packet's comment."""

    link: str
    data: bytes = dataclasses.field(repr=False)
    out: bool
    said: str
    ns: int


Read = ReadExchange | ReadReset | ReadZone


@dataclass(slots=True)
class Unread:
    """What a capture holds besides: how many packets there are of lower levels and of other programs."""

    packets: int = 0


def read_file(stream: BinaryIO, unread: Unread | None = None) -> Iterator[Read]:
    """Yield what a trace holds, a pcapng file or one of records, and count what is left out in `unread`.

    Raises CodecError when it is neither, or, after all that is whole, when it was cut off or is damaged.
    """
    beginning = stream.read(len(RECORDS))
    whole = cast(BinaryIO, _Prepended(beginning, stream))
    if beginning == RECORDS:
        return _from_records(whole)
    if beginning.startswith(PCAPNG):
        return _from_packets(read_packets(whole), unread or Unread())
    raise CodecError("This is neither a pcapng file nor a trace of tla-sim", "Record one first")


def read_named(path: Path, stream: BinaryIO, unread: Unread | None = None) -> Iterator[Read]:
    """Yield what the trace at `path` holds. Raises CodecError as `read_file`, naming the file."""
    try:
        yield from read_file(stream, unread)
    except CodecError as error:
        raise CodecError("{file}: {reason}", error.action, file=path, reason=error.message) from None


class Counted:
    """Passes on what is read, and counts the exchanges, without those between a reader and its cards.

    Raises NoExchange at the end if there was none.
    """

    def __init__(self, path: Path, reads: Iterator[Read]) -> None:
        self._path = path
        self._reads = reads
        self.exchanges = 0

    def __iter__(self) -> Iterator[Read]:
        for each in self._reads:
            if isinstance(each, ReadExchange) and each.link != SLOT:
                self.exchanges += 1
            yield each
        if not self.exchanges:
            raise NoExchange("{file} holds no exchange with a reader", "Record one first", file=self._path)


def read_exchanges(stream: BinaryIO) -> Iterator[ReadExchange]:
    """Yield the exchanges of a trace. Raises as `read_file`."""
    return (each for each in read_file(stream) if isinstance(each, ReadExchange))


class _Prepended:
    """A stream whose first bytes were read already. A pipe cannot go back."""

    def __init__(self, beginning: bytes, stream: BinaryIO) -> None:
        self._beginning = beginning
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, as soon as there are any; none at the end."""
        if self._beginning:
            beginning, self._beginning = self._beginning[:size], self._beginning[size:]
            return beginning
        return self._read(size)


def _from_records(stream: BinaryIO) -> Iterator[Read]:
    for moment, lad, command, response in read_trace(stream):
        ns = moment * _NS_PER_MS
        if ns > LATEST_NS:
            raise CodecError("A trace record was made after the year 2554", "The file is damaged")
        yield ReadExchange("", lad, blank_code(lad, command), response, ns, ns)


class _UnderWay:
    """The commands that wait for their answers, one for each interface."""

    def __init__(self) -> None:
        self._commands: dict[str, tuple[str, Lad, bytes, int]] = {}

    def begin(self, name: str, command: tuple[str, Lad, bytes, int]) -> ReadExchange | None:
        """Keep a command, and return the one before it if that was never answered."""
        before = self._commands.get(name)
        self._commands[name] = command
        return None if before is None else _unanswered(before)

    def end(self, name: str, response: bytes, ns: int) -> ReadExchange | None:
        """Return the exchange that ends with this answer, `None` if nothing was asked."""
        asked = self._commands.pop(name, None)
        if asked is None:
            return None
        link, lad, command, started_ns = asked
        return ReadExchange(link, lad, command, response, started_ns, ns)

    def is_asked(self, name: str) -> bool:
        """Return whether a command waits on this interface."""
        return name in self._commands

    def rest(self) -> Iterator[ReadExchange]:
        """Yield those that were never answered."""
        yield from (_unanswered(each) for each in self._commands.values())


def _unanswered(asked: tuple[str, Lad, bytes, int]) -> ReadExchange:
    link, lad, command, ns = asked
    return ReadExchange(link, lad, command, b"", ns, ns)


def _from_packets(packets: Iterable[Packet], unread: Unread) -> Iterator[Read]:
    under_way = _UnderWay()
    problem: CodecError | None = None
    places: dict[str, tuple[str, Lad | None]] = {}
    try:
        for interface, ns, packet, comment, inbound in packets:
            carried = take_apart(packet) if interface.link_type == UPPER_PDU else None
            if carried is None:
                unread.packets += 1
                continue
            dissector, from_reader, data = carried
            name = interface.name
            if dissector not in _APDUS:
                if dissector == _ZONE:
                    yield ReadZone(name.rpartition(" ")[0], data, bool(from_reader), comment, ns)
                else:
                    unread.packets += 1
                continue
            place = places.get(name)
            if place is None:
                place = places[name] = _place(name)
            link, lad = place
            if from_reader is None:
                from_reader = inbound
                if from_reader is None:
                    # A dump of APDUs without directions takes turns.
                    from_reader = under_way.is_asked(name) or data[:1] in _CONVENTIONS
            found: Read | None
            if not from_reader:
                addressee = _guess(data) if lad is None else lad
                command = blank_code(addressee, data[:MAX_APDU])
                found = under_way.begin(name, (link, addressee, command, ns))
            elif comment == _ATR or not under_way.is_asked(name):
                found = ReadReset(link, Lad.PS if lad is None else lad, data, ns)
            else:
                found = under_way.end(name, data[:MAX_APDU], ns)
            if found is not None:
                yield found
    except CodecError as error:
        problem = error
    yield from under_way.rest()
    if problem is not None:
        raise problem


def _place(name: str) -> tuple[str, Lad | None]:
    """Return link and addressee of an interface; a name of another program's is all link."""
    link, _, word = name.rpartition(" ")
    lad = _LADS.get(word)
    return (name, None) if lad is None else (link, lad)


def _guess(command: bytes) -> Lad:
    """Return the addressee of a command on an interface that does not name it."""
    if len(command) > 1 and command[0] == CLA and COMMANDS.get(command[1]) is not None:
        return Lad.LOG_SV
    return Lad.PS
