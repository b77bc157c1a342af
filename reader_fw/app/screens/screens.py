"""The screens off the cable: a patient's invoices, picking, the code porteur, the outcome.

A screen is an object with what it shows and what a key does to it: the key's answer is the next screen. The
visit (`tla_sim.reader_fw.app.screens.visit`) owns the current one and reacts to cards. Layouts are
Project-defined.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.reader_fw.app.screens.code_entry import CodeEntry, Entry
from tla_sim.reader_fw.board.display import fold
from tla_sim.reader_fw.board.keypad import Key

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.screens.visit import Visit
    from tla_sim.reader_fw.app.store.invoice_index import Summary

Lines = tuple[str, ...]
_WIDTH = 20


def _ends(left: str, right: str) -> str:
    """Left text, right text at the right edge; the left one is cut where they meet, as the display spells
    it: an œ takes two places."""
    return fold(left)[: _WIDTH - len(right) - 1].ljust(_WIDTH - len(right)) + right


class Screen:
    """One screen."""

    def lines(self, visit: Visit) -> Lines:
        """What it shows, up to four lines."""
        raise NotImplementedError

    def press(self, _key: Key, _visit: Visit) -> Screen:
        """The screen after a key."""
        return self

    def tick(self, _now_ms: int, _visit: Visit) -> Screen:
        """The screen after time has passed."""
        return self


class Home(Screen):
    """No Vitale in: the reader says what it wants."""

    def lines(self, visit: Visit) -> Lines:
        """Version and clock, what to do, how many invoices wait."""
        app = visit.app
        shown = datetime.fromtimestamp(app.moment() // 1000, UTC)
        waiting = sum(entry.state is InvoiceState.LOADED for entry in app.store.entries())
        return (
            _ends(f"TLA {app.profile.version}", f"{shown:%d/%m %H:%M}"),
            *(
                ("INSEREZ CARTE VITALE", _ends("MENU=DEGRADEES", str(visit.degraded_waiting)))
                if visit.degraded_waiting
                else ("INSEREZ LA CARTE", "VITALE DU PATIENT")
            ),
            _ends("A CERTIFIER", str(waiting)),
        )

    def press(self, key: Key, visit: Visit) -> Screen:
        """MENU leads to what the card in the PS slot may sign without a Vitale."""
        return visit.degraded_screen() if key is Key.MENU else self


class Message(Screen):
    """Something to read; a key, or the given event, leads on."""

    def __init__(self, following: Screen, *lines: str) -> None:
        self._following = following
        self._lines = lines

    def lines(self, visit: Visit) -> Lines:  # noqa: ARG002
        """The message."""
        return self._lines

    def press(self, key: Key, _visit: Visit) -> Screen:
        """VAL or ANN leads on."""
        return self._following if key in (Key.VAL, Key.ANN) else self


class InvoiceList(Screen):
    """The patient's documents by owner, the first entry standing for all that can be certified."""

    mode = SecurityMode.SECURED

    def __init__(self, documents: Sequence[tuple[Summary, InvoiceState]], position: int = 0) -> None:
        self._documents = tuple(documents)
        self._loaded = tuple(
            summary
            for summary, state in self._documents
            if state is InvoiceState.LOADED and summary.mode is self.mode
        )
        self._position = min(position, len(self._documents))

    def heading(self) -> tuple[str, str]:
        """What the first entry says it stands for."""
        return self._documents[0][0].patient_name, "TOUTES LES FACTURES"

    def left(self) -> Screen:
        """What ANN on the first entry leads to."""
        return self

    def lines(self, visit: Visit) -> Lines:
        """One entry: who, which, when and how much."""
        from tla_sim.protocol.documents.invoice import euros

        if self._position == 0:
            total = sum(summary.total for summary in self._loaded if summary.key.kind == DocumentKind.FSE)
            return (
                *self.heading(),
                _ends(f"{len(self._loaded)} A CERTIFIER", euros(total)),
                self._keys(visit),
            )
        summary, state = self._documents[self._position - 1]
        mark = "" if summary.key.kind == DocumentKind.FSE else " DRE"
        if summary.mode is SecurityMode.DEGRADED:
            mark += " D"
        return (
            summary.owner_name,
            _ends(f"{summary.key.number}{mark}", f"{summary.made_on:%d/%m/%y}"),
            _ends(summary.patient_name, euros(summary.total)),
            _ends(f"{self._position}/{len(self._documents)} {_STATE_TEXT[state]}", "MENU"),
        )

    def _keys(self, visit: Visit) -> str:
        if not self._loaded:
            return "HAUT/BAS=CONSULTER"
        return "VAL=SIGNER HAUT/BAS" if visit.app.profile.signs_all else "HAUT/BAS=CHOISIR"

    def press(self, key: Key, visit: Visit) -> Screen:
        """UP and DOWN move, VAL signs, MENU shows the invoice, ANN goes back to the first entry."""
        count = len(self._documents) + 1
        match key:
            case Key.DOWN:
                return type(self)(self._documents, (self._position + 1) % count)
            case Key.UP:
                return type(self)(self._documents, (self._position - 1) % count)
            case Key.ANN:
                return type(self)(self._documents) if self._position else self.left()
            case Key.MENU if self._position:
                return Detail(self, *self._documents[self._position - 1])
            case Key.VAL:
                return self._sign(visit)
            case _:
                return self

    def _sign(self, visit: Visit) -> Screen:
        if self._position == 0 and not visit.app.profile.signs_all:
            return Message(self, "UNE FACTURE", "A LA FOIS", "HAUT/BAS=CHOISIR", "VAL")
        if self._position == 0:
            chosen = self._loaded
        else:
            key = self._documents[self._position - 1][0].key
            # An invoice's DRE goes with its FSE: one code for both.
            chosen = tuple(
                each for each in self._loaded if (each.key.owner, each.key.number) == (key.owner, key.number)
            )
        if not chosen:
            return Message(self, "RIEN A CERTIFIER", "", "", "VAL")
        return visit.ask_code(self, chosen)


class DegradedList(InvoiceList):
    """What the owner's card alone signs: degraded documents, whoever the patient is."""

    mode = SecurityMode.DEGRADED

    def heading(self) -> tuple[str, str]:
        """The first entry stands for all of them."""
        return "FACTURES DEGRADEES", "SANS CARTE VITALE"

    def left(self) -> Screen:
        """ANN leads home, where MENU leads back."""
        return Home()


_STATE_TEXT = {
    InvoiceState.LOADED: "A CERTIFIER",
    InvoiceState.PARTIAL: "PARTIELLE",
    InvoiceState.COMPLETE: "CERTIFIEE",
    InvoiceState.CANCELLED: "ANNULEE",
}


class Detail(Screen):
    """One invoice, act by act."""

    def __init__(self, back: Screen, summary: Summary, state: InvoiceState, position: int = 0) -> None:
        self._back = back
        self._summary = summary
        self._state = state
        self._position = position

    def lines(self, visit: Visit) -> Lines:
        """One act, and what MENU does."""
        from tla_sim.protocol.documents.act import act_text, ccam_text
        from tla_sim.protocol.documents.fse import Fse
        from tla_sim.protocol.documents.invoice import euros
        from tla_sim.protocol.groups.invoice import CcamAct

        acts = Fse.parse(visit.app.store.content(self._summary.key)).invoice.acts
        act = acts[self._position % len(acts)]
        if isinstance(act, CcamAct):
            # All of it takes two lines, and the second has no room for the year.
            named, done = act.code, f"{act.performed_on:%d/%m} {ccam_text(act)}"
        else:
            named, done = act_text(act), f"{act.performed_on:%d/%m/%y}"
        return (
            _ends(self._summary.key.number, euros(self._summary.total)),
            _ends(f"{act.quantity}x{named}", euros(act.amount)),
            _ends(done, f"{self._position % len(acts) + 1}/{len(acts)}"),
            "MENU=ANNULER FACTURE" if self._state is InvoiceState.LOADED else "ANN=RETOUR",
        )

    def press(self, key: Key, visit: Visit) -> Screen:  # noqa: ARG002
        """UP and DOWN turn, ANN goes back, MENU offers to cancel the invoice."""
        match key:
            case Key.DOWN:
                return Detail(self._back, self._summary, self._state, self._position + 1)
            case Key.UP:
                return Detail(self._back, self._summary, self._state, self._position - 1)
            case Key.ANN | Key.VAL:
                return self._back
            case Key.MENU if self._state is InvoiceState.LOADED:
                return ConfirmCancel(self, self._summary)
            case _:
                return self


class ConfirmCancel(Screen):
    """Is the invoice really given up?"""

    def __init__(self, back: Screen, summary: Summary) -> None:
        self._back = back
        self._summary = summary

    def lines(self, visit: Visit) -> Lines:  # noqa: ARG002
        """The question."""
        from tla_sim.protocol.documents.invoice import euros

        return (
            "ANNULER LA FACTURE ?",
            self._summary.key.number,
            euros(self._summary.total),
            "VAL=OUI ANN=NON",
        )

    def press(self, key: Key, visit: Visit) -> Screen:
        """VAL cancels, ANN does not."""
        if key is Key.VAL:
            visit.app.store.cancel(self._summary.key)
            return Message(visit.vitale_screen(), "FACTURE ANNULEE", self._summary.key.number, "", "VAL")
        return self._back if key is Key.ANN else self


class CodeScreen(Screen):
    """The code porteur, a star a digit."""

    def __init__(self, back: Screen, chosen: Sequence[Summary], holder: str, now_ms: int) -> None:
        self._back = back
        self._chosen = tuple(chosen)
        self._holder = holder
        self._entry = CodeEntry(now_ms)

    def lines(self, visit: Visit) -> Lines:  # noqa: ARG002
        """Whose code, and how many digits."""
        return ("CODE PORTEUR", self._holder, self._entry.stars, "VAL  COR  ANN")

    def press(self, key: Key, visit: Visit) -> Screen:
        """Digits, COR and ANN edit; VAL verifies the code and certifies."""
        self._entry.press(key, visit.now_ms)
        return self._after(visit)

    def tick(self, now_ms: int, visit: Visit) -> Screen:
        """No key for 30 s gives up."""
        self._entry.tick(now_ms)
        return self._after(visit)

    def _after(self, visit: Visit) -> Screen:
        match self._entry.state:
            case Entry.DONE:
                return visit.certify(self._back, self._chosen, self._entry.take())
            case Entry.GIVEN_UP:
                return self._back
            case _:
                return self
