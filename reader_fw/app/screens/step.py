"""The steps that keys and time lead to: another screen, or something that the visit carries out first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tla_sim.protocol.documents.invoice_state import InvoiceState
    from tla_sim.reader_fw.app.store.invoice_index import Summary
    from tla_sim.reader_fw.board.keypad import Key

Lines = tuple[str, ...]


class Screen:
    """One screen: what it shows, and what keys and time lead to. It has no access to the reader."""

    @property
    def until_ms(self) -> int | None:
        """When `tick` leads elsewhere, by the board's clock; `None` for never."""
        return None

    def lines(self) -> Lines:
        """Return the text on the display, up to four lines."""
        raise NotImplementedError

    def press(self, _key: Key, _now_ms: int) -> Step:
        """Return what a key leads to."""
        return self

    def tick(self, _now_ms: int) -> Step:
        """Return what time leads to, at `until_ms`."""
        return self


@dataclass(frozen=True)
class GoHome:
    """Show the screen without a Vitale card."""


@dataclass(frozen=True)
class ShowPatient:
    """Show the invoices of the Vitale card now in the slot; go home without one."""


@dataclass(frozen=True)
class ShowDegraded:
    """Show what the PS card may sign alone; go home if there is nothing."""


@dataclass(frozen=True)
class ShowActs:
    """Read a document and show it act by act."""

    back: Screen
    summary: Summary
    state: InvoiceState


@dataclass(frozen=True)
class Cancel:
    """Cancel a document."""

    summary: Summary


@dataclass(frozen=True)
class AskCode:
    """Ask for the code of the PS card, provided that the cards in the slots may certify these documents."""

    back: Screen
    chosen: tuple[Summary, ...]


@dataclass(frozen=True)
class Certify:
    """Verify the code and certify these documents."""

    back: Screen
    chosen: tuple[Summary, ...]
    code: str = field(repr=False)


Step = Screen | GoHome | ShowPatient | ShowDegraded | ShowActs | Cancel | AskCode | Certify
