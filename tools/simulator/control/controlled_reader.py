"""The readers that a control has: in memory or on a state directory, each with its tray of cards."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Final

from tla_sim.host.practice.model import Practice
from tla_sim.reader_fw.app.software.profile import Profile
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import Entropy, SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cards.file import SUFFIX
from tla_sim.tools.faults.cards import FaultyCard
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.control.tray import Tray, TrayCard, kind_of
from tla_sim.tools.simulator.control.trays import DirectoryTray, MemoryTray
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader
from tla_sim.tools.simulator.kept_reader import KeptReader, open_card_file
from tla_sim.tools.simulator.live_reader import LiveReader

TRAY: Final = "cards"
"""The folder of a state directory that holds the cards of its tray."""
_FLASH_BYTES: Final = 2 * 1024 * 1024


class ControlledReader(LiveReader):
    """A live reader with a tray, switched on. A card is named as in the tray, or by its file."""

    def __init__(self, reader: RecordedReader, strikes: Strikes, tray: Tray) -> None:
        super().__init__(reader, strikes)
        self.reader: RecordedReader = reader
        self.tray = tray
        self._names: dict[Slot, str | Path] = {}

    @property
    def kept(self) -> Path | None:
        """The state directory, `None` in memory."""
        return None

    @property
    def inside(self) -> dict[Slot, str | Path]:
        """The cards in the slots. One that a fault pulled out is not."""
        slots = self.reader.board.slots
        return {slot: name for slot, name in self._names.items() if slots.card(slot) is not None}

    @property
    def cards(self) -> tuple[TrayCard, ...]:
        """The cards of the tray, and those in the slots that are not of it."""
        inside = {name: slot for slot, name in self.inside.items()}
        return (
            *(self.tray.card(name, inside.get(name)) for name in self.tray),
            *(_stranger(path, slot) for path, slot in inside.items() if isinstance(path, Path)),
        )

    def card_in(self, slot: Slot) -> TrayCard | None:
        """Return the card in a slot, `None` for an empty one."""
        name = self.inside.get(slot)
        if name is None:
            return None
        return _stranger(name, slot) if isinstance(name, Path) else self.tray.card(name, slot)

    def insert(self, slot: Slot, card: str | Path) -> None:
        """Put a card in. Raises UnknownCard, SlotOccupied, CardFileUnreadable."""
        name = card if isinstance(card, Path) else self.tray.find(card)
        # Known before, since rules may act on what it shows before this ends.
        self._names[slot] = name
        try:
            self._put(slot, name)
        except BaseException:
            del self._names[slot]
            raise

    @abstractmethod
    def find_cards(self) -> None:
        """Find out which cards are in the slots after the reader went to another moment."""

    @abstractmethod
    def _put(self, slot: Slot, card: str | Path) -> None:
        """Put the card of a name in the tray, or of a file, into an empty slot."""


class ReaderInMemory(ControlledReader):
    """A reader that leaves nothing on disk."""

    def __init__(
        self, practice: Practice, seed: int, moment: int, profile: Profile, strikes: Strikes
    ) -> None:
        self._entropy: Entropy = SeededEntropy(seed)
        board = assemble_board(moment, self._entropy, NorFlash(blank_image(_FLASH_BYTES)))
        reader = RecordedReader(board, strikes, profile, seed)
        reader.power_on()
        self._chips = MemoryTray(practice, self._entropy, reader.tear_writes)
        super().__init__(reader, strikes, self._chips)

    def _put(self, slot: Slot, card: str | Path) -> None:
        if isinstance(card, Path):
            self.reader.insert(slot, open_card_file(card, self._entropy, self.reader.tear_writes))
        else:
            self.reader.insert(slot, self._chips.chip(card), card)

    def find_cards(self) -> None:
        """Find out which cards are in the slots, and take those of another machine into the tray."""
        for name, chip in self.reader.cards.items():
            self._chips.adopt(name, chip)
        slots = self.reader.board.slots
        for slot in Slot:
            card = slots.card(slot)
            known = self._chips.name_of(card.card) if isinstance(card, FaultyCard) else None
            if known is not None:
                self._names[slot] = known


class ReaderInDirectory(ControlledReader):
    """A reader on its state directory, switched on; cards of the tray are files in its subdirectory."""

    def __init__(self, kept: KeptReader, practice: Practice, strikes: Strikes) -> None:
        assert isinstance(kept.reader, RecordedReader)
        self._kept = kept
        self._files = DirectoryTray(practice, kept.directory.path / TRAY)
        super().__init__(kept.reader, strikes, self._files)
        self.find_cards()

    @property
    def kept(self) -> Path | None:
        """The state directory."""
        return self._kept.directory.path

    def remove(self, slot: Slot) -> None:
        """Take the card out; the slot stays empty when this program ends."""
        self._kept.remove(slot)

    def power(self, on: bool) -> None:
        """Switch on or off. Off is a power cut: only the flash contents survive. Raises StateDamaged."""
        if on:
            self._kept.power_on()
        else:
            super().power(False)
            self._kept.directory.sync()

    def close(self) -> None:
        """Switch the reader off and release its directory."""
        self._kept.close()

    def find_cards(self) -> None:
        """Find out which cards are in the slots."""
        self._names = {slot: self._files.named(path) or path for slot, path in self._kept.cards.items()}

    def _put(self, slot: Slot, card: str | Path) -> None:
        self._kept.insert(slot, card if isinstance(card, Path) else self._files.path(card))


def _stranger(path: Path, slot: Slot) -> TrayCard:
    from tla_sim.tools.cards.file import load_image

    name = path.name.removesuffix(SUFFIX)
    return TrayCard(name, kind_of(load_image(path)), name, slot, uploaded=True)
