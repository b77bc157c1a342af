"""What happens at a running reader, handed to everybody who follows it."""

from __future__ import annotations

from typing import Protocol

from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.live.follower import Follower
from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
from tla_sim.tools.capture.tracer import Tracer


class Tap(Protocol):
    """Hears a reader while it has tracers."""

    def add(self, tracer: Tracer, *, introduced: bool = False, levels: frozenset[Level] = ...) -> None:
        """Tell a tracer from now on, first of all the answers to reset unless it was `introduced`.

        `levels` are those that it wants below the APDUs.
        """

    def want(self, tracer: Tracer, levels: frozenset[Level]) -> None:
        """Tell a tracer of these levels below the APDUs from now on."""

    def remove(self, tracer: Tracer) -> None:
        """Tell a tracer no more."""

    def introduce(self, tracer: Tracer) -> None:
        """Tell a tracer the answers to reset of what is in the slots."""


class LiveFeed:
    """A tracer for any number of followers. It is a tracer of the reader's tap only while somebody
    follows: with no follower, the reader does not notice it.

    `levels` are those below the APDUs that somebody wants.
    """

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._following: dict[Follower, tuple[Tracer, frozenset[Level]]] = {}
        self.followed = False
        self.levels: frozenset[Level] = frozenset()

    def add(self, follower: Follower, levels: frozenset[Level]) -> None:
        """Let a follower have what happens from now on, with these levels below the APDUs."""
        tracer = PcapngTracer(follower.write)
        self._following[follower] = tracer, levels
        self._count()
        self._tap.introduce(tracer)

    def remove(self, follower: Follower) -> None:
        """Tell a follower nothing any more."""
        self._following.pop(follower, None)
        self._count()

    def reset(self, link: str, lad: Lad, atr: bytes, ns: int) -> None:
        """Report an answer to reset."""
        for tracer, _ in self._following.values():
            tracer.reset(link, lad, atr, ns)

    def command(self, link: str, lad: Lad, apdu: bytes, ns: int) -> None:
        """Report a command."""
        for tracer, _ in self._following.values():
            tracer.command(link, lad, apdu, ns)

    def answer(self, link: str, lad: Lad, response: bytes | None, ns: int) -> None:
        """Report the answer to the last command, `None` if none came."""
        for tracer, _ in self._following.values():
            tracer.answer(link, lad, response, ns)

    def piece(
        self, link: str, level: Level, device: str, from_reader: bool, data: bytes, note: str, ns: int
    ) -> None:
        """Report a block or message below the APDUs to those who asked for its level."""
        for tracer, levels in self._following.values():
            if level in levels:
                tracer.piece(link, level, device, from_reader, data, note, ns)

    def close(self) -> None:
        """Tell nobody anything any more."""
        following, self._following = self._following, {}
        self._count()
        for tracer, _ in following.values():
            tracer.close()

    def _count(self) -> None:
        followed, self.followed = self.followed, bool(self._following)
        self.levels = frozenset[Level]().union(*(levels for _, levels in self._following.values()))
        if self.followed and followed:
            self._tap.want(self, self.levels)
        elif self.followed:
            self._tap.add(self, introduced=True, levels=self.levels)
        elif followed:
            self._tap.remove(self)
