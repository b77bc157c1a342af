"""Flip single bits in used sectors of the flash: no content may be silently wrong, no other record lost.

A flip either changes nothing that can be seen, or shows as a typed error that names a record. Most are
corrected (`tla_sim.reader_fw.board.page_code`, and the mirrored sectors of the key store).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.store.sealing import RecordDamaged
from tla_sim.reader_fw.board.flash import NorFlash
from tla_sim.reader_fw.board.flash_log import lend
from tla_sim.tools.explore.recording import Recording, StageStart
from tla_sim.tools.faults.flash import flip_bit, used_sectors
from tla_sim.tools.judge.violation import said
from tla_sim.tools.simulator.live_reader import sound_reader


class RotExplorer:
    """Flips bits of the flash as it was when a stage began."""

    def __init__(self, recording: Recording, start: StageStart) -> None:
        self._flash = NorFlash(bytearray(start.image))
        self._sectors = used_sectors(self._flash)
        self._expected = dict.fromkeys(recording.views[start.moment.request])
        self._contents = recording.contents
        self._counter = start.moment.counter
        self.lost = 0

    def explore(self, numbers: Sequence[int]) -> Iterator[tuple[str, int]]:
        """Flip each bit alone while the reader is off. Yield each violation with its bit's number."""
        for number in numbers:
            flip_bit(self._flash, self._sectors, number)
            try:
                with lend(self._flash):
                    problem = self._judge()
            finally:
                flip_bit(self._flash, self._sectors, number)
            if problem:
                yield problem, number

    def _judge(self) -> str:
        """Start a reader on the flash as it is. Return what is wrong with it, empty if nothing."""
        reader = sound_reader(self._flash, 9)
        try:
            reader.power_on()
        except TlaError as error:
            return Sentence("one flipped bit keeps the reader from starting: {reason}", reason=said(error))
        store = reader.app.store
        missing = []
        try:
            for document, state, content_digest in self._expected:
                entry = store.entry(document)
                if entry is None:
                    missing.append(document.name)
                    continue
                try:
                    content = store.content(document)
                except RecordDamaged:
                    missing.append(document.name)
                    continue
                if entry.state is not state or content != self._contents[content_digest]:
                    return Sentence("{document} changed silently", document=document.name)
            self.lost += len(missing)
            if missing and not store.list_damaged():
                return Sentence("{document} is lost and nothing reports it", document=missing[0])
            if len(missing) > 1:
                return Sentence("one flipped bit lost {count} documents", count=len(missing))
            if store.counter < self._counter:
                return Sentence("the counter went back to {counter}", counter=store.counter)
        finally:
            reader.power_off()
        return ""
