"""The tap on a simulated reader: it hears the links and the slots, and tells a tracer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.tracer import SLOT, SeveralTracers, Tracer

Levels = frozenset[Level]
NO_LEVELS: Final[Levels] = frozenset()
_LAD_OF = {Slot.PS: Lad.PS, Slot.VITALE: Lad.VITALE}
_SLOT_OF = {lad: slot for slot, lad in _LAD_OF.items()}


class ReaderTap:
    """Hears all links and slots of a reader while it has tracers; without any it costs the reader nothing.

    Before the first command to an addressee on a link comes its answer to reset, even where the link has none
    of its own, such as a serial line. `now_ns` is in ns since 1970-01-01 00:00 UTC, `unheard` names links to
    leave out.
    """

    def __init__(
        self, reader: Reader, now_ns: Callable[[], int], unheard: frozenset[str] = frozenset()
    ) -> None:
        self._reader = reader
        self.now_ns = now_ns
        self._unheard = unheard
        self._levels: dict[int, Levels] = {}
        # No set: the hash of a Level costs more than to look at all three.
        self._wanted: tuple[Level, ...] = ()
        # By link, then indexed by Lad, whose hash costs more than all the rest.
        self._known: dict[str, list[bool]] = {}
        self._tracers: tuple[Tracer, ...] = ()
        self._tracer: Tracer = SeveralTracers()
        self._slots = _SlotTap(self)

    def add(self, tracer: Tracer, *, introduced: bool = False, levels: Levels = NO_LEVELS) -> None:
        """Tell a tracer from now on, first of all the answers to reset unless it was `introduced`.

        `levels` are those that it wants below the APDUs.
        """
        self.want(tracer, levels)
        self._have((*self._tracers, tracer))
        if not introduced:
            self.introduce(tracer)

    def remove(self, tracer: Tracer) -> None:
        """Tell a tracer no more."""
        self._levels.pop(id(tracer), None)
        self._count_levels()
        self._have(tuple(each for each in self._tracers if each is not tracer))

    def want(self, tracer: Tracer, levels: Levels) -> None:
        """Tell a tracer of these levels below the APDUs from now on."""
        self._levels[id(tracer)] = levels
        self._count_levels()

    def introduce(self, tracer: Tracer) -> None:
        """Tell a tracer the answers to reset of what is in the slots, and of all that was spoken to."""
        ns = self.now_ns()
        known = [(SLOT, lad) for lad in _SLOT_OF]
        known += [
            (link, lad)
            for link, told in sorted(self._known.items())
            for lad in Lad
            if link != SLOT and told[lad]
        ]
        for link, lad in known:
            if atr := self._atr(lad):
                self._know(link, lad)
                tracer.reset(link, lad, atr, ns)

    def reset(self, link: str, lad: Lad, atr: bytes) -> None:
        """Tell of an answer to reset."""
        if link not in self._unheard:
            self._know(link, lad)
            self._tracer.reset(link, lad, atr, self.now_ns())

    def command(self, link: str, lad: Lad, apdu: bytes) -> None:
        """Tell of a command, first of all of the addressee's answer to reset."""
        told = self._known.get(link)
        if told is None or not told[lad]:
            if link in self._unheard:
                return
            if atr := self._atr(lad):
                self.reset(link, lad, atr)
        self._tracer.command(link, lad, apdu, self.now_ns())

    def answer(self, link: str, lad: Lad, response: bytes | None) -> None:
        """Tell of an answer."""
        if link not in self._unheard:
            self._tracer.answer(link, lad, response, self.now_ns())

    def wants(self, level: Level) -> bool:
        """Return whether somebody wants this level."""
        return level in self._wanted

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        """Tell of a block or message, blanked already, those who want its level."""
        for each in self._tracers:
            if level in self._levels[id(each)]:
                each.piece(link, level, device, from_reader, data, note, ns)

    def close(self) -> None:
        """Tell nobody any more."""
        self._levels.clear()
        self._count_levels()
        self._have(())

    def _know(self, link: str, lad: Lad) -> None:
        self._known.setdefault(link, [False] * len(Lad))[lad] = True

    def _count_levels(self) -> None:
        self._wanted = tuple(NO_LEVELS.union(*self._levels.values()))

    def _have(self, tracers: tuple[Tracer, ...]) -> None:
        self._tracers = tracers
        self._tracer = tracers[0] if len(tracers) == 1 else SeveralTracers(*tracers)
        self._reader.tap = self if tracers else None
        self._reader.board.slots.tap = self._slots if tracers else None

    def _atr(self, lad: Lad) -> bytes:
        slot = _SLOT_OF.get(lad)
        if slot is None:
            return LOG_SV_ATR
        card = self._reader.board.slots.card(slot)
        return b"" if card is None else card.atr


class _SlotTap:
    """Hears the slots, as a link of their own."""

    def __init__(self, tap: ReaderTap) -> None:
        self._tap = tap

    def reset(self, slot: Slot, atr: bytes) -> None:
        self._tap.reset(SLOT, _LAD_OF[slot], atr)

    def command(self, slot: Slot, apdu: bytes) -> None:
        self._tap.command(SLOT, _LAD_OF[slot], apdu)

    def answer(self, slot: Slot, response: bytes) -> None:
        self._tap.answer(SLOT, _LAD_OF[slot], response)
