"""Converting traces: records to pcapng and back, without loss of what both can hold."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from tla_sim.host.progress import OnProgress, Progress, ignore_progress
from tla_sim.host.regular_file import open_input
from tla_sim.host.whole_file import read_start, replacing_file
from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.trace import MAGIC as RECORDS
from tla_sim.protocol.trace import TraceRecord
from tla_sim.tools.capture.pcapng import MAGIC as PCAPNG
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.reading import Read, ReadExchange, ReadReset, Unread, read_named
from tla_sim.tools.capture.trace_file import SUFFIX, ForeignFile
from tla_sim.tools.capture.tracer import SLOT

_NS_PER_MS: Final = 1_000_000
_BUFFER: Final = 1 << 20
_TURN: Final = 4_096
"""Exchanges between two looks at the clock."""
_PATIENCE_S: Final = 1.0
_EVERY_S: Final = 0.1
_CONVERTING: Final = Sentence("converting")


class SameKind(TlaError):
    """A trace was to be converted into the kind that it is of already."""

    category = Category.BAD_INPUT


@dataclass(slots=True)
class LeftOut:
    """What the records of a trace cannot hold, but its source did."""

    links: bool = False
    fractions: bool = False
    resets: int = 0
    slots: int = 0
    zones: int = 0
    packets: int = 0

    @property
    def named(self) -> tuple[Sentence, ...]:
        """What was left out, each in a few words."""
        return tuple(
            words
            for is_there, words in (
                (self.links, Sentence("the names of links")),
                (self.fractions, Sentence("times finer than a millisecond, and those of answers")),
                (self.resets, Sentence("answers to reset")),
                (self.slots, Sentence("what the reader asks of its cards")),
                (self.packets, Sentence("what lies below the APDUs, or is of other programs")),
                (self.zones, Sentence("memory zones")),
            )
            if is_there
        )


@dataclass(slots=True)
class Converted:
    """What was converted: exchanges, the size of the new file in bytes, and what it could not hold.

    `problem` says where a source ends that was cut off or is damaged; what stands before was converted.
    """

    exchanges: int = 0
    size: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)
    problem: CodecError | None = None


def convert_file(source: Path, target: Path, on_progress: OnProgress = ignore_progress) -> Converted:
    """Convert a trace into one of the other kind, by its name: pcapng if it ends so, records otherwise.

    The target is written whole, or stays as it was. It is reported on if it takes longer than a second.
    Raises CodecError for a source that is not a trace, SameKind, ForeignFile for a target that holds
    something else, OSError.
    """
    to_pcapng = target.suffix.lower() == SUFFIX
    with open_input(source) as stream:
        beginning = stream.peek(len(RECORDS)) if hasattr(stream, "peek") else b""
        if beginning.startswith(PCAPNG if to_pcapng else RECORDS):
            raise _same_kind(source, to_pcapng)
        if target.exists():
            magic = PCAPNG if to_pcapng else RECORDS
            if read_start(target, len(magic)) not in (b"", magic):
                raise ForeignFile(
                    "{path} is a file of another kind", "Name a new file for the trace", path=target
                )
        unread = Unread()
        reads = read_named(source, stream, unread)
        with replacing_file(target) as out:
            converted = convert(_reported(reads, stream, on_progress), out, to_pcapng=to_pcapng)
            if converted.problem is not None and not converted.exchanges:
                raise converted.problem
        converted.left_out.packets = unread.packets
    return converted


def convert(reads: Iterator[Read], out: BinaryIO, *, to_pcapng: bool) -> Converted:
    """Write what was read as pcapng or as records. Raises OSError."""
    done = Converted()
    write = _Buffered(out)
    put = _pcapng_writer(write.add) if to_pcapng else _record_writer(write.add, done.left_out)
    try:
        for each in reads:
            if type(each) is ReadExchange:
                if each.link == SLOT and not to_pcapng:
                    # A record has no link: this would look like what a program asks.
                    done.left_out.slots += 1
                    continue
                put(each)
                done.exchanges += 1
            elif not to_pcapng:
                if type(each) is ReadReset:
                    done.left_out.resets += 1
                else:
                    done.left_out.zones += 1
    except CodecError as error:
        done.problem = error
    write.flush()
    done.size = write.size
    return done


def _pcapng_writer(write: Callable[[bytes], object]) -> Callable[[ReadExchange], None]:
    tracer = PcapngTracer(write)
    links: set[str] = set()

    def put(each: ReadExchange) -> None:
        link, lad, command, response, started_ns, ended_ns = each
        if lad is Lad.LOG_SV and link not in links:
            links.add(link)
            tracer.reset(link, lad, LOG_SV_ATR, started_ns)
        tracer.command(link, lad, command, started_ns)
        tracer.answer(link, lad, response, ended_ns)

    return put


def _record_writer(write: Callable[[bytes], object], left_out: LeftOut) -> Callable[[ReadExchange], None]:
    write(RECORDS)

    def put(each: ReadExchange) -> None:
        link, lad, command, response, started_ns, ended_ns = each
        if link:
            left_out.links = True
        moment, fraction = divmod(started_ns, _NS_PER_MS)
        if fraction or ended_ns != started_ns:
            left_out.fractions = True
        write(TraceRecord(moment, lad, command, response).build())

    return put


class _Buffered:
    """Joins small pieces before they are written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._pieces: list[bytes] = []
        self._waiting = 0
        self.size = 0

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._waiting += len(piece)
        if self._waiting >= _BUFFER:
            self.flush()

    def flush(self) -> None:
        self._out.write(b"".join(self._pieces))
        self.size += self._waiting
        self._pieces.clear()
        self._waiting = 0


def _reported(reads: Iterator[Read], stream: BinaryIO, on_progress: OnProgress) -> Iterator[Read]:
    """Pass on what is read, and tell how far that is, from the second second on."""
    size = os.fstat(stream.fileno()).st_size
    if on_progress is ignore_progress or not size:  # a pipe has no size
        yield from reads
        return
    due = time.monotonic() + _PATIENCE_S
    for count, each in enumerate(reads):
        yield each
        if count % _TURN == 0 and (now := time.monotonic()) >= due:
            due = now + _EVERY_S
            on_progress(Progress(_CONVERTING, count, 0, min(stream.tell(), size), size))


def _same_kind(source: Path, is_pcapng: bool) -> SameKind:
    if is_pcapng:
        return SameKind(
            "{source} is a pcapng file already",
            "Give the new file a name that does not end in .pcapng",
            source=source,
        )
    return SameKind(
        "{source} holds records already",
        "Give the new file a name that ends in .pcapng",
        source=source,
    )
