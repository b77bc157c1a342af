"""Trays whose cards live in memory, or in files of a reader's state directory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tla_sim.host.practice.model import Practice
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage, CardImageRefused
from tla_sim.tools.cards.file import SUFFIX, load_image
from tla_sim.tools.cast.cards import Cast, UnknownCard
from tla_sim.tools.cast.tray import CardTray
from tla_sim.tools.simulator.control.tray import Tray

Persist = Callable[[bytes], None]


class MemoryTray(Tray):
    """Cards that leave nothing on disk: a name stands for the same chip each time."""

    def __init__(self, practice: Practice, entropy: Entropy, torn: Callable[[], Persist]) -> None:
        super().__init__(practice)
        self._entropy = entropy
        self._torn = torn
        cards = Cast(practice, entropy, persist=torn()).cards
        self._chips: dict[str, Card] = {name: cards[self._place(name)] for name in self}

    def chip(self, name: str) -> Card:
        """Return the chip of a card by its name in the tray."""
        return self._chips[name]

    def adopt(self, given: str, chip: Card) -> None:
        """Let a name stand for this chip from now on; a name that is not known becomes one of the tray."""
        stem = Path(given).name.removesuffix(SUFFIX)
        try:
            name = self.find(stem)
        except UnknownCard:
            name = stem
            self._know(name, chip.image)
        self._chips[name] = chip

    def name_of(self, chip: object) -> str | None:
        """Return the name of a chip, `None` for one that is not of the tray."""
        return next((name for name, known in self._chips.items() if known is chip), None)

    def _keep(self, name: str, image: CardImage) -> None:
        self._chips[name] = Card(image, self._entropy, self._torn())

    def _forget(self, name: str) -> None:
        del self._chips[name]


class DirectoryTray(Tray):
    """Cards in the files of a folder, each issued on first use, those of other people included."""

    def __init__(self, practice: Practice, folder: Path) -> None:
        super().__init__(practice)
        self._files = CardTray(practice, folder)
        self._last_names = {name: last for last, name in reversed(self._by_last_name.items())}
        own = {self._file(name) for name in self}
        for file in sorted(folder.glob(f"*{SUFFIX}")):
            if file.name not in own:
                with suppress(OSError, CardImageRefused):
                    self._know(file.name.removesuffix(SUFFIX), load_image(file))

    def path(self, name: str) -> Path:
        """Return the file of a card by its name in the tray. Raises OSError."""
        place = self._place(name)
        if place < 0:
            return self._files.folder / f"{name}{SUFFIX}"
        last = self._last_names.get(name)
        return self._files.path_at(place, name) if last is None else self._files.path(last)

    def named(self, path: Path) -> str | None:
        """Return the name in the tray of the card in a file, `None` for one that is not of the tray."""
        if path.parent.resolve() != self._files.folder.resolve():
            return None
        return next((name for name in self if self._file(name) == path.name), None)

    def _file(self, name: str) -> str:
        last = self._last_names.get(name) if self._place(name) >= 0 else None
        return f"{name if last is None else self._files.stem(last)}{SUFFIX}"

    def _keep(self, name: str, image: CardImage) -> None:
        self._files.save(name, image.build())

    def _forget(self, name: str) -> None:
        (self._files.folder / f"{name}{SUFFIX}").unlink(missing_ok=True)
