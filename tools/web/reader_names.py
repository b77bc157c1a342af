"""Names of readers, as they stand in addresses."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from tla_sim.protocol.names import spell_in_ascii

_OTHER: Final = re.compile(r"[^a-z0-9]+")


def name_for(folder: str, taken: Collection[str]) -> str:
    """Return the name of a reader, after the folder that it is kept in, which no other has."""
    stem = _OTHER.sub("-", spell_in_ascii(folder).lower()).strip("-")[:36].strip("-") or "reader"
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
