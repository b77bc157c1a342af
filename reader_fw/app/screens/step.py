"""What a key or the time leads to: another screen, or something that the visit carries out first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tla_sim.protocol.documents.invoice_state import InvoiceState
    from tla_sim.reader_fw.app.store.invoice_index import Summary
    from tla_sim.reader_fw.board.keypad import Key

Lines = tuple[str, ...]


class Screen:
    """One screen: what it shows, and what keys and time lead to. It has no hold on the reader.

    `until_ms` is the moment of the board's clock at which `tick` leads elsewhere, `None` for never: until
    then nothing needs to be looked at.
    """

    @property
    def until_ms(self) -> int | None:
        """When time changes it."""
        return None

    def lines(self) -> Lines:
        """Return what it shows, up to four lines."""
        raise NotImplementedError

    def press(self, _key: Key, _now_ms: int) -> Step:
        """Return what a key leads to."""
        return self

    def tick(self, _now_ms: int) -> Step:
        """Return what it comes to at `until_ms`."""
        return self


@dataclass(frozen=True)
class GoHome:
    """Show what the reader wants."""


@dataclass(frozen=True)
class ShowPatient:
    """Show what the Vitale now in the slot leads to; home without one."""


@dataclass(frozen=True)
class ShowDegraded:
    """Show what the PS card alone may sign; home if there is nothing."""


@dataclass(frozen=True)
class ShowActs:
    """Read a document and show it act by act."""

    back: Screen
    summary: Summary
    state: InvoiceState


@dataclass(frozen=True)
class Cancel:
    """Give a document up."""

    summary: Summary


@dataclass(frozen=True)
class AskCode:
    """Ask for the code of the PS card, if the cards in the slots may certify these documents at all."""

    back: Screen
    chosen: tuple[Summary, ...]


@dataclass(frozen=True)
class Certify:
    """Verify the code and certify these documents."""

    back: Screen
    chosen: tuple[Summary, ...]
    code: str = field(repr=False)


Step = Screen | GoHome | ShowPatient | ShowDegraded | ShowActs | Cancel | AskCode | Certify
