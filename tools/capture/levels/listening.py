"""From the bytes of a line to a tracer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol

from tla_sim.host.transport.base import Transport
from tla_sim.protocol.framing import CCID, T1, VPCD, Framing
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.serve.spec import LinkSpec
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.levels.ccid_level import CcidLevel
from tla_sim.tools.capture.levels.events import AnswerHeard, CommandHeard, Event, Piece, ResetHeard
from tla_sim.tools.capture.levels.t1_level import T1Level
from tla_sim.tools.capture.levels.vpcd_level import VpcdLevel
from tla_sim.tools.capture.tracer import DEVICES, Tracer

_LEVELS: Final = {
    "pty": Level.T1,
    "tcp": Level.T1,
    "serial": Level.T1,
    "socket": Level.T1,
    "rfc2217": Level.T1,
    "t1": Level.T1,
    "ccid": Level.CCID,
    "vpcd": Level.VPCD,
}


def level_of(kind: str) -> Level | None:
    """Return what travels on a link of this kind, or on a transport with this scheme; `None` for APDUs
    alone."""
    return _LEVELS.get(kind)


class HeardLevel(Protocol):
    """A line's bytes in, events out. Times are nanoseconds since 1970-01-01 00:00 UTC."""

    @property
    def due_ns(self) -> int | None:
        """When to call `tick`, `None` while only bytes matter."""

    def hear(self, from_reader: bool, data: bytes, ns: int) -> list[Event]:
        """Return what these bytes complete."""

    def tick(self, ns: int) -> list[Event]:
        """Return what silence up to `ns` has ended."""

    def end(self) -> list[Event]:
        """Return what is half heard: the line was let go."""


def open_level(framing: Framing, lad: Lad | None = None, *, joined: bool = False) -> HeardLevel:
    """Return the level of a line, heard from its beginning, unless it is `joined` later.

    `lad` is the slot of a vpcd line.
    """
    if framing.kind == T1:
        return T1Level(framing.settings)
    if framing.kind == CCID:
        return CcidLevel(framing.slots)
    if framing.kind == VPCD and lad is not None:
        return VpcdLevel(lad, joined=joined)
    raise ValueError(framing.kind)


class LineEar:
    """Tells a tracer what it hears on one line of a link.

    Blocks and messages go to it as pieces; with `apdus`, so do the commands, answers and answers to reset in
    them. A line that it has not heard from its beginning is `joined`. `clock` gives nanoseconds since
    1970-01-01 00:00 UTC.
    """

    def __init__(
        self,
        tracer: Tracer,
        link: str,
        framing: Framing,
        lad: Lad | None = None,
        *,
        pieces: bool = True,
        apdus: bool = False,
        joined: bool = False,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._tracer = tracer
        self._link = link
        self._kind = Level(framing.kind)
        self._device = "" if lad is None else DEVICES[lad]
        self._level = open_level(framing, lad, joined=joined)
        self._pieces = pieces
        self._apdus = apdus
        self._clock = clock

    @property
    def due_ns(self) -> int | None:
        """When to call `tick`, `None` while only bytes matter."""
        return self._level.due_ns

    def heard(self, from_reader: bool, data: bytes) -> None:
        """Take bytes of the line."""
        if data:
            self._tell(self._level.hear(from_reader, data, self._clock()))

    def tick(self) -> None:
        """Let time pass."""
        self._tell(self._level.tick(self._clock()))

    def gone(self) -> None:
        """Tell what is half heard: the line was let go."""
        self._tell(self._level.end())

    def _tell(self, events: list[Event]) -> None:
        tracer, link = self._tracer, self._link
        for event in events:
            match event:
                case Piece(from_reader, data, note, ns):
                    if self._pieces:
                        tracer.piece(link, self._kind, self._device, from_reader, data, note, ns)
                case CommandHeard(lad, apdu, ns) if self._apdus:
                    tracer.command(link, lad, apdu, ns)
                case AnswerHeard(lad, response, ns) if self._apdus:
                    tracer.answer(link, lad, response, ns)
                case ResetHeard(lad, atr, ns) if self._apdus:
                    tracer.reset(link, lad, atr, ns)


class _Ears:
    """One ear for each line of a link."""

    def __init__(self, make: Callable[[Lad | None], LineEar]) -> None:
        self._make = make
        self._ears: dict[Lad | None, LineEar] = {}

    def heard(self, lad: Lad | None, from_reader: bool, data: bytes) -> None:
        ear = self._ears.get(lad)
        if ear is None:
            ear = self._ears[lad] = self._make(lad)
        ear.heard(from_reader, data)

    def gone(self) -> None:
        for ear in self._ears.values():
            ear.gone()


def listen_to(
    transport: Transport,
    tracer: Tracer,
    link: str,
    level: Level | None = None,
    *,
    clock: Callable[[], int] = time.time_ns,
) -> Callable[[], None] | None:
    """Tell a tracer of the blocks and messages by which a transport exchanges its APDUs.

    Return what to call at the end, to be told what is half heard; `None` where there are no bytes to hear, or
    where they are not of the `level` asked for.
    """
    framing = transport.framing
    if framing is None or level not in (None, Level(framing.kind)):
        return None
    ears = _Ears(lambda lad: LineEar(tracer, link, framing, lad, clock=clock))
    transport.overhear(ears.heard)
    return ears.gone


def framing_of(spec: LinkSpec) -> Framing:
    """Return how a served link frames what it carries."""
    from tla_sim.reader_fw.serve.door import t1_settings

    return Framing(_LEVELS[spec.kind].value, t1_settings(spec), spec.slots)
