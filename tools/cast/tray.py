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
        path = self._folder / f"{_stem(compose_name(last_name))}{SUFFIX}"
        if not path.exists():
            image = self._cast.named(last_name).image.build()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            save_card(path, image)
        return path

    @cached_property
    def _cast(self) -> Cast:
        return Cast(self._practice, SeededEntropy(0))


def _stem(last_name: str) -> str:
    """Return the stem of a file name. A checksum keeps two names apart that differ in lost letters only."""
    stem = file_name(last_name)
    return stem if stem == last_name.lower() else f"{stem}-{crc32(last_name.encode()):08x}"
