"""The tap on a simulated reader: it hears the links and the slots, and tells a tracer."""

from __future__ import annotations

from collections.abc import Callable

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.capture.tracer import SLOT, Tracer

_LAD_OF = {Slot.PS: Lad.PS, Slot.VITALE: Lad.VITALE}
_SLOT_OF = {lad: slot for slot, lad in _LAD_OF.items()}


class ReaderTap:
    """Hears all links and slots of a reader from now on, until `close`.

    Before the first command to an addressee on a link comes its answer to reset, even where the link has none
    of its own, such as a serial line. `now_ns` is in ns since 1970-01-01 00:00 UTC, `unheard` names links to
    leave out.
    """

    def __init__(
        self, reader: Reader, tracer: Tracer, now_ns: Callable[[], int], unheard: frozenset[str] = frozenset()
    ) -> None:
        self._reader = reader
        self._tracer = tracer
        self._now_ns = now_ns
        self._unheard = unheard
        self._known: set[tuple[str, Lad]] = set()
        self._slots = _SlotTap(self)
        reader.tap = self
        reader.board.slots.tap = self._slots
        for link, lad, atr in self.resets:
            self.reset(link, lad, atr)

    @property
    def resets(self) -> tuple[tuple[str, Lad, bytes], ...]:
        """Link, addressee and answer to reset of what is in the slots, and of all that was spoken to."""
        inside = [(SLOT, lad) for lad in _SLOT_OF]
        known = [*inside, *(each for each in sorted(self._known) if each[0] != SLOT)]
        return tuple((link, lad, atr) for link, lad in known if (atr := self._atr(lad)))

    def reset(self, link: str, lad: Lad, atr: bytes) -> None:
        """Tell of an answer to reset."""
        if link not in self._unheard:
            self._known.add((link, lad))
            self._tracer.reset(link, lad, atr, self._now_ns())

    def command(self, link: str, lad: Lad, apdu: bytes) -> None:
        """Tell of a command, first of all of the addressee's answer to reset."""
        if link in self._unheard:
            return
        if (link, lad) not in self._known:
            self._known.add((link, lad))
            if atr := self._atr(lad):
                self._tracer.reset(link, lad, atr, self._now_ns())
        self._tracer.command(link, lad, apdu, self._now_ns())

    def answer(self, link: str, lad: Lad, response: bytes | None) -> None:
        """Tell of an answer."""
        if link not in self._unheard:
            self._tracer.answer(link, lad, response, self._now_ns())

    def close(self) -> None:
        """Hear no more."""
        if self._reader.tap is self:
            self._reader.tap = None
        if self._reader.board.slots.tap is self._slots:
            self._reader.board.slots.tap = None

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
