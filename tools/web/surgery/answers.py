"""What the surgery's routes take and give, as JSON. Amounts in cents; states are those of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from tla_sim.host.ledger.ledger import LedgerState
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.web.api.model import Given, Told
from tla_sim.tools.web.surgery.work import Action, Stage

Say = Callable[[str], str]
"""A function that says a sentence in the language of whoever asked."""

State = Literal["prepared", "loaded", "partial", "complete", "final", "cancelled", "transmitted"]
Kind = Literal["fse", "dre"]
Owner = Annotated[str, Field(pattern=r"^[0-9]{1,9}$", description="A billing number.")]
ReaderName = Annotated[str, Field(min_length=1, max_length=64, description="What the server calls a reader.")]


class LoadOrder(Given):
    """Which invoices to load into which reader; `others` are owners whose invoices for the same patients are
    loaded too: those named, or all if the reader takes them."""

    reader: ReaderName
    owners: Annotated[list[Owner], Field(max_length=255, default_factory=list)]
    others: bool | Annotated[list[Owner], Field(max_length=255)] = False


class CardOrder(Given):
    """Work that needs the card in the PS slot, whose code porteur is typed at the reader or given here."""

    reader: ReaderName
    code_at_reader: bool = False
    code: SecretStr | None = Field(None, description="The code porteur, 4 to 8 digits.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.code_at_reader == (self.code is not None):
            raise ValueError("either code_at_reader or code")
        return self

    @property
    def secret(self) -> str | None:
        """The code, `None` when it is typed at the reader."""
        return None if self.code is None else self.code.get_secret_value()


class TransmitOrder(Given):
    """Nothing has to be said; progress is told to whoever follows `reader`, if one is named."""

    reader: ReaderName | None = None


class WhyNot(Told):
    """Why something cannot be had or done, and what to do."""

    detail: str
    action: str
    code: str


class OwnerNow(Told):
    """How many of an owner's documents are in which state, and their total in cents."""

    owner: str
    name: str
    prepared: int
    loaded: int
    partial: int
    complete: int
    final: int
    cancelled: int
    transmitted: int
    total: int


class DocumentNow(Told):
    """A document and where it stands; `file` is its name in the outbox once it left."""

    owner: str
    name: str
    number: str
    kind: Kind
    patient: str
    date: date
    total: int
    state: State
    degraded: bool
    reader: str = Field(description="Serial number of the reader that it is on, or came from.")
    file: str


class ToSign(Told):
    """How many documents wait for the final signature of an owner's CPS."""

    owner: str
    name: str
    count: int


class WorkShown(Told):
    """Work under way: `holder` is who has to type a code at the reader, `file` the file that is sent."""

    reader: str
    action: Action
    stage: Stage
    done: int
    total: int
    bytes_done: int
    bytes_total: int
    owner: str
    holder: str
    code: str
    file: str


class SurgeryNow(Told):
    """Where the practice's documents stand, and what there is to do.

    `documents` are at most 1,000; `more` counts the rest.
    """

    practice: str
    ledger: str | None = Field(description="The ledger's file; none when it goes with the server.")
    owners: list[OwnerNow]
    documents: list[DocumentNow]
    more: int
    to_sign: list[ToSign]
    ready: int = Field(description="How many have all their signatures and have not left.")
    outbox: str | None = Field(description="The folder of the files that left; none when it goes too.")
    work: list[WorkShown]


class OwnerLoaded(Told):
    """What loading did for one owner."""

    owner: str
    name: str
    loaded: int
    already: int
    finished: int
    bytes_sent: int
    bytes_resumed: int


class OwnerName(Told):
    """An owner by billing number and name."""

    owner: str
    name: str


class LoadAnswer(Told):
    """What was loaded; `others` have invoices for the same patients that were not, `at_desk` are degraded
    invoices that are signed at the desk, `left_out` counts the DREs that this reader's version does not take.
    """

    owners: list[OwnerLoaded]
    others: list[OwnerName]
    takes_others: bool
    at_desk: list[str]
    left_out: int
    release: str


class StayedBehind(Told):
    """A document that stays as it is, why, and what to do."""

    owner: str
    number: str
    kind: Kind
    reason: str
    action: str


class UnloadAnswer(Told):
    """What came from the reader: `waiting` documents are still to be certified, `left` stayed there."""

    partial: int
    complete: int
    cancelled: int
    waiting: int
    bytes_received: int
    left: list[StayedBehind]


class SignAnswer(Told):
    """What was signed by whom; `elsewhere` documents wait for the cards of others."""

    holder: str
    signed: int
    elsewhere: int
    refused: list[StayedBehind]


class Lack(Told):
    """A signature that a document lacks, and the card that gives it."""

    signature: Literal["vitale", "titulaire"]
    card: str


class DocumentSent(Told):
    """A document that left."""

    owner: str
    name: str
    number: str
    kind: Kind
    patient: str
    date: date
    total: int
    file: str


class DocumentWithheld(Told):
    """A document that may not leave: what it lacks, or what is wrong with it."""

    owner: str
    name: str
    number: str
    kind: Kind
    patient: str
    state: State
    lacks: list[Lack]
    problem: str


class TransmitAnswer(Told):
    """What left for the outbox, and what may not."""

    sent: list[DocumentSent]
    withheld: list[DocumentWithheld]
    bytes_written: int


def why_not(error: TlaError, say: Say) -> WhyNot:
    """Word an error that is told in its place."""
    return WhyNot(detail=say(error.message), action=say(error.action), code=error.code)


def kind_word(document: DocumentId) -> Kind:
    """Return the API's word for the kind of a document."""
    return "fse" if document.kind is DocumentKind.FSE else "dre"


def state_word(state: LedgerState) -> State:
    """Return the API's word for a state."""
    return _STATES[state]


_STATES: dict[LedgerState, State] = {
    LedgerState.PREPARED: "prepared",
    LedgerState.LOADED: "loaded",
    LedgerState.PARTIAL: "partial",
    LedgerState.COMPLETE: "complete",
    LedgerState.FINAL: "final",
    LedgerState.CANCELLED: "cancelled",
    LedgerState.TRANSMITTED: "transmitted",
}
