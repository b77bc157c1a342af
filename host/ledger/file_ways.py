"""The ways by which files leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tla_sim.protocol.sentence import Sentence

FOLDER: Final = Sentence("folder")
MAIL: Final = Sentence("mail")
PROGRAM: Final = Sentence("program")
"""The ways, as the ledger notes them."""

_WORDS: Final[Mapping[str, Sentence]] = {
    FOLDER: Sentence("into a folder"),
    MAIL: Sentence("by e-mail"),
    PROGRAM: Sentence("by a program"),
}


def way_word(way: str) -> str:
    """Return how people say a way; empty for a file that has none yet."""
    return _WORDS.get(way, "")
