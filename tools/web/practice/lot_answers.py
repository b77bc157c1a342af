"""What is told of lots that can be made, or were. Amounts in cents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from tla_sim.host.ledger.ready_lists import HeldBackGroup, ReadyGroup
from tla_sim.host.round.sign import PsCardHolder
from tla_sim.host.sending.lots import FilesMade
from tla_sim.host.sending.ready import why_held_back
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.web.api.model import Told
from tla_sim.tools.web.surgery.answers import (
    CardOrder,
    Kind,
    Say,
    State,
    WhyNot,
    kind_word,
    state_word,
    why_not,
)

MOST_NUMBERS = 999
MOST_TOLD = 500


class LotsOrder(CardOrder):
    """Which invoices to put into lots, by default all that the card's owner may send."""

    numbers: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9]{1,9}$")]],
        Field(max_length=MOST_NUMBERS, default_factory=list),
    ]


class ReadyNow(Told):
    """Documents that may leave and are in no lot. `signs`: the card in the reader signs their lots."""

    recipient: str
    owner: str
    owner_name: str
    kind: Kind
    count: int
    total: int
    signs: bool


class HeldBack(Told):
    """Documents that may not leave yet, and why."""

    owner: str
    owner_name: str
    state: State
    degraded: bool
    count: int
    total: int
    reason: str


class LotsNow(Told):
    """What is ready to be put into lots and what is not; `holder` is whose card is in the PS slot (empty: not
    known), `problem` why no lot can be made now."""

    ready: list[ReadyNow]
    held_back: list[HeldBack]
    holder: str
    problem: WhyNot | None


class MadeFileNow(Told):
    """A file that now waits to be sent."""

    identity: str
    recipient: str
    kind: Kind
    lots: int
    documents: int
    total: int


class LeftOutNow(Told):
    """A document that is in no lot, and the reason."""

    owner: str
    number: str
    kind: Kind
    reason: str


class LotsMade(Told):
    """The files that were made. `left_out` are documents that do not verify, at most 500 of them, `more`
    counts the rest; `elsewhere` are owners whose documents wait for another card; `partial` counts documents
    that wait for their final signature."""

    files: list[MadeFileNow]
    left_out: list[LeftOutNow]
    more: int
    elsewhere: list[str]
    partial: int


def lots_now(
    ready: Iterable[ReadyGroup],
    held_back: Iterable[HeldBackGroup],
    holder: PsCardHolder | TlaError | None,
    problem: TlaError | None,
    say: Say,
) -> LotsNow:
    """Word what is ready and what is not."""
    signs = holder.signs_lots if isinstance(holder, PsCardHolder) else ()
    return LotsNow(
        ready=[
            ReadyNow(
                recipient=each.recipient,
                owner=each.owner,
                owner_name=each.owner_name,
                kind=_kind(each.kind),
                count=each.count,
                total=each.total,
                signs=each.owner in signs,
            )
            for each in ready
        ],
        held_back=[
            HeldBack(
                owner=each.owner,
                owner_name=each.owner_name,
                state=state_word(each.state),
                degraded=each.mode is SecurityMode.DEGRADED,
                count=each.count,
                total=each.total,
                reason=say(why_held_back(each)),
            )
            for each in held_back
        ],
        holder=holder.name if isinstance(holder, PsCardHolder) else "",
        problem=None if problem is None else why_not(problem, say),
    )


def lots_made(done: FilesMade, say: Say) -> LotsMade:
    """Word what was made."""
    return LotsMade(
        files=[
            MadeFileNow(
                identity=each.identity,
                recipient=each.recipient,
                kind=_kind(each.kind),
                lots=each.lots,
                documents=each.documents,
                total=each.total,
            )
            for each in done.files
        ],
        left_out=[
            LeftOutNow(
                owner=each.document.owner,
                number=each.document.number,
                kind=kind_word(each.document),
                reason=say(each.reason),
            )
            for each in done.left_out[:MOST_TOLD]
        ],
        more=max(0, len(done.left_out) - MOST_TOLD),
        elsewhere=list(done.elsewhere),
        partial=len(done.partial),
    )


def _kind(kind: DocumentKind) -> Kind:
    return "fse" if kind is DocumentKind.FSE else "dre"
