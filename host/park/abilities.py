"""The capabilities of a reader in words."""

from __future__ import annotations

from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.sentence import Sentence

_IN_WORDS = {
    Capability.PARTIAL_CERTIFICATION: Sentence("partial certification"),
    Capability.MULTI_OWNER: Sentence("several owners at a time"),
    Capability.DESK_CERTIFICATION: Sentence("certification at the desk"),
    Capability.DRE: "DRE",
    Capability.UPDATE: Sentence("update over the cable"),
}


def abilities(mask: int) -> list[str]:
    """Return the capabilities of a mask, each in words."""
    return [text for capability, text in _IN_WORDS.items() if mask & capability]
