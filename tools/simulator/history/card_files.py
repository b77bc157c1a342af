"""The card files of a recorded reader, which follow it to another moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.names import file_name
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cards.file import SUFFIX, load_image
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader


class CardFiles:
    """Opens each card file as the same chip each time, so that its memory can go back. A card's name is its
    path.

    `open_file` opens a file, `join` makes a card that is written to one. A card of a snapshot whose file is
    not on this machine gets one in `folder`.
    """

    def __init__(
        self,
        reader: RecordedReader,
        folder: Path,
        open_file: Callable[[Path], Card],
        join: Callable[[CardImage, Path], Card],
    ) -> None:
        self._reader = reader
        self._folder = folder
        self._open = open_file
        self._join = join
        self._moved: dict[str, Path] = {}
        reader.chips.make = self._make

    def card(self, file: Path) -> Card:
        """Return the card in a file. Raises as `open_file`."""
        known = self._reader.cards.get(str(file))
        if known is not None:
            with suppress(OSError, TlaError):
                # Somebody else may have written to the file meanwhile: that is another chip, then.
                if load_image(file) == known.image:
                    return known
        return self._open(file)

    @property
    def inside(self) -> dict[Slot, Path]:
        """The files of the cards that are in the slots."""
        return {slot: self._moved.get(name, Path(name)) for slot, name in self._reader.card_names.items()}

    def _make(self, name: str, image: CardImage) -> Card:
        file = Path(name)
        if not (file.is_absolute() and file.parent.is_dir()):
            stem = file_name(file.name.removesuffix(SUFFIX)) or "card"
            file = self._moved[name] = self._folder / f"{stem}{SUFFIX}"
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._join(image, file)
