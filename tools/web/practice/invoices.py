"""The routes of invoices: their list, one's summary and choices, billing it, its care sheet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from tla_sim.host.desk.invoices import DeskInvoice, among, desk_invoices
from tla_sim.tools.web.practice.billing import (
    Shown,
    bill,
    draw_sheet,
    look_at_billing,
    make_choices,
    show_invoice,
)
from tla_sim.tools.web.practice.invoice_answers import (
    BillAnswer,
    BillingWays,
    BillOrder,
    ChoicesOrder,
    InvoiceNow,
    InvoicesNow,
    bill_answer,
    billing_now,
    invoice_now,
    invoices_now,
)
from tla_sim.tools.web.surgery.answers import ReaderName
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger

MOST_LINES = 500
"""The longest window of a list."""

router = APIRouter(prefix="/v1/practice/invoices", tags=["practice"])

OwnerInPath = Annotated[str, Path(pattern="^[0-9]{1,9}$", description="The owner's billing number.")]
NumberInPath = Annotated[str, Path(pattern="^[0-9]{1,9}$", description="The invoice's number.")]
OwnerAsked = Annotated[str, Query(pattern="^[0-9]{0,9}$", description="Only this billing number's.")]
PatientAsked = Annotated[str, Query(max_length=60, description="Only patients with this in their name.")]
Start = Annotated[int, Query(ge=0, le=2**31, description="The first line wanted.")]
Limit = Annotated[int, Query(ge=0, le=MOST_LINES, description="How many lines.")]
ReaderAsked = Annotated[ReaderName, Query(description="The reader whose cards are asked.")]


@router.get("")
async def list_invoices(
    asked: SurgeryAsked,
    owner: OwnerAsked = "",
    patient: PatientAsked = "",
    start: Start = 0,
    limit: Limit = 100,
) -> InvoicesNow:
    """Return the invoices that are prepared or held and have not left, by owner, patient and date."""

    surgery = asked.surgery

    def find(kept: KeptLedger) -> list[DeskInvoice]:
        invoices = kept.remember("invoices", lambda ledger: desk_invoices(ledger, surgery.prepared))
        return among(invoices, owner, patient)

    return invoices_now(await asked.look(find), start, limit, asked.language)


@router.get("/{owner}/{number}")
async def show(owner: OwnerInPath, number: NumberInPath, asked: SurgeryAsked) -> InvoiceNow:
    """Return the summary of an invoice, with its choices and why one is not possible."""
    return _told(await asked.do(lambda surgery: show_invoice(surgery, owner, number)), asked)


@router.put("/{owner}/{number}/choices")
async def put_choices(
    owner: OwnerInPath, number: NumberInPath, order: ChoicesOrder, asked: SurgeryAsked
) -> InvoiceNow:
    """Make choices, and return the summary anew. Nothing is changed when one is refused."""
    wanted = order.wanted
    return _told(await asked.change(lambda surgery: make_choices(surgery, owner, number, wanted)), asked)


@router.get("/{owner}/{number}/billing")
async def look(
    owner: OwnerInPath, number: NumberInPath, reader: ReaderAsked, asked: SurgeryAsked
) -> BillingWays:
    """Return how an invoice would be certified with the cards in a reader, or why it cannot be."""
    running = asked.reader(reader)
    secured, degraded = await asked.do(lambda surgery: look_at_billing(surgery, running, owner, number))
    return BillingWays(secured=billing_now(secured, asked.say), degraded=billing_now(degraded, asked.say))


@router.post("/{owner}/{number}/bill")
async def bill_invoice(
    owner: OwnerInPath, number: NumberInPath, order: BillOrder, asked: SurgeryAsked
) -> BillAnswer:
    """Certify an invoice at the desk with the cards in a reader, as it is marked, or as `choices` say: these
    are made with it, and not when it is refused.

    The owner's CPS certifies it completely, alone if it is degraded. Any other card does it partially: unless
    `partially` says whether that is wanted, it is asked for by the code `partial-security-asked`, and nothing
    is done.
    """
    running = asked.reader(order.reader)
    wanted = order.choices.wanted
    billed = await asked.do(
        lambda surgery: bill(surgery, running, owner, number, order.secret, order.partially, wanted)
    )
    return bill_answer(number, billed.plan.owner_name, billed.done)


@router.get(
    "/{owner}/{number}/sheet.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def show_sheet(owner: OwnerInPath, number: NumberInPath, asked: SurgeryAsked) -> Response:
    """Return the care sheet of a degraded invoice, to look at or print."""
    content = await asked.do(lambda surgery: draw_sheet(surgery, owner, number))
    name = f"feuille-de-soins-{number}.pdf"
    return Response(
        content, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def _told(shown: Shown, asked: SurgeryAsked) -> InvoiceNow:
    return invoice_now(
        shown.documents,
        shown.stands,
        shown.choices,
        in_lot=shown.in_lot,
        reader=shown.reader,
        language=asked.language,
    )
