"""What a link sees of the reader, and what the serving loop sees of a link."""

from __future__ import annotations

from typing import Protocol

from tla_sim.protocol.lad import Lad


class LinkPort(Protocol):
    """One link's way to the reader: one command at a time, answered when the reader's clock says so."""

    def begin(self, lad: Lad, apdu: bytes) -> None:
        """Start a command for Log_SV or the card in a slot. Raises ExchangeAbandoned when off."""

    def poll(self) -> bytes | None:
        """Return the response APDU once the reader's clock has reached `due_ms`, else `None`."""

    @property
    def due_ms(self) -> int | None:
        """Reader clock, in ms, at which to poll again; `None` when nothing is pending."""

    def abort(self) -> None:
        """Drop the pending command; no answer follows."""

    def reset(self) -> None:
        """A new host may be on this link: its session ends."""

    def detach(self) -> None:
        """The cable comes out."""


class SlotPort(LinkPort, Protocol):
    """A LinkPort that also shows the contacts: what a link needs that presents the reader as card slots."""

    def insertion(self, lad: Lad) -> int:
        """Return the number of the card's insertion, 0 for an empty slot; Log_SV is always in."""

    @property
    def movements(self) -> int:
        """A number that changes whenever what `insertion` says may have changed."""

    def power_on(self, lad: Lad) -> bytes:
        """Activate the contacts or reset; the answer to reset, empty for an empty slot."""

    def power_off(self, lad: Lad) -> None:
        """Deactivate the contacts."""


class Now(Protocol):
    """A clock that can be read."""

    @property
    def now_ms(self) -> int:
        """The present moment in ms."""


class Link(Protocol):
    """One way into the reader as a pure machine: bytes in, bytes out, on the reader's clock."""

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the host; the bytes to send back now."""

    def tick(self) -> bytes:
        """The reader's clock has moved; the bytes to send now."""

    @property
    def wake_at(self) -> int | None:
        """Reader clock, in ms, at which to call `tick`; `None` when only bytes can make something happen."""

    def hang_up(self) -> None:
        """The host went away, or the reader lost its power: forget it, its command and its session."""
