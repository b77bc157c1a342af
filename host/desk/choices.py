"""The choices of an invoice's screen: which are made, which may still be made, and why another may not.

Degraded, its rights and its loading may change until it is on a reader or signed; how its care sheet travels,
until it is in a lot.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.marks import bill_degraded, bill_secured, check_open
from tla_sim.host.desk.pieces import Travel, invoice_to_complete, send_sheet_on_paper
from tla_sim.host.desk.standing import Standing
from tla_sim.host.ledger.desk_model import SECURED, Mark, PieceRole, Rights
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.marks import mark_of
from tla_sim.host.ledger.model import CERTIFIED, LedgerState
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence


class Option(StrEnum):
    """A choice of the screen: to bill it, to bill it degraded, and three that concern degraded billing."""

    BILL = "bill"
    DEGRADED = "degraded"
    TO_LOAD = "to_load"
    ON_PAPER = "on_paper"
    ADR = "rights_adr"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of an invoice: whether it is made, and why it cannot be changed now, empty if it can."""

    option: Option
    chosen: bool
    reason: str = ""

    @property
    def possible(self) -> bool:
        """Whether it can be changed now."""
        return not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Choices to make; `None` leaves one as it is."""

    degraded: bool | None = None
    rights: Rights | None = None
    to_load: bool | None = None
    on_paper: bool | None = None


def choices(ledger: Ledger, invoice: PreparedInvoice, stands: Standing) -> tuple[Choice, ...]:
    """Return the choices of an invoice, in the order of its screen.

    Those that concern degraded billing are as the invoice is marked; for a secured one, as it would be billed
    degraded. Raises `LedgerUnusable`.
    """
    degraded, mark = stands.mark.degraded, stands.mark
    settled = _reason_settled(ledger, invoice, stands)
    on_paper, paper_reason = _sheet(ledger, invoice, stands, settled)
    return (
        Choice(Option.BILL, False, _reason_not_to_bill(stands)),
        Choice(Option.DEGRADED, degraded, settled),
        Choice(Option.TO_LOAD, degraded and mark.to_load, settled),
        Choice(Option.ON_PAPER, on_paper, paper_reason),
        Choice(Option.ADR, degraded and mark.rights == Rights.ADR, settled),
    )


def choose(ledger: Ledger, invoice: PreparedInvoice, wanted: Wanted) -> None:
    """Make choices for an invoice; it is PREPARED in the ledger as soon as one concerns how it is billed.

    Raises `DeskRefused` when a choice cannot be made any more, or concerns degraded billing alone and the
    invoice is secured; `UnknownInvoice`, `ContentDiffers`, and errors of the ledger. Nothing is changed then.
    """
    mark = _marked(ledger, invoice, wanted)
    if (wanted.degraded, wanted.rights, wanted.to_load) == (None, None, None):
        if wanted.on_paper is not None:
            send_sheet_on_paper(ledger, invoice.number, wanted.on_paper, invoice.owner)
    else:
        _bill_as(ledger, invoice, mark)


def mode_chosen(ledger: Ledger, invoice: PreparedInvoice, wanted: Wanted) -> SecurityMode:
    """Return how an invoice would be billed with these choices, without making them.

    Raises `DeskRefused` when one cannot be made, `ContentDiffers`.
    """
    mark = _marked(ledger, invoice, wanted)
    if mark != mark_of(ledger, invoice.owner, invoice.number):
        check_open(ledger, invoice)
    return SecurityMode.DEGRADED if mark.degraded else SecurityMode.SECURED


@contextmanager
def chosen_for_billing(ledger: Ledger, invoice: PreparedInvoice, wanted: Wanted) -> Iterator[None]:
    """Make choices for what is done inside, and put them back when that is refused: an invoice that was not
    billed is marked as before. After a link that failed they stay, as the reader may have certified it.

    Raises as `choose`.
    """
    before = mark_of(ledger, invoice.owner, invoice.number)
    changes = _marked(ledger, invoice, wanted) != before
    if changes:
        choose(ledger, invoice, wanted)
    try:
        yield
    except TlaError as error:
        if changes and error.category is Category.REFUSED:
            with suppress(DeskRefused):  # its FSE is certified, and was so with these choices
                _bill_as(ledger, invoice, before)
        raise


def _marked(ledger: Ledger, invoice: PreparedInvoice, wanted: Wanted) -> Mark:
    """Return the mark that an invoice has once choices are made."""
    mark = mark_of(ledger, invoice.owner, invoice.number)
    degraded = mark.degraded if wanted.degraded is None else wanted.degraded
    if degraded:
        return Mark(
            degraded=True,
            rights=wanted.rights or mark.rights or Rights.PRACTICE,
            to_load=(mark.degraded and mark.to_load) if wanted.to_load is None else wanted.to_load,
            on_paper=mark.on_paper if wanted.on_paper is None else wanted.on_paper,
        )
    if (wanted.rights, wanted.to_load, wanted.on_paper) != (None, None, None):
        raise DeskRefused("Invoice {number} is not degraded", "Bill it degraded first", number=invoice.number)
    return SECURED


def _bill_as(ledger: Ledger, invoice: PreparedInvoice, mark: Mark) -> None:
    if mark.degraded:
        rights = Rights(mark.rights)
        bill_degraded(ledger, invoice, rights, to_load=mark.to_load, on_paper=mark.on_paper)
    elif mark_of(ledger, invoice.owner, invoice.number).degraded:
        bill_secured(ledger, invoice)


def _reason_settled(ledger: Ledger, invoice: PreparedInvoice, stands: Standing) -> str:
    certified = _reason_certified(stands)
    if certified:
        return certified
    if LedgerState.LOADED in (state for _, state in stands.documents):
        return Sentence(
            "It is in a reader; to bill it degraded, give it up on its keys (▼ to it, MENU,"
            " MENU=ANNULER FACTURE, VAL), then unload"
        )
    try:
        check_open(ledger, invoice)
    except DeskRefused as error:
        return error.message
    return ""


def _reason_not_to_bill(stands: Standing) -> str:
    if LedgerState.CANCELLED in (state for _, state in stands.documents):
        return Sentence(
            "It was given up on the round; bill it degraded, or correct it under its number and load it again"
        )
    return _reason_certified(stands)


def _reason_certified(stands: Standing) -> str:
    states = [state for _, state in stands.documents]
    if not all(state in CERTIFIED for state in states):
        return ""
    if LedgerState.PARTIAL in states:
        return Sentence("It is partially secured already, and waits for its owner's final signature")
    return Sentence("It is certified already; how it is billed cannot change any more")


def _sheet(ledger: Ledger, invoice: PreparedInvoice, stands: Standing, settled: str) -> tuple[bool, str]:
    """Return whether the care sheet is printed, and why that cannot be chosen."""
    degraded = stands.mode is SecurityMode.DEGRADED
    if not degraded and settled:
        return False, Sentence("Only a degraded invoice has a care sheet")
    for piece in stands.pieces:
        if piece.role is PieceRole.CARE_SHEET:
            return False, Sentence("It was scanned and travels as {name}", name=piece.name)
    if not stands.signs:
        name = f"{invoice.ps.last_name} {invoice.ps.first_name}".rstrip()
        return True, Sentence("{name} has no digitised signature", name=name)
    if degraded and settled:
        try:
            invoice_to_complete(ledger, invoice.number, invoice.owner)
        except DeskRefused as error:
            return stands.sheet is Travel.PAPER, error.message
    return degraded and stands.mark.on_paper, ""
