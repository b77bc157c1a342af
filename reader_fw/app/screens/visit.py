"""The visit: the reader off its cable, driven by cards and keys, seen on its four lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.app.refusal import Refusal
from tla_sim.reader_fw.app.screens.code_entry import CodeEntry
from tla_sim.reader_fw.app.screens.screens import CodeScreen, DegradedList, Detail, Home, InvoiceList, Message
from tla_sim.reader_fw.app.screens.step import (
    AskCode,
    Cancel,
    Certify,
    GoHome,
    Screen,
    ShowActs,
    ShowDegraded,
    ShowPatient,
    Step,
)
from tla_sim.reader_fw.board.display import COLUMNS
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.failure import FirmwareFailure

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.inserted_cards import InsertedPs, InsertedVitale
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.store.invoice_index import Summary


class Visit:
    """The current screen, and what cards, keys and time do to it."""

    def __init__(self, app: LogSv) -> None:
        self._app = app
        self._vitale_insertion = 0
        self._ps_insertion = 0
        # Counted when a card moves, not whenever home is shown, since counting reads the PS card.
        self._degraded_waiting = 0
        self._screen: Screen = self._home()
        self.take_card_change()

    @property
    def until_ms(self) -> int | None:
        """The clock time at which the current screen gives way by itself, `None` if it stays."""
        return self._screen.until_ms

    @property
    def code_entry(self) -> CodeEntry | None:
        """The code porteur that is being typed."""
        return self._screen.entry if isinstance(self._screen, CodeScreen) else None

    def show(self) -> None:
        """Put the current screen on the display."""
        self._app.board.display.show(*self._screen.lines())

    def press(self, key: Key) -> None:
        """Take a key, and show what it leads to."""
        try:
            self._screen = self._carry_out(self._screen.press(key, self._now_ms))
        except TlaError as error:
            self._screen = Message(ShowPatient(), "OPERATION REFUSEE", *_wrap_error(error), "VAL")
        self.show()

    def tick(self) -> None:
        """Let time pass, and show what it leads to."""
        # Called at every tick of the reader, so it must cost nothing before the screen's moment has come.
        until = self._screen.until_ms
        if until is not None and self._now_ms >= until:
            self._screen = self._carry_out(self._screen.tick(self._now_ms))
            self.show()

    def take_card_change(self) -> None:
        """Take note of a card that was inserted or removed, and show what that leads to."""
        vitale, ps = self._app.cards.vitale_insertion, self._app.cards.ps_insertion
        if vitale != self._vitale_insertion:
            if not vitale:
                self._list_degraded()  # for the count that home shows
            self._screen = self._patient()
        elif ps != self._ps_insertion:
            self._screen = self._patient() if vitale else self._list_degraded()
        self._vitale_insertion, self._ps_insertion = vitale, ps
        self.show()

    @property
    def _now_ms(self) -> int:
        return self._app.board.clock.now_ms

    def _carry_out(self, step: Step) -> Screen:
        match step:
            case Screen():
                return step
            case GoHome():
                return self._home()
            case ShowPatient():
                return self._patient()
            case ShowDegraded():
                return self._list_degraded()
            case ShowActs(back, summary, state):
                return self._acts(back, summary, state)
            case Cancel(summary):
                self._app.store.cancel(summary.key)
                return Message(ShowPatient(), "FACTURE ANNULEE", summary.key.number, "", "VAL")
            case AskCode(back, chosen):
                return self._ask_code(back, chosen)
            case Certify(back, chosen, code):
                return self._certify(back, chosen, code)
            case _:
                assert_never(step)

    def _home(self) -> Screen:
        app = self._app
        waiting = sum(entry.state is InvoiceState.LOADED for entry in app.store.entries())
        return Home(str(app.profile.version), app.moment(), self._now_ms, waiting, self._degraded_waiting)

    def _patient(self) -> Screen:
        if not self._app.cards.vitale_insertion:
            return self._home()
        try:
            vitale = self._app.cards.vitale()
        except Refusal as refusal:
            return Message(GoHome(), *_wrap_error(refusal, 3), "VAL")
        found = self._app.index.find(vitale.beneficiaries)
        if not found:
            return Message(GoHome(), vitale.name, "AUCUNE FACTURE", "POUR CE PATIENT", "RETIREZ LA CARTE")
        return InvoiceList(found, self._app.profile.signs_all)

    def _list_degraded(self) -> Screen:
        """Return the list of the degraded documents that the PS card may sign alone, home if there are none.

        Counts them for home as well. Beside a Vitale card there are none, since no Vitale signs those.
        """
        self._degraded_waiting = 0
        cards = self._app.cards
        if not cards.ps_insertion or cards.vitale_insertion:
            return self._home()
        # Looked at first, since it spares reading the PS card, which takes time.
        if not any(entry.state is InvoiceState.LOADED for entry in self._app.store.entries()):
            return self._home()
        try:
            ps = cards.ps()
        except Refusal:
            return self._home()
        owners = [each.billing_number for each in ps.situations if ps.owns(each.billing_number)]
        found = self._app.index.list_degraded(owners) if owners else ()
        self._degraded_waiting = len(found)
        return DegradedList(found, self._app.profile.signs_all) if found else self._home()

    def _acts(self, back: Screen, summary: Summary, state: InvoiceState) -> Screen:
        from tla_sim.protocol.documents.fse import Fse

        try:
            acts = Fse.parse(self._app.store.content(summary.key)).invoice.acts
        except TlaError as error:
            return Message(GoHome(), "MEMOIRE ILLISIBLE", *_wrap_error(error), "VAL")
        return Detail(back, summary, state, acts)

    def _ask_code(self, back: Screen, chosen: tuple[Summary, ...]) -> Screen:
        try:
            ps = self._app.cards.ps()
            self._app.check_housing()
            self._check_cards(ps, chosen)
            if ps.tries_left() == 0:
                raise Refusal(Status.CODE_BLOCKED)
        except Refusal as refusal:
            if refusal.status is Status.PS_CARD_ABSENT:
                return Message(back, "INSEREZ LA CARTE", "DU PROFESSIONNEL", "", "ANN=RETOUR")
            return Message(back, *_wrap_error(refusal, 3), "VAL")
        return CodeScreen(back, chosen, ps.name, CodeEntry(self._now_ms))

    def _check_cards(self, ps: InsertedPs, chosen: Sequence[Summary]) -> InsertedVitale | None:
        """Return the Vitale that signs too, `None` for degraded documents. Raises Refusal for other cards."""
        if all(each.mode is SecurityMode.DEGRADED for each in chosen):
            self._app.certifier.check_ps(ps)
            return None
        vitale = self._app.cards.vitale()
        self._app.certifier.check_pair(ps, vitale)
        return vitale

    def _certify(self, back: Screen, chosen: tuple[Summary, ...], code: str) -> Screen:
        """Verify the code and certify the chosen documents; keep those that were signed, in one write."""
        from tla_sim.protocol.documents.fse import Fse
        from tla_sim.reader_fw.app.certification import Candidate, certify_each

        app = self._app
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
                return Message(AskCode(back, chosen), "CODE PORTEUR FAUX", left, "", "VAL")
            return Message(back, *_wrap_error(refusal, 3), "VAL")
        candidates = [
            Candidate(summary.key, Fse.parse(app.store.content(summary.key)), summary.beneficiary)
            for summary in chosen
        ]
        signed, refused = certify_each(app.certifier, candidates, ps, vitale)
        app.keep(signed, ps, vitale)
        # A code is good for what was shown when it was typed, not for whoever takes the reader next.
        app.cards.forget_code(ps)
        done = sum(each.candidate.fse.kind is DocumentKind.FSE for each in signed)
        first = f"{done} FACTURE{'S' if done > 1 else ''} SIGNEE{'S' if done > 1 else ''}"
        following = ShowDegraded() if vitale is None else ShowPatient()
        if not refused:
            return Message(following, first, ps.name, "DEGRADEE" if vitale is None else "", "VAL")
        count = f"{len(refused)} REFUSEE{'S' if len(refused) > 1 else ''}"
        return Message(following, first, f"{count:<17}VAL", *fold_status(refused[0].status))


def _wrap_error(error: TlaError, count: int = 2) -> tuple[str, ...]:
    status = error.status if isinstance(error, FirmwareFailure) else None
    return fold_status(status or Status.INTERNAL, count)


def fold_status(status: Status, count: int = 2) -> tuple[str, ...]:
    """Return the French sentence of a status on `count` lines, broken at spaces; the last has what is left.

    Three lines of the display hold every sentence, two not all of them.
    """
    words = status.fr.split()
    lines: list[str] = []
    for _ in range(count - 1):
        line = ""
        while words and len(line) + bool(line) + len(words[0]) <= COLUMNS:
            line = f"{line} {words.pop(0)}".strip()
        lines.append(line)
    return (*lines, " ".join(words))
