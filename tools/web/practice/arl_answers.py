"""What is told of a recipient's answer, and of rectifying what it rejected; and what is ordered of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from tla_sim.host.ledger.desk_model import HeldFile
from tla_sim.host.sending.arl import ArlTaken
from tla_sim.tools.web.api.model import Given, Told
from tla_sim.tools.web.surgery.answers import Kind, Owner, WhyNot, kind_word

MOST_REJECTIONS = 500
MOST_AT_ONCE = 50
Number = Annotated[str, Field(pattern=r"^[0-9]{1,9}$", description="The number of an invoice.")]


class RejectionNow(Told):
    """A document that the recipient rejected, with its code and its reason."""

    owner: str
    number: str
    kind: Kind
    code: str
    reason: str


class AnswerRead(Told):
    """What a recipient answered to a file. `known`: this answer had been read before. `rejections` are the
    first 500, `rejected` counts all."""

    identity: str
    recipient: str
    known: bool
    accepted: int
    rejected: int
    rejections: list[RejectionNow]


class Rectification(Given):
    """A rejected invoice, and the new one that takes its place."""

    model_config = ConfigDict(strict=False)

    owner: Owner
    number: Number
    new_number: Number
    made_on: date | None = Field(None, description="The day of the new invoice, by default today.")


class RectifyOrder(Given):
    """The invoices to rectify; each is done for itself."""

    invoices: Annotated[list[Rectification], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Rectified(Told):
    """What became of a rejected invoice: the documents that are prepared now under the new number, or why it
    was refused. `from_practice`: its content is that of the practice's own invoice of the new number."""

    owner: str
    number: str
    new_number: str
    made_on: date | None
    kinds: list[Kind]
    degraded: bool
    from_practice: bool
    problem: WhyNot | None


class RectifyAnswer(Told):
    """What became of each invoice, in the order of the request."""

    invoices: list[Rectified]


class ProposalNow(Told):
    """A number and a day for the invoice that rectifies a rejected one."""

    owner: str
    number: str
    new_number: str
    made_on: date


class ProposalsNow(Told):
    """What is proposed for each rejected invoice, in the order of the request."""

    invoices: list[ProposalNow]


def answer_read(taken: ArlTaken, file: HeldFile) -> AnswerRead:
    """Word an answer that was read."""
    return AnswerRead(
        identity=taken.identity,
        recipient=file.recipient,
        known=taken.known,
        accepted=taken.accepted,
        rejected=len(taken.rejected),
        rejections=[
            RejectionNow(
                owner=each.document.owner,
                number=each.document.number,
                kind=kind_word(each.document),
                code=each.code,
                reason=each.reason,
            )
            for each in taken.rejected[:MOST_REJECTIONS]
        ],
    )
