"""The screens of a reader off its cable: a patient's invoices, the choice, the code porteur, the outcome.

A screen is a value that knows what it shows and what each key leads to. The visit
(`tla_sim.reader_fw.app.screens.visit`) owns the current one, carries out its steps and reacts to cards.
Layouts are Project-defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Final

from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.reader_fw.app.screens.code_entry import CodeEntry, Entry
from tla_sim.reader_fw.app.screens.step import (
    AskCode,
    Cancel,
    Certify,
    GoHome,
    Lines,
    Screen,
    ShowActs,
    ShowDegraded,
    Step,
)
from tla_sim.reader_fw.board.display import fold
from tla_sim.reader_fw.board.keypad import Key

if TYPE_CHECKING:
    from tla_sim.protocol.documents.act import BilledAct
    from tla_sim.reader_fw.app.store.invoice_index import Summary

_WIDTH: Final = 20
_MINUTE_MS: Final = 60_000


def _justify(left: str, right: str) -> str:
    """Return a line with `right` at its right edge and as much of `left` as fits before it."""
    # Folded before it is cut, since the display spells some letters with two: œ takes two places.
    return fold(left)[: _WIDTH - len(right) - 1].ljust(_WIDTH - len(right)) + right


@dataclass(frozen=True)
class Home(Screen):
    """The screen without a Vitale card: the reader asks for one.

    `moment` is the reader's date and time when the board's clock showed `since_ms`; `degraded` counts the
    documents that the card in the PS slot may sign without a Vitale.
    """

    version: str
    moment: int
    since_ms: int
    waiting: int
    degraded: int

    @property
    def until_ms(self) -> int:
        """When the minute that it shows is over."""
        return self.since_ms + _MINUTE_MS - self.moment % _MINUTE_MS

    def lines(self) -> Lines:
        """Return version and clock, what to do, and how many invoices wait."""
        shown = datetime.fromtimestamp(self.moment // 1000, UTC)
        return (
            _justify(f"TLA {self.version}", f"{shown:%d/%m %H:%M}"),
            *(
                ("INSEREZ CARTE VITALE", _justify("MENU=DEGRADEES", str(self.degraded)))
                if self.degraded
                else ("INSEREZ LA CARTE", "VITALE DU PATIENT")
            ),
            _justify("A CERTIFIER", str(self.waiting)),
        )

    def press(self, key: Key, _now_ms: int) -> Step:
        """Lead to what the card in the PS slot may sign without a Vitale, on MENU."""
        return ShowDegraded() if key is Key.MENU else self

    def tick(self, _now_ms: int) -> Step:
        """Lead to home as it is in the next minute."""
        return GoHome()


class Message(Screen):
    """Something to read until a key leads on."""

    def __init__(self, following: Step, *lines: str) -> None:
        self._following = following
        self._lines = lines

    def lines(self) -> Lines:
        """Return the message."""
        return self._lines

    def press(self, key: Key, _now_ms: int) -> Step:
        """Lead on, on VAL or ANN."""
        return self._following if key in (Key.VAL, Key.ANN) else self


@dataclass(frozen=True)
class InvoiceList(Screen):
    """The patient's documents by owner. The first entry stands for all that can be certified.

    With `signs_all` they can all be signed at once from that entry.
    """

    documents: tuple[tuple[Summary, InvoiceState], ...]
    signs_all: bool
    position: int = 0

    mode: ClassVar = SecurityMode.SECURED

    def heading(self) -> tuple[str, str]:
        """Return the two lines above the first entry."""
        return self.documents[0][0].patient_name, "TOUTES LES FACTURES"

    def leave(self) -> Step:
        """Return what ANN leads to from the first entry."""
        return self

    @property
    def _loaded(self) -> tuple[Summary, ...]:
        return tuple(
            summary
            for summary, state in self.documents
            if state is InvoiceState.LOADED and summary.mode is self.mode
        )

    def lines(self) -> Lines:
        """Return one entry: owner, number, date, patient and amount."""
        from tla_sim.protocol.documents.invoice import euros

        if self.position == 0:
            loaded = self._loaded
            # A DRE bills a part of the same invoice to another insurer: counted too, that would be twice.
            total = sum(summary.total for summary in loaded if summary.key.kind == DocumentKind.FSE)
            return (
                *self.heading(),
                _justify(f"{len(loaded)} A CERTIFIER", euros(total)),
                self._keys(),
            )
        summary, state = self.documents[self.position - 1]
        mark = "" if summary.key.kind == DocumentKind.FSE else " DRE"
        if summary.mode is SecurityMode.DEGRADED:
            mark += " D"
        return (
            summary.owner_name,
            _justify(f"{summary.key.number}{mark}", f"{summary.made_on:%d/%m/%y}"),
            _justify(summary.patient_name, euros(summary.total)),
            _justify(f"{self.position}/{len(self.documents)} {_STATE_TEXT[state]}", "MENU"),
        )

    def _keys(self) -> str:
        if not self._loaded:
            return "HAUT/BAS=CONSULTER"
        return "VAL=SIGNER HAUT/BAS" if self.signs_all else "HAUT/BAS=CHOISIR"

    def press(self, key: Key, _now_ms: int) -> Step:
        """Move on UP and DOWN, sign on VAL, show the invoice on MENU, go to the first entry on ANN."""
        count = len(self.documents) + 1
        match key:
            case Key.DOWN:
                return replace(self, position=(self.position + 1) % count)
            case Key.UP:
                return replace(self, position=(self.position - 1) % count)
            case Key.ANN:
                return replace(self, position=0) if self.position else self.leave()
            case Key.MENU if self.position:
                return ShowActs(self, *self.documents[self.position - 1])
            case Key.VAL:
                return self._sign()
            case _:
                return self

    def _sign(self) -> Step:
        if self.position == 0 and not self.signs_all:
            return Message(self, "UNE FACTURE", "A LA FOIS", "HAUT/BAS=CHOISIR", "VAL")
        chosen = self._loaded
        if self.position:
            key = self.documents[self.position - 1][0].key
            # An invoice's DRE goes with its FSE: one code for both.
            chosen = tuple(
                each for each in chosen if (each.key.owner, each.key.number) == (key.owner, key.number)
            )
        return AskCode(self, chosen) if chosen else Message(self, "RIEN A CERTIFIER", "", "", "VAL")


class DegradedList(InvoiceList):
    """The degraded documents of all patients, which the owner's card signs alone."""

    mode = SecurityMode.DEGRADED

    def heading(self) -> tuple[str, str]:
        """Return the two lines above the first entry."""
        return "FACTURES DEGRADEES", "SANS CARTE VITALE"

    def leave(self) -> Step:
        """Lead home, from where MENU leads back."""
        return GoHome()


_STATE_TEXT = {
    InvoiceState.LOADED: "A CERTIFIER",
    InvoiceState.PARTIAL: "PARTIELLE",
    InvoiceState.COMPLETE: "CERTIFIEE",
    InvoiceState.CANCELLED: "ANNULEE",
}


@dataclass(frozen=True)
class Detail(Screen):
    """One invoice, act by act."""

    back: Screen
    summary: Summary
    state: InvoiceState
    acts: Sequence[BilledAct]
    position: int = 0

    def lines(self) -> Lines:
        """Return one act, and what MENU does."""
        from tla_sim.protocol.documents.act import act_text, ccam_text
        from tla_sim.protocol.documents.invoice import euros
        from tla_sim.protocol.groups.invoice import CcamAct

        act = self.acts[self.position]
        if isinstance(act, CcamAct):
            # A CCAM act takes two lines, and the second has no room for the year.
            named, done = act.code, f"{act.performed_on:%d/%m} {ccam_text(act)}"
        else:
            named, done = act_text(act), f"{act.performed_on:%d/%m/%y}"
        return (
            _justify(self.summary.key.number, euros(self.summary.total)),
            _justify(f"{act.quantity}x{named}", euros(act.amount)),
            _justify(done, f"{self.position + 1}/{len(self.acts)}"),
            "MENU=ANNULER FACTURE" if self.state is InvoiceState.LOADED else "ANN=RETOUR",
        )

    def press(self, key: Key, _now_ms: int) -> Step:
        """Move on UP and DOWN, go back on ANN, offer to cancel the invoice on MENU."""
        match key:
            case Key.DOWN:
                return replace(self, position=(self.position + 1) % len(self.acts))
            case Key.UP:
                return replace(self, position=(self.position - 1) % len(self.acts))
            case Key.ANN | Key.VAL:
                return self.back
            case Key.MENU if self.state is InvoiceState.LOADED:
                return ConfirmCancel(self, self.summary)
            case _:
                return self


@dataclass(frozen=True)
class ConfirmCancel(Screen):
    """The question whether the invoice is really cancelled."""

    back: Screen
    summary: Summary

    def lines(self) -> Lines:
        """Return the question."""
        from tla_sim.protocol.documents.invoice import euros

        return (
            "ANNULER LA FACTURE ?",
            self.summary.key.number,
            euros(self.summary.total),
            "VAL=OUI ANN=NON",
        )

    def press(self, key: Key, _now_ms: int) -> Step:
        """Cancel the invoice on VAL, go back on ANN."""
        match key:
            case Key.VAL:
                return Cancel(self.summary)
            case Key.ANN:
                return self.back
            case _:
                return self


@dataclass(frozen=True)
class CodeScreen(Screen):
    """The entry of the code porteur, one star per digit."""

    back: Screen
    chosen: tuple[Summary, ...]
    holder: str
    entry: CodeEntry

    @property
    def until_ms(self) -> int:
        """When the entry is given up."""
        return self.entry.deadline_ms

    def lines(self) -> Lines:
        """Return whose code is asked for, and a star per digit."""
        return ("CODE PORTEUR", self.holder, self.entry.stars, "VAL  COR  ANN")

    def press(self, key: Key, now_ms: int) -> Step:
        """Edit the code on digits, COR and ANN; verify it and certify on VAL."""
        self.entry.press(key, now_ms)
        return self._after()

    def tick(self, now_ms: int) -> Step:
        """Give up when no key was pressed for 30 s."""
        self.entry.tick(now_ms)
        return self._after()

    def _after(self) -> Step:
        match self.entry.state:
            case Entry.DONE:
                return Certify(self.back, self.chosen, self.entry.take())
            case Entry.GIVEN_UP:
                return self.back
            case _:
                return self
