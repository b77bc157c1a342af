"""The card files of a recorded reader, which follow it to another moment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.names import file_name
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.tools.cards.file import SUFFIX, load_image
from tla_sim.tools.faults.cards import FaultyCard
from tla_sim.tools.simulator.history.recorded_reader import RecordedReader


class CardFiles:
    """Opens each card file as the same chip each time, so that its memory can go back.

    In the history a card is called by the name of its file, without the folder, and with a number where two
    files have the same. `known` says which file each name stands for, and `keep` is called when that changes.
    `open_file` opens a file, `join` makes a card that is written to one. A card of a snapshot is written to
    the file that its name stands for only if that file holds this very card, or is a missing one in `folder`.
    Otherwise it gets a new file in `folder`.
    """

    def __init__(
        self,
        reader: RecordedReader,
        folder: Path,
        known: Mapping[str, Path],
        keep: Callable[[dict[str, Path]], None],
        open_file: Callable[[Path], Card],
        join: Callable[[CardImage, Path], Card],
    ) -> None:
        self._reader = reader
        self._folder = folder
        self._known = dict(known)
        self._keep = keep
        self._open = open_file
        self._join = join
        self._opened: list[tuple[Card, Path]] = []
        reader.chips.make = self._make

    def name(self, file: Path) -> str:
        """Return the name of a card file in the history."""
        for name, known in self._known.items():
            if known == file:
                return name
        # What is no text in the name of the file cannot be part of the history.
        whole = file.name.encode("utf-8", "replace").decode()
        stem, suffix = Path(whole).stem, file.suffix
        names = (whole if number == 1 else f"{stem}-{number}{suffix}" for number in count(1))
        name = next(free for free in names if free not in self._known)
        self._stand(name, file)
        return name

    def card(self, file: Path) -> Card:
        """Return the card in a file. Raises as `open_file`."""
        for card, known in reversed(self._opened):
            if known == file:
                with suppress(OSError, TlaError):
                    # Somebody else may have written to the file meanwhile: that is another chip, then.
                    if load_image(file) == card.image:
                        return card
                break
        card = self._open(file)
        self._opened.append((card, file))
        return card

    @property
    def inside(self) -> dict[Slot, Path]:
        """The files of the cards that are in the slots."""
        slots = self._reader.board.slots
        cards = {slot: card.card for slot in Slot if isinstance(card := slots.card(slot), FaultyCard)}
        return {slot: file for slot, inside in cards.items() for card, file in self._opened if card is inside}

    def _make(self, name: str, image: CardImage) -> Card:
        file = self._known.get(name)
        if file is None or not self._may_write(file, image):
            file = self._new_file(name, image)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._stand(name, file)
        card = self._join(image, file)
        self._opened.append((card, file))
        return card

    def _stand(self, name: str, file: Path) -> None:
        self._known[name] = file
        self._keep(dict(self._known))

    def _may_write(self, file: Path, image: CardImage) -> bool:
        # Whatever became of the file since: what is in it now is not lost to a card of the past.
        inside = file.parent == self._folder and file.suffix == SUFFIX
        return _holds(file, image) or (inside and not os.path.lexists(file))

    def _new_file(self, name: str, image: CardImage) -> Path:
        stem = file_name(name.removesuffix(SUFFIX)) or "card"
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
