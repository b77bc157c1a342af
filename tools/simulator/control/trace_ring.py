"""The newest exchanges with a reader, without any code porteur."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.trace import blank_code
from tla_sim.tools.simulator.control.ring import Part, Ring

LOOK_PORT: Final = "look"
"""The name of the cable by which a control's own onlookers ask. It is in no trace and no recorded session."""
MAX_EXCHANGES: Final = 10_000
"""How many exchanges are kept (Project-defined)."""


@dataclass(frozen=True, slots=True)
class TracedExchange:
    """One exchange. `link` is the name of the cable that it came by; `response` is `None` if none was given.

    `number` counts from 1; `clock_ms` and `ended_ms` are the reader's clock at its begin and end. The
    command's data are blanked to FF where they would be a code porteur.
    """

    number: int
    clock_ms: int
    ended_ms: int
    link: str
    lad: Lad
    command: bytes = dataclasses.field(repr=False)
    response: bytes | None = dataclasses.field(repr=False)

    @property
    def ms(self) -> int:
        """The milliseconds of the reader's clock that it took."""
        return max(self.ended_ms - self.clock_ms, 0)


_Kept = tuple[int, int, str, Lad, bytes, bytes | None]


class TraceRing:
    """The newest exchanges, in the order in which they ended."""

    def __init__(self, most: int = MAX_EXCHANGES) -> None:
        self._ring: Ring[_Kept] = Ring(most)

    @property
    def last(self) -> int:
        """The number of the newest exchange, 0 before the first."""
        return self._ring.last

    def add(
        self, link: str, lad: Lad, command: bytes, response: bytes | None, started_ms: int, ended_ms: int
    ) -> int:
        """Keep an exchange, its code blanked, and return its number."""
        # As a plain tuple, since most are never looked at.
        return self._ring.add((started_ms, ended_ms, link, lad, blank_code(lad, command), response))

    def after(self, number: int, limit: int | None = None) -> Part[TracedExchange]:
        """Return the exchanges with a number above `number`, the oldest first, at most `limit`."""
        part = self._ring.after(number, limit)
        first = part.next - len(part.items) + 1
        return Part(
            tuple(TracedExchange(at, *kept) for at, kept in enumerate(part.items, first)),
            part.missed,
            part.next,
        )

    def get(self, number: int) -> TracedExchange | None:
        """Return the exchange of a number, `None` when it is not kept."""
        kept = self._ring.get(number)
        return None if kept is None else TracedExchange(number, *kept)

    def clear(self) -> None:
        """Forget every exchange; the numbers go on."""
        self._ring.clear()
