"""Cut the power at every flash operation of an update to 1.40 with invoices on board.

Afterwards the old software runs, or the new. One reader is fresh from the factory; the other was updated
before, so its bank is erased first. On every image the update is run again to its end, and then a second
owner's invoices are loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.park.update import runs, update_reader
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.firmware import Image
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.software.profiles import TLA_1_31, TLA_1_39
from tla_sim.reader_fw.app.software.profiles.factory import image_of
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.flash_log import FlashLog, Replayer
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import MAYA, PAUL
from tla_sim.tools.explore.people import documents_of
from tla_sim.tools.explore.recording import View, view_of
from tla_sim.tools.explore.world import FLASH_BYTES
from tla_sim.tools.judge.ledger import look
from tla_sim.tools.judge.violation import Violation
from tla_sim.tools.simulator.in_process import in_process
from tla_sim.tools.simulator.live_reader import sound_reader

_SEED: Final = 78
_NEW: Final = image_of(TLA_1_40)


@dataclass(frozen=True)
class _Update:
    """An update without a cut: the software before it, its flash operations, what was on board."""

    old: Image
    replayer: Replayer
    before: View


class UpdateExplorer:
    """Explores the power cuts of both updates, one after the other."""

    def __init__(self) -> None:
        self.runs_old = 0
        self.runs_new = 0
        self._updates = [_record(TLA_1_31), _record(TLA_1_31, TLA_1_39)]
        self._points = [(each, at) for each in self._updates for at in range(len(each.replayer))]

    @property
    def points(self) -> int:
        """The number of program and erase operations of both."""
        return len(self._points)

    def explore(self, point: int) -> tuple[int, list[Sentence]]:
        """Tear one operation in every way. Return the number of ways, and what went wrong."""
        done, operation = self._points[point]
        problems = []
        tears = done.replayer.tears(operation)
        for tear in tears:
            with done.replayer.cut(operation, tear) as flash:
                try:
                    self._judge(flash, done)
                except Violation as error:
                    problems.append(Sentence("{tear}: {problem}", tear=tear.name, problem=error.told))
        return len(tears), problems

    def _judge(self, flash: NorFlash, done: _Update) -> None:
        reader = sound_reader(flash, _SEED)
        try:
            reader.power_on()
            client = _client(reader)
            self._see_version(client, done.old)
            if view_of(look(reader)) != done.before:
                raise Violation("update", "the invoices on board are not what they were")
            _install(client, _NEW)
            load(client, documents_of(PAUL))
        except TlaError as error:
            raise Violation("update", "it ends in {error}", error, error=type(error).__name__) from error
        after = view_of(look(reader))
        if not set(done.before) < set(after):
            raise Violation("update", "after it the invoices of two owners are not on board")

    def _see_version(self, client: ReaderClient, old: Image) -> None:
        """Check that the software before the update or after it runs, whole."""
        if _runs(client, old):
            self.runs_old += 1
        elif _runs(client, _NEW):
            self.runs_new += 1
        else:
            raise Violation("update", "the reader runs neither the old software nor the new")


def _record(*chain: Profile) -> _Update:
    """Record the update of a reader with a chain of versions; the last of them loaded the invoices."""
    image = blank_image(FLASH_BYTES)
    reader = sound_reader(NorFlash(image), _SEED, chain[0])
    reader.power_on()
    client = _client(reader)
    for profile in chain[1:]:
        _install(client, image_of(profile))
    load(client, documents_of(MAYA))
    before = view_of(look(reader))
    log = FlashLog(image)
    reader.board.flash.hooks.append(log)
    _install(client, _NEW)
    return _Update(image_of(chain[-1]), Replayer(log), before)


def _runs(client: ReaderClient, image: Image) -> bool:
    """Return whether the reader says that it runs this image, and has this version's limits."""
    return runs(client, image) and client.identify().max_owners == image.manifest.max_owners


def _install(client: ReaderClient, image: Image) -> None:
    update_reader(client, image, lambda: None, 0)
    if not _runs(client, image):
        raise Violation("update", "it was run to its end, and the reader does not run it")


def _client(reader: Reader) -> ReaderClient:
    return ReaderClient(in_process(reader), SeededEntropy(79).take)
