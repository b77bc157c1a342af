"""The card files of a recorded reader, which follow it to another moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count
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

    `open_file` opens a file, `join` makes a card that is written to one. A card of a snapshot is written to
    the file that the snapshot names only if that file holds this very card, or is a missing one in `folder`.
    Otherwise the card gets a new file in `folder`, as it always does with `at_home`, for the cards of another
    reader.
    """

    at_home = False

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
        if not self._may_write(file, image):
            file = self._moved[name] = self._new_file(file, image)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._join(image, file)

    def _may_write(self, file: Path, image: CardImage) -> bool:
        # What a snapshot says is not to be trusted: it may come from another reader, or from anybody.
        if not file.is_absolute():
            return False
        inside = file.parent == self._folder and file.suffix == SUFFIX
        if self.at_home and not inside:
            return False
        return _holds(file, image) or (inside and not os.path.lexists(file))

    def _new_file(self, file: Path, image: CardImage) -> Path:
        stem = file_name(file.name.removesuffix(SUFFIX)) or "card"
        names = (f"{stem}{SUFFIX}" if number == 1 else f"{stem}-{number}{SUFFIX}" for number in count(1))
        return next(
            free
            for free in map(self._folder.joinpath, names)
            if not os.path.lexists(free) or _holds(free, image)
        )


def _holds(file: Path, image: CardImage) -> bool:
    """Return whether a file holds a card that was issued as this one was."""
    try:
        return not file.is_symlink() and load_image(file).contents == image.contents
    except (OSError, TlaError, ValueError):
        return False
