"""The visit: the reader off the cable, driven by cards and keys, seen on its four lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.protocol.errors import StatusError, TlaError
from tla_sim.reader_fw.app.refusal import Refusal
from tla_sim.reader_fw.app.screens.screens import CodeScreen, DegradedList, Home, InvoiceList, Message, Screen
from tla_sim.reader_fw.board.keypad import Key

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.inserted_cards import InsertedPs, InsertedVitale
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.store.invoice_index import Summary


class Visit:
    """The current screen, and what cards, keys and time do to it."""

    def __init__(self, app: LogSv) -> None:
        self.app = app
        self._screen: Screen = Home()
        self._vitale_insertion = 0
        self._ps_insertion = 0
        self.degraded_waiting = 0
        """Degraded documents that the card now in the PS slot may sign without a Vitale."""
        self.card_changed()

    @property
    def now_ms(self) -> int:
        """The board's clock."""
        return self.app.board.clock.now_ms

    def show(self) -> None:
        """Put the current screen on the display."""
        try:
            lines = self._screen.lines(self)
        except TlaError as error:
            self._screen = Message(Home(), "MEMOIRE ILLISIBLE", *_wrapped(error), "VAL")
            lines = self._screen.lines(self)
        self.app.board.display.show(*lines)

    def press(self, key: Key) -> None:
        """A key was pressed."""
        try:
            self._screen = self._screen.press(key, self)
        except TlaError as error:
            self._screen = Message(self.vitale_screen(), "OPERATION REFUSEE", *_wrapped(error), "VAL")
        self.show()

    def tick(self) -> None:
        """Time has passed."""
        self._screen = self._screen.tick(self.now_ms, self)
        self.show()

    def card_changed(self) -> None:
        """A card was put in or taken out."""
        vitale, ps = self.app.cards.vitale_insertion, self.app.cards.ps_insertion
        if vitale != self._vitale_insertion:
            self._screen = self.vitale_screen()
            if not vitale:
                self.degraded_screen()
        elif ps != self._ps_insertion:
            self._screen = self.vitale_screen() if vitale else self.degraded_screen()
        self._vitale_insertion, self._ps_insertion = vitale, ps
        self.show()

    def vitale_screen(self) -> Screen:
        """What the Vitale now in the slot leads to."""
        if not self.app.cards.vitale_insertion:
            return Home()
        try:
            vitale = self.app.cards.vitale()
        except Refusal as refusal:
            return Message(Home(), *_wrapped(refusal), "", "VAL")
        found = self.app.index.find(vitale.beneficiaries)
        if not found:
            return Message(Home(), vitale.name, "AUCUNE FACTURE", "POUR CE PATIENT", "RETIREZ LA CARTE")
        return InvoiceList(found)

    def degraded_screen(self) -> Screen:
        """The owner's degraded documents when only a PS card is in: no Vitale signs those. Else home."""
        self.degraded_waiting = 0
        cards, entries = self.app.cards, self.app.store.entries()
        if not cards.ps_insertion or cards.vitale_insertion:
            return Home()
        if not any(entry.state is InvoiceState.LOADED for entry in entries):
            return Home()
        try:
            ps = self.app.cards.ps()
        except Refusal:
            return Home()
        owners = [each.billing_number for each in ps.situations if ps.owns(each.billing_number)]
        found = self.app.index.degraded(owners) if owners else ()
        self.degraded_waiting = len(found)
        return DegradedList(found) if found else Home()

    def ask_code(self, back: Screen, chosen: Sequence[Summary]) -> Screen:
        """Ask for the code of the PS card, if the cards in the slots may certify at all."""
        try:
            ps = self.app.cards.ps()
            self.app.check_housing()
            self._check_cards(ps, chosen)
            if ps.tries_left() == 0:
                raise Refusal(Status.CODE_BLOCKED)
        except Refusal as refusal:
            if refusal.status is Status.PS_CARD_ABSENT:
                return Message(back, "INSEREZ LA CARTE", "DU PROFESSIONNEL", "", "ANN=RETOUR")
            return Message(back, *_wrapped(refusal), "", "VAL")
        return CodeScreen(back, chosen, ps.name, self.now_ms)

    def _check_cards(self, ps: InsertedPs, chosen: Sequence[Summary]) -> InsertedVitale | None:
        """The Vitale that signs too, `None` for degraded documents. Raises Refusal for unfit cards."""
        if all(each.mode is SecurityMode.DEGRADED for each in chosen):
            self.app.certifier.check_ps(ps)
            return None
        vitale = self.app.cards.vitale()
        self.app.certifier.check_pair(ps, vitale)
        return vitale

    def certify(self, back: Screen, chosen: Sequence[Summary], code: str) -> Screen:
        """Verify the code and certify the chosen documents, those signed kept in one write."""
        from tla_sim.protocol.documents.fse import Fse
        from tla_sim.reader_fw.app.certification import Candidate, certify_each

        app = self.app
        try:
            ps = app.cards.ps()
            vitale = self._check_cards(ps, chosen)
            ps.verify(code)
        except Refusal as refusal:
            if refusal.status is Status.CODE_WRONG:
                tries = refusal.word & 0xF
                if tries == 0:
                    return Message(back, "CODE PORTEUR FAUX", "CARTE PS BLOQUEE", "", "VAL")
                left = f"RESTE {tries} ESSAI{'S' if tries > 1 else ''}"
                return Message(self.ask_code(back, chosen), "CODE PORTEUR FAUX", left, "", "VAL")
            return Message(back, *_wrapped(refusal), "", "VAL")
        candidates = [
            Candidate(summary.key, Fse.parse(app.store.content(summary.key)), summary.beneficiary)
            for summary in chosen
        ]
        signed, refused = certify_each(app.certifier, candidates, ps, vitale)
        app.keep(signed, ps, vitale)
        app.cards.forget_code(ps)
        done = sum(each.candidate.fse.kind is DocumentKind.FSE for each in signed)
        first = f"{done} FACTURE{'S' if done > 1 else ''} SIGNEE{'S' if done > 1 else ''}"
        following = self.degraded_screen() if vitale is None else self.vitale_screen()
        if not refused:
            return Message(following, first, ps.name, "DEGRADEE" if vitale is None else "", "VAL")
        count = f"{len(refused)} REFUSEE{'S' if len(refused) > 1 else ''}"
        return Message(following, first, f"{count:<17}VAL", *_folded(refused[0].status))


def _wrapped(error: TlaError) -> tuple[str, str]:
    status = error.status if isinstance(error, StatusError) else None
    return _folded(status or Status.INTERNAL)


def _folded(status: Status) -> tuple[str, str]:
    """The status's French sentence over two lines of 20, broken at a space."""
    words = status.fr.split()
    first = ""
    while words and len(first) + len(words[0]) < 20:
        first = f"{first} {words.pop(0)}".strip()
    return first, " ".join(words)
