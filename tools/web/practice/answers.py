"""Recipients' answers (ARL), and rectifying what they rejected."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from tla_sim.host.desk.rectification import propose_number, rectify
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.sending.arl import MAX_BYTES, parse_arl, take_arl
from tla_sim.host.sending.errors import FileRefused
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.web.api.uploads import BYTES, read_bytes
from tla_sim.tools.web.practice.arl_answers import (
    MOST_AT_ONCE,
    AnswerRead,
    ProposalNow,
    ProposalsNow,
    Rectification,
    Rectified,
    RectifyAnswer,
    RectifyOrder,
    answer_read,
)
from tla_sim.tools.web.practice.files import find_file
from tla_sim.tools.web.practice.invoice_name import INVOICE_NAME, invoice_name
from tla_sim.tools.web.surgery.answers import Say, kind_word, why_not
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.surgery import Surgery

router = APIRouter(prefix="/v1/practice", tags=["practice"])

Invoices = Annotated[
    list[Annotated[str, Field(pattern=INVOICE_NAME)]],
    Query(min_length=1, max_length=MOST_AT_ONCE, description="Rejected invoices, each as `owner:number`."),
]
NewDay = Annotated[date | None, Query(description="The day of the new invoices, by default today.")]


@router.post("/answers", openapi_extra=BYTES)
async def read_answer(request: Request, asked: SurgeryAsked) -> AnswerRead:
    """Read a recipient's answer (ARL) to a file: what it accepts, what it rejects and why.

    Reading it twice changes nothing. It proves that a file whose sending was interrupted arrived.
    """
    raw = await read_bytes(request)
    if len(raw) > MAX_BYTES:
        raise FileRefused(
            "An ARL has at most {most:,} bytes", "Ask the recipient for it again", most=MAX_BYTES
        )

    def work(surgery: Surgery) -> AnswerRead:
        arl = parse_arl(raw)
        surgery.work.check_not_sending(arl.identity)
        with surgery.open_ledger() as ledger:
            taken = take_arl(ledger, arl)
            return answer_read(taken, find_file(ledger, taken.identity))

    return await asked.change(work)


@router.get("/rectifications")
async def propose(asked: SurgeryAsked, invoice: Invoices, made_on: NewDay = None) -> ProposalsNow:
    """Return a free number for each invoice that is to rectify a rejected one."""

    def find(ledger: Ledger, prepared: tuple[PreparedInvoice, ...], day: date) -> ProposalsNow:
        taken = {(each.owner, each.number) for each in prepared}
        found = []
        for each in invoice:
            owner, number = invoice_name(each)
            new = propose_number(ledger, owner, day, {held for who, held in taken if who == owner})
            taken.add((owner, new))
            found.append(ProposalNow(owner=owner, number=number, new_number=new, made_on=day))
        return ProposalsNow(invoices=found)

    prepared, day = await asked.do(lambda surgery: (surgery.prepared, made_on or surgery.today))
    return await asked.look(lambda kept: find(kept.ledger, prepared, day))


@router.post("/rectify")
async def rectify_invoices(order: RectifyOrder, asked: SurgeryAsked) -> RectifyAnswer:
    """Prepare the invoices that rectify rejected ones, to be certified and sent like any others.

    The content is that of the practice's invoice of the new number if there is one, else the rejected one's.
    """
    say = asked.say

    def work(surgery: Surgery) -> RectifyAnswer:
        with surgery.open_ledger() as ledger:
            return RectifyAnswer(invoices=[_rectify(ledger, surgery, each, say) for each in order.invoices])

    return await asked.change(work)


def _rectify(ledger: Ledger, surgery: Surgery, wanted: Rectification, say: Say) -> Rectified:
    owner, new = wanted.owner, wanted.new_number
    corrected = next((each for each in surgery.prepared if (each.owner, each.number) == (owner, new)), None)
    made_on = wanted.made_on or surgery.today
    told = {"owner": owner, "number": wanted.number, "new_number": new}
    try:
        documents = rectify(ledger, wanted.number, new, made_on, owner=owner, corrected=corrected)
    except TlaError as error:
        return Rectified(
            **told,
            made_on=None,
            kinds=[],
            degraded=False,
            from_practice=corrected is not None,
            problem=why_not(error, say),
        )
    first = documents[0]
    return Rectified(
        **told,
        made_on=first.invoice.made_on,
        kinds=[kind_word(each.id) for each in documents],
        degraded=first.mode is SecurityMode.DEGRADED,
        from_practice=corrected is not None,
        problem=None,
    )
