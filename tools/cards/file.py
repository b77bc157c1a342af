"""Card files: a card's image on disk, written so that no interruption leaves half of one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tla_sim.host.part_file import sweep
from tla_sim.host.regular_file import read_beginning
from tla_sim.host.whole_file import replace_file
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import MAX_IMAGE_BYTES, CardImage, CardImageRefused

SUFFIX: Final = ".card"

Persist = Callable[[bytes], None]
"""The function with which a card writes its image."""


def save_card(path: Path, image: bytes) -> None:
    """Write an image to `path` atomically, readable by its owner only.

    Raises OSError, and then leaves the file as it was.
    """
    replace_file(path, image)


def load_image(path: Path) -> CardImage:
    """Return the image in a card file. Raises OSError, CardImageCorrupted, CardImageNewer."""
    raw = read_beginning(path, MAX_IMAGE_BYTES + 1)
    try:
        return CardImage.parse(raw)
    except CardImageRefused as error:
        raise type(error)("{path}: {reason}", error.action, path=path, reason=error.message) from None


def open_card(path: Path, entropy: Entropy, torn: Callable[[Persist], Persist] = lambda same: same) -> Card:
    """Open the card in a file; its counters are written back to the same file. Raises as `load_image`.

    `torn` may wrap these writes, so that a fault strikes around them. Temporary files that killed programs
    left beside the file are removed.
    """
    sweep(Path(os.path.realpath(path)).parent)
    return Card(load_image(path), entropy, torn(persist_to(path)))


def persist_to(path: Path) -> Persist:
    """Return a card's `persist`, which writes each image to `path` before returning, or raises OSError."""

    def persist(image: bytes) -> None:
        save_card(path, image)

    return persist
