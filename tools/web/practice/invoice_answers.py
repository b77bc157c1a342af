"""What the routes of invoices take and give. Amounts in cents, days in ISO 8601."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from tla_sim.host.desk.billing import BillingPlan
from tla_sim.host.desk.choices import Choice, Wanted
from tla_sim.host.desk.invoices import DeskInvoice
from tla_sim.host.desk.standing import Standing
from tla_sim.host.desk.summary import OPTIONS, Section, summary
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.desk_model import Piece, PieceRole, Rights
from tla_sim.host.ledger.model import LedgerState
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import VerifiedFse
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.language import Language
from tla_sim.tools.language.summary_words import say_summary
from tla_sim.tools.language.words import word_in
from tla_sim.tools.web.api.model import Given, Told
from tla_sim.tools.web.practice.invoice_words import where_it_stands
from tla_sim.tools.web.spoken import say
from tla_sim.tools.web.surgery.answers import CardOrder, Kind, Say, State, WhyNot, state_word, why_not

Mode = Literal["secured", "degraded"]
RightsWord = Literal["practice", "adr"]
OptionWord = Literal["bill", "degraded", "to_load", "on_paper", "rights_adr"]
RoleWord = Literal["prescription", "care-sheet", "other"]


class DocumentState(Told):
    """A document of an invoice, and its state; `null` while the ledger does not have it."""

    kind: Kind
    state: State | None


class InvoiceLine(Told):
    """An invoice of the list. `stands` says in words where it is; `to_load`: it goes into the TLA."""

    owner: str
    owner_name: str
    number: str
    patient: str
    recipient: str
    date: date
    total: int
    mode: Mode
    to_load: bool
    documents: list[DocumentState]
    stands: str


class OwnerCount(Told):
    """An owner, and how many of its invoices the list has."""

    owner: str
    name: str
    count: int


class InvoicesNow(Told):
    """A window of the list: `count` lines in all, their `total` in cents, and their owners."""

    count: int
    total: int
    start: int
    lines: list[InvoiceLine]
    owners: list[OwnerCount]


class SummaryLine(Told):
    """A label and its value."""

    label: str
    value: str


class SummarySection(Told):
    """A part of the summary: its title, and the labels with values that stand in each row. The notice's
    screen lacks one that is `added`."""

    title: str
    rows: list[list[SummaryLine]]
    added: bool


class ChoiceNow(Told):
    """A choice of the screen; `reason` says why it cannot be changed now."""

    name: OptionWord
    label: str
    chosen: bool
    possible: bool
    reason: str


class DreLine(Told):
    """A line of the table of DREs."""

    number: str
    date: date
    state: str
    mode: str


class PieceNow(Told):
    """A document that is attached; `digest` (SHA-256, hex) names its content."""

    digest: str
    name: str
    pages: int
    size: int
    role: RoleWord
    left_out: list[int]


class InvoiceNow(Told):
    """The summary of an invoice, with its choices.

    `sections` have neither the choices nor the DREs, which come by themselves. `care_sheet`: it is degraded,
    and so has one to print.
    """

    owner: str
    owner_name: str
    number: str
    patient: str
    mode: Mode
    stands: str
    documents: list[DocumentState]
    sections: list[SummarySection]
    dres: list[DreLine]
    dre_columns: list[str]
    choices: list[ChoiceNow]
    pieces: list[PieceNow]
    care_sheet: bool


class ChoicesOrder(Given):
    """Choices to make; what is left out stays as it is."""

    degraded: bool | None = None
    rights: RightsWord | None = None
    to_load: bool | None = None
    on_paper: bool | None = None

    @property
    def wanted(self) -> Wanted:
        """The same in the host's words."""
        return Wanted(
            degraded=self.degraded,
            rights=None if self.rights is None else _RIGHTS[self.rights],
            to_load=self.to_load,
            on_paper=self.on_paper,
        )


class BillOrder(CardOrder):
    """An invoice to certify at the desk. `partially` says whether it may be certified partially, which is
    asked when it is left out. `choices` are made together with it."""

    partially: bool | None = None
    choices: ChoicesOrder = ChoicesOrder()


class BillingNow(Told):
    """How an invoice would be certified with the cards in the slots: how far, and with whose card.

    `problem` says why it cannot be; then the others are empty.
    """

    way: Literal["complete", "partial", "degraded"] | None
    holder: str
    problem: WhyNot | None


class BillingWays(Told):
    """How an invoice would be certified now, billed in either mode."""

    secured: BillingNow
    degraded: BillingNow


class BillAnswer(Told):
    """What was certified. `billed` is false when a partial certification was not wanted.

    `waits_for` is the owner whose final signature is missing, empty for none.
    """

    billed: bool
    number: str
    state: Literal["partial", "complete"] | None
    kinds: list[Kind]
    signers: list[str]
    waits_for: str


def invoices_now(found: Sequence[DeskInvoice], start: int, limit: int, language: Language) -> InvoicesNow:
    """Word a window of the list."""
    names = {each.owner: each.owner_name for each in found}
    counts = dict.fromkeys(names, 0)
    for each in found:
        counts[each.owner] += 1
    return InvoicesNow(
        count=len(found),
        total=sum(each.total for each in found),
        start=start,
        lines=[_line(each, language) for each in found[start : start + limit]],
        owners=[OwnerCount(owner=owner, name=names[owner], count=count) for owner, count in counts.items()],
    )


def invoice_now(
    documents: Sequence[OutgoingDocument],
    stands: Standing,
    choices: Sequence[Choice],
    *,
    in_lot: bool,
    reader: str,
    language: Language,
) -> InvoiceNow:
    """Word an invoice's summary."""
    invoice = documents[0].invoice
    sections = summary(invoice, stands, lambda state: word_in(state, language))
    shown = [each for each in sections if each.title not in _APART]
    owner_name = _name(invoice.ps.last_name, invoice.ps.first_name)
    where = where_it_stands(
        stands.documents,
        stands.mode,
        to_load=stands.mark.to_load,
        in_lot=in_lot,
        owner_name=owner_name,
        reader=reader,
    )
    return InvoiceNow(
        owner=invoice.owner,
        owner_name=owner_name,
        number=invoice.number,
        patient=_name(invoice.patient.last_name, invoice.patient.first_name),
        mode=_mode(stands.mode),
        stands=say(where, language),
        documents=_documents(stands.documents),
        sections=[_section(each, language) for each in shown],
        dres=_dres(invoice, stands, language),
        dre_columns=[say_summary(each, language) for each in _DRE_COLUMNS],
        choices=[_choice(each, language) for each in choices],
        pieces=[_piece(each) for each in stands.pieces],
        care_sheet=stands.mode is SecurityMode.DEGRADED and stands.documents[0][1] is not None,
    )


def billing_now(found: BillingPlan | TlaError, say: Say) -> BillingNow:
    """Word how an invoice would be certified, or why it cannot be."""
    if isinstance(found, TlaError):
        return BillingNow(way=None, holder="", problem=why_not(found, say))
    return BillingNow(way=found.way.value, holder=found.holder.name, problem=None)


def bill_answer(number: str, owner_name: str, done: Sequence[VerifiedFse]) -> BillAnswer:
    """Word what was certified, nothing if it was not wanted."""
    if not done:
        return BillAnswer(billed=False, number=number, state=None, kinds=[], signers=[], waits_for="")
    partial = done[0].state is InvoiceState.PARTIAL
    return BillAnswer(
        billed=True,
        number=number,
        state="partial" if partial else "complete",
        kinds=[_KINDS[each.fse.kind] for each in done],
        signers=["Vitale" if each.profile is CardProfile.VITALE else each.name for each in done[0].signers],
        waits_for=owner_name if partial else "",
    )


def _line(each: DeskInvoice, language: Language) -> InvoiceLine:
    where = where_it_stands(
        each.states,
        each.mode,
        to_load=each.to_load,
        in_lot=each.in_lot,
        owner_name=each.owner_name,
        reader=each.reader,
    )
    return InvoiceLine(
        owner=each.owner,
        owner_name=each.owner_name,
        number=each.number,
        patient=each.patient,
        recipient=each.recipient,
        date=each.made_on,
        total=each.total,
        mode=_mode(each.mode),
        to_load=each.to_load,
        documents=_documents(each.states),
        stands=say(where, language),
    )


def _documents(states: Sequence[tuple[DocumentKind, LedgerState | None]]) -> list[DocumentState]:
    return [
        DocumentState(kind=_KINDS[kind], state=None if state is None else state_word(state))
        for kind, state in states
    ]


def _section(section: Section, language: Language) -> SummarySection:
    return SummarySection(
        title=say_summary(section.title, language),
        rows=[
            [
                SummaryLine(label=say_summary(label, language), value=say_summary(value, language))
                for label, value in row
            ]
            for row in section.rows
        ],
        added=section.added,
    )


def _dres(invoice: PreparedInvoice, stands: Standing, language: Language) -> list[DreLine]:
    kind = "dégradée" if stands.mode is SecurityMode.DEGRADED else "sécurisée"
    return [
        DreLine(
            number=invoice.number,
            date=invoice.made_on,
            state="" if state is None else word_in(state, language),
            mode=say_summary(kind, language),
        )
        for each, state in stands.documents
        if each is DocumentKind.DRE
    ]


def _choice(choice: Choice, language: Language) -> ChoiceNow:
    return ChoiceNow(
        name=choice.option.value,
        label=say_summary(OPTIONS[choice.option], language),
        chosen=choice.chosen,
        possible=choice.possible,
        reason=say(choice.reason, language),
    )


def _piece(piece: Piece) -> PieceNow:
    return PieceNow(
        digest=piece.digest.hex(),
        name=piece.name,
        pages=piece.pages,
        size=piece.size,
        role=_ROLES[piece.role],
        left_out=list(piece.left_out),
    )


def _mode(mode: SecurityMode) -> Mode:
    return "degraded" if mode is SecurityMode.DEGRADED else "secured"


def _name(last: str, first: str) -> str:
    return f"{last} {first}".rstrip()


_APART: Final = ("Options", "DRE")
_DRE_COLUMNS: Final = ("N° DRE", "Date", "Etat", "Type")
_KINDS: Final[dict[DocumentKind, Kind]] = {DocumentKind.FSE: "fse", DocumentKind.DRE: "dre"}
_RIGHTS: Final = {"practice": Rights.PRACTICE, "adr": Rights.ADR}
_ROLES: Final[dict[PieceRole, RoleWord]] = {
    PieceRole.PRESCRIPTION: "prescription",
    PieceRole.CARE_SHEET: "care-sheet",
    PieceRole.OTHER: "other",
}
