"""What the practice cannot do with a reader now, and why: told before it is tried, as the attempt would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tla_sim.host.documents import DocumentOnBoard
from tla_sim.host.ledger.model import TO_SEND, LedgerState
from tla_sim.host.round.sign import never_signs
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import Category, StatusError, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.simulator.control.tray import CardKind
from tla_sim.tools.web.surgery.overview import Standing
from tla_sim.tools.web.surgery.share import ReaderSeen, Share
from tla_sim.tools.web.surgery.work import Action


class NothingToDo(TlaError):
    """There is nothing that the practice could do this with."""

    category = Category.REFUSED


@dataclass(frozen=True, slots=True)
class Case:
    """All that decides what the practice can do with a reader. `name` is what the server calls it."""

    name: str
    seen: ReaderSeen
    share: Share
    documents: Sequence[Standing]

    @property
    def others(self) -> str:
        """The readers that have documents of the practice, by name, or by serial number."""
        return ", ".join(dict.fromkeys(each.reader or each.serial for each in self.share.elsewhere))

    def count(self, *states: LedgerState) -> int:
        """Return how many documents of the practice are in one of these states."""
        return sum(each.state in states for each in self.documents)


def hindrances(case: Case) -> Mapping[Action, TlaError]:
    """Return why each of load, unload, sign and transmit cannot be done now; those that can are missing."""
    found = {
        Action.LOAD: _to_load(case),
        Action.UNLOAD: _to_unload(case),
        Action.SIGN: _to_sign(case),
        Action.TRANSMIT: _to_transmit(case),
    }
    return {action: first for action, each in found.items() if (first := next(each, None)) is not None}


def _to_load(case: Case) -> Iterator[TlaError]:
    share = case.share
    if not case.count(LedgerState.PREPARED):
        if share.loaded and share.held is not None and len(share.held) >= share.loaded:
            yield NothingToDo(
                "Everything is on {reader} already",
                "Unplug the cable for the visit, or bring back",
                reader=case.name,
            )
        elif share.elsewhere and not share.loaded:
            yield NothingToDo(
                "The invoices are on {readers}",
                "Go on there, or bring them back first",
                readers=case.others,
            )
        elif not share.loaded:
            yield NothingToDo("Nothing is left to load", "Prepare an invoice first")
    yield from _kept_away(case)
    if case.seen.tampered:
        yield StatusError(Status.TAMPERED)


def _to_unload(case: Case) -> Iterator[TlaError]:
    share = case.share
    if not share.loaded and share.elsewhere:
        yield NothingToDo(
            "Nothing is on {reader}", "Bring back from {readers}", reader=case.name, readers=case.others
        )
    elif not share.loaded:
        yield NothingToDo("Nothing is on {reader}", "Load it first", reader=case.name)
    yield from _kept_away(case)
    if share.held is not None and not _certified(share.held):
        yield NothingToDo("No invoice on {reader} is certified", "Visit the patients first", reader=case.name)
    if case.seen.ps is None:
        yield StatusError(Status.PS_CARD_ABSENT)


def _to_sign(case: Case) -> Iterator[TlaError]:
    waiting = dict.fromkeys(each.owner_name for each in case.documents if each.state is LedgerState.PARTIAL)
    if not waiting:
        share = case.share
        on_board = share.loaded and (share.held is None or _certified(share.held))
        yield NothingToDo(
            "Nothing waits for a final signature",
            Sentence("Bring back what is certified first")
            if on_board
            else Sentence("It takes what another's card certified"),
        )
    yield from _kept_away(case)
    card = case.seen.ps
    if card is None:
        yield StatusError(Status.PS_CARD_ABSENT)
    elif card.kind is not CardKind.CPS:
        yield never_signs(card.holder, card.kind.upper())
    elif not card.uploaded and card.holder not in waiting:
        # Whose invoices an uploaded card signs is known only once it is read.
        names = ", ".join(waiting)
        yield NothingToDo(
            "Nothing waits for the signature of {holder}",
            Sentence("Insert the CPS of {names}", names=names)
            if len(waiting) == 1
            else Sentence("Insert one after the other the CPS of: {names}", names=names),
            holder=card.holder,
        )


def _to_transmit(case: Case) -> Iterator[TlaError]:
    if not case.count(*TO_SEND):
        yield NothingToDo("Nothing is ready to send", "Bring back and sign first")


def _kept_away(case: Case) -> Iterator[TlaError]:
    if case.seen.kept_away is not None:
        yield case.seen.kept_away


def _certified(held: Sequence[DocumentOnBoard]) -> int:
    counts = Counter(each.state for each in held)
    return sum(counts[each] for each in (InvoiceState.PARTIAL, InvoiceState.COMPLETE, InvoiceState.CANCELLED))
