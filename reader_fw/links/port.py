"""The interfaces between links and their surroundings: the reader behind, the serving loop in front."""

from __future__ import annotations

from typing import Protocol

from tla_sim.protocol.lad import Lad


class LinkPort(Protocol):
    """One link's access to the reader: one command at a time, answered when the reader's clock says so."""

    def begin(self, lad: Lad, apdu: bytes) -> None:
        """Start a command for Log_SV or the card in a slot. Raises ExchangeAbandoned when off."""

    def poll(self) -> bytes | None:
        """Return the response APDU once the reader's clock has reached `due_ms`, else `None`."""

    @property
    def due_ms(self) -> int | None:
        """The reader's clock, in ms, at which to poll again; `None` when nothing is pending."""

    def abort(self) -> None:
        """Drop the pending command, which gets no answer."""

    def reset(self) -> None:
        """End the session, since another host may be on this link."""

    def detach(self) -> None:
        """Unplug the cable."""


class SlotPort(LinkPort, Protocol):
    """A LinkPort with access to the contacts, for links that present the reader as card slots."""

    def insertion(self, lad: Lad) -> int:
        """Return the number of the card's insertion, 0 for an empty slot; Log_SV is always in."""

    @property
    def movements(self) -> int:
        """A number that changes whenever what `insertion` says may have changed."""

    def power_on(self, lad: Lad) -> bytes:
        """Activate the contacts or reset, and return the answer to reset, empty for an empty slot."""

    def select_protocol(self, lad: Lad, number: int) -> None:
        """Have the card answer this link in T=`number`, which its ATR offers, until `power_on`."""

    def power_off(self, lad: Lad) -> None:
        """Deactivate the contacts."""


class LinkTap(Protocol):
    """Hears what passes the reader's links, for traces. What it hears of a card's code is in clear."""

    def reset(self, link: str, lad: Lad, atr: bytes) -> None:
        """Hear an answer to reset that a link was given."""

    def command(self, link: str, lad: Lad, apdu: bytes) -> None:
        """Hear a command, before it is carried out."""

    def answer(self, link: str, lad: Lad, response: bytes | None) -> None:
        """Hear the answer to the last command of a link, `None` when none will come."""


class Now(Protocol):
    """A clock that can be read."""

    @property
    def now_ms(self) -> int:
        """The present moment in ms."""


class Link(Protocol):
    """A link into the reader as a pure machine: bytes in, bytes out, on the reader's clock."""

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the host, and return the bytes to send back now."""

    def tick(self) -> bytes:
        """Let time pass up to the reader's clock, and return the bytes to send now."""

    @property
    def wake_at(self) -> int | None:
        """The reader's clock, in ms, at which to call `tick`; `None` while only bytes matter."""

    def hang_up(self) -> None:
        """Forget the host, its command and its session: it went away, or the reader lost power."""
