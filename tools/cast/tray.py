"""The tray: card files of a practice by their holders' last names."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from tla_sim.host.practice.model import Practice
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.tools.cards.file import SUFFIX, save_card
from tla_sim.tools.cards.issue import slug
from tla_sim.tools.cast.cards import Cast


class CardTray:
    """Card files in a folder, each issued when it is first asked for, with the shipped test keys."""

    def __init__(self, practice: Practice, folder: Path) -> None:
        self._practice = practice
        self._folder = folder

    def path(self, last_name: str) -> Path:
        """The file of a card, the same one each time. Raises UnknownCard, OSError."""
        path = self._folder / f"{slug(last_name)}{SUFFIX}"
        if not path.exists():
            image = self._cast.named(last_name).image.build()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            save_card(path, image)
        return path

    @cached_property
    def _cast(self) -> Cast:
        return Cast(self._practice, SeededEntropy(0))
