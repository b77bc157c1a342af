"""The answers of the surgery's routes, from what the practice holds and from what it did."""

from __future__ import annotations

from collections.abc import Iterable

from tla_sim.host.desk.load import owner_name
from tla_sim.host.ledger.ledger import LedgerState
from tla_sim.host.ledger.model import TO_SEND
from tla_sim.host.practice.model import Practice
from tla_sim.host.round.outbox import file_name
from tla_sim.host.round.pull import Pulled
from tla_sim.host.round.sign import Signed
from tla_sim.host.round.transmit import Transmitted, Withheld
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import Role, SecurityMode
from tla_sim.tools.web.surgery.answers import (
    DocumentNow,
    DocumentSent,
    DocumentWithheld,
    Lack,
    LoadAnswer,
    OwnerLoaded,
    OwnerName,
    OwnerNow,
    Say,
    SignAnswer,
    StayedBehind,
    SurgeryNow,
    ToSign,
    TransmitAnswer,
    UnloadAnswer,
    WorkShown,
    kind_word,
    state_word,
)
from tla_sim.tools.web.surgery.overview import OwnerStanding, Standing, by_owner
from tla_sim.tools.web.surgery.surgery import Loaded
from tla_sim.tools.web.surgery.work import WorkNow

MOST_SHOWN = 1_000


def surgery_now(
    practice: Practice,
    documents: Iterable[Standing],
    work: Iterable[WorkNow],
    ledger: str | None,
    outbox: str | None,
) -> SurgeryNow:
    """Word where everything stands."""
    items = tuple(documents)
    owners = by_owner(practice, items)
    return SurgeryNow(
        practice=practice.name,
        ledger=ledger,
        owners=[_owner(each) for each in owners],
        documents=[_document(each) for each in items[:MOST_SHOWN]],
        more=max(0, len(items) - MOST_SHOWN),
        to_sign=[
            ToSign(owner=each.owner, name=each.name, count=each.counts[LedgerState.PARTIAL])
            for each in owners
            if each.counts[LedgerState.PARTIAL]
        ],
        ready=sum(each.state in TO_SEND for each in items),
        outbox=outbox,
        work=[WorkShown.model_validate(each, from_attributes=True) for each in work],
    )


def load_answer(practice: Practice, done: Loaded) -> LoadAnswer:
    """Word what a load did."""
    plan = done.plan
    served = [each.owner for each in done.pushed]
    return LoadAnswer(
        owners=[
            OwnerLoaded(
                owner=each.owner,
                name=owner_name(practice, each.owner),
                loaded=each.loaded,
                already=each.already,
                finished=each.finished,
                bytes_sent=each.bytes_sent,
                bytes_resumed=each.bytes_resumed,
            )
            for each in done.pushed
        ],
        others=[
            OwnerName(owner=each, name=owner_name(practice, each))
            for each in plan.proposal.others
            if each not in served
        ],
        takes_others=plan.proposal.multi_owner,
        at_desk=list(plan.at_desk),
        left_out=plan.left_out,
        release=plan.proposal.version,
    )


def unload_answer(done: Pulled, say: Say) -> UnloadAnswer:
    """Word what came."""
    return UnloadAnswer(
        partial=done.partial,
        complete=done.complete,
        cancelled=done.cancelled,
        waiting=done.waiting,
        bytes_received=done.bytes_received,
        left=[_stayed(each.document, each.reason, each.action, say) for each in done.left],
    )


def sign_answer(done: Signed, holder: str, say: Say) -> SignAnswer:
    """Word what was signed."""
    return SignAnswer(
        holder=holder,
        signed=done.signed,
        elsewhere=done.elsewhere,
        refused=[_stayed(each.document, each.reason, each.action, say) for each in done.refused],
    )


def transmit_answer(done: Transmitted, say: Say) -> TransmitAnswer:
    """Word what left."""
    return TransmitAnswer(
        sent=[
            DocumentSent(
                owner=each.document.owner,
                name=each.document.owner_name,
                number=each.document.number,
                kind=kind_word(each.document.id),
                patient=each.document.patient,
                date=each.document.made_on,
                total=each.document.total,
                file=file_name(each.document.id),
            )
            for each in done.sent
        ],
        withheld=[_withheld(each, say) for each in done.withheld],
        bytes_written=done.bytes_written,
    )


def _owner(each: OwnerStanding) -> OwnerNow:
    counts = {state.name.lower(): count for state, count in each.counts.items()}
    return OwnerNow.model_validate({"owner": each.owner, "name": each.name, "total": each.total, **counts})


def _document(each: Standing) -> DocumentNow:
    return DocumentNow(
        owner=each.id.owner,
        name=each.owner_name,
        number=each.id.number,
        kind=kind_word(each.id),
        patient=each.patient,
        date=each.made_on,
        total=each.total,
        state=state_word(each.state),
        degraded=each.mode is SecurityMode.DEGRADED,
        reader=each.reader,
        file=each.file,
    )


def _withheld(each: Withheld, say: Say) -> DocumentWithheld:
    return DocumentWithheld(
        owner=each.document.owner,
        name=each.document.owner_name,
        number=each.document.number,
        kind=kind_word(each.document.id),
        patient=each.document.patient,
        state=state_word(each.document.state),
        lacks=[
            Lack(signature="vitale" if role is Role.VITALE else "titulaire", card=say(card))
            for role, card in zip(each.lacks, each.cards, strict=True)
        ],
        problem=say(each.problem),
    )


def _stayed(document: DocumentId, reason: str, action: str, say: Say) -> StayedBehind:
    return StayedBehind(
        owner=document.owner,
        number=document.number,
        kind=kind_word(document),
        reason=say(reason),
        action=say(action),
    )
