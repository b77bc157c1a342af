"""How a link frames what it carries, for whoever listens to its bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings

T1: Final = "t1"
CCID: Final = "ccid"
VPCD: Final = "vpcd"


@dataclass(frozen=True, slots=True)
class Framing:
    """What travels on a line: T=1 blocks with these settings, CCID messages for these slots, or vpcd
    messages.

    `kind` is T1, CCID or VPCD. A vpcd link has a line for each of its slots.
    """

    kind: str
    settings: LinkSettings = field(default_factory=LinkSettings)
    slots: tuple[Lad, ...] = (Lad.PS, Lad.VITALE, Lad.LOG_SV)


Overheard = Callable[[Lad | None, bool, bytes], None]
"""Takes bytes of a link, as they are: on the line of which slot (`None` for the only one), whether they come
from the reader, and the bytes. Raises nothing."""
