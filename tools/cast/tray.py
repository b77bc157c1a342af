"""The tray: a practice's card files, by their holders' last names."""

from __future__ import annotations

from binascii import crc32
from functools import cached_property
from pathlib import Path

from tla_sim.host.practice.model import Practice
from tla_sim.protocol.names import compose_name, file_name
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.tools.cards.file import SUFFIX, save_card
from tla_sim.tools.cast.cards import Cast


class CardTray:
    """Card files in a folder, each issued on first use, with the shipped test keys."""

    def __init__(self, practice: Practice, folder: Path) -> None:
        self._practice = practice
        self._folder = folder

    def path(self, last_name: str) -> Path:
        """Return the path of a card file, issued if it does not exist. Raises UnknownCard, OSError."""
        path = self._folder / f"{self.stem(last_name)}{SUFFIX}"
        if not path.exists():
            image = self._cast.named(last_name).image.build()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            save_card(path, image)
        return path

    @staticmethod
    def stem(last_name: str) -> str:
        """Return the name of the file of a holder's card, without suffix."""
        return _stem(compose_name(last_name))

    def path_at(self, place: int, stem: str) -> Path:
        """Return the file `stem` with the card at a place in the order of `card_orders`, issued on first use.

        Raises OSError.
        """
        path = self._folder / f"{stem}{SUFFIX}"
        if not path.exists():
            self.save(stem, self._cast.cards[place].image.build())
        return path

    def save(self, stem: str, image: bytes) -> Path:
        """Write a card's image into the file `stem` and return its path. Raises OSError."""
        path = self._folder / f"{stem}{SUFFIX}"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        save_card(path, image)
        return path

    @property
    def folder(self) -> Path:
        """The folder of the card files, which need not exist yet."""
        return self._folder

    @cached_property
    def _cast(self) -> Cast:
        return Cast(self._practice, SeededEntropy(0))


def _stem(last_name: str) -> str:
    """Return the stem of a file name. A checksum keeps two names apart that differ in lost letters only."""
    stem = file_name(last_name)
    return stem if stem == last_name.lower() else f"{stem}-{crc32(last_name.encode()):08x}"
