"""Supporting documents of invoices: attached, looked at page by page, detached; paper, and signatures."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from tla_sim.host.desk.care_sheet import care_sheet_of
from tla_sim.host.desk.invoice_pieces import InvoicePieces, invoice_pieces
from tla_sim.host.desk.page_picture import draw_page
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.desk.pieces import attach_scan, detach, send_sheet_on_paper
from tla_sim.host.desk.signature_image import register_scan, signature_of, switch
from tla_sim.host.ledger.pieces import piece_name, signature_setting
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.names import file_name
from tla_sim.tools.web.api.uploads import BYTES, read_bytes
from tla_sim.tools.web.headers import SANDBOX
from tla_sim.tools.web.practice.invoice_name import INVOICE_NAME, invoice_name
from tla_sim.tools.web.practice.list_answers import ROLES, Role, tell_pieces, tell_travel
from tla_sim.tools.web.practice.piece_answers import (
    OtherInvoice,
    PaperOrder,
    PieceAttached,
    PiecesNow,
    SignatureNow,
    SwitchOrder,
)
from tla_sim.tools.web.surgery.answers import Say
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger
from tla_sim.tools.web.surgery.surgery import Surgery

router = APIRouter(prefix="/v1/practice", tags=["practice"])

_MOST_INVOICES: Final = 50
_DIGITS: Final = r"^[0-9]{1,9}$"

Invoice = Annotated[str, Query(pattern=INVOICE_NAME, description="An invoice as `owner:number`.")]
Invoices = Annotated[
    list[Annotated[str, Field(pattern=INVOICE_NAME)]],
    Query(min_length=1, max_length=_MOST_INVOICES, description="The invoices, each as `owner:number`."),
]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of a kept document.")]
Page = Annotated[int, Path(ge=1, le=1_000, description="The number of a page, counted from 1.")]
Owner = Annotated[str, Path(pattern=_DIGITS, description="A billing number.")]
Number = Annotated[str, Path(pattern=_DIGITS, description="The number of an invoice.")]
FileName = Annotated[str, Query(description="The name of the file, to be shown.")]


def _file(media_type: str, what: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": what, "content": {media_type: {"schema": schema}}}}


_PDF: Final = _file("application/pdf", "The document.")
_PNG: Final = _file("image/png", "The picture.")


class UnknownPiece(TlaError):
    """No such document was ever attached to an invoice."""

    category = Category.BAD_INPUT
    http_status = 404


class NoSignature(TlaError):
    """No signature is registered."""

    category = Category.BAD_INPUT
    http_status = 404


@router.get("/pieces")
async def read_pieces(asked: SurgeryAsked, invoice: Invoice) -> PiecesNow:
    """Return an invoice's supporting documents, and how its prescription and care sheet travel."""
    owner, number = invoice_name(invoice)
    found = await asked.look(lambda kept: invoice_pieces(kept.ledger, number, owner))
    return _tell(found, asked.say)


@router.post("/pieces", openapi_extra=BYTES)
async def attach_piece(
    request: Request,
    asked: SurgeryAsked,
    invoice: Invoices,
    role: Role,
    name: FileName = "",
    without_empty_pages: bool = False,
) -> PieceAttached:
    """Check a scanned document (PDF, JPEG or PNG) and attach it to invoices. It is kept once.

    A PDF with some empty pages is refused with the code `empty-pages`, unless it is to travel without them.
    """
    raw, names = await read_bytes(request), [invoice_name(each) for each in invoice]

    def work(surgery: Surgery) -> PieceAttached:
        with surgery.open_ledger() as ledger:
            piece, new = attach_scan(
                ledger, raw, name, names, ROLES[role], without_empty_pages=without_empty_pages
            )
        (told,) = tell_pieces([piece])
        return PieceAttached(piece=told, attached=[f"{owner}:{number}" for owner, number in new])

    return await asked.change(work)


@router.get("/pieces/{digest}", response_class=Response, responses=_PDF)
async def download_piece(asked: SurgeryAsked, digest: Digest) -> Response:
    """Return a kept document."""
    name, content = await asked.look(lambda kept: _kept(kept, digest))
    stem = file_name(name.rpartition(".")[0] or name)
    headers = {"Content-Disposition": f'attachment; filename="{stem}.pdf"', **SANDBOX}
    return Response(content, 200, headers, "application/pdf")


@router.get("/pieces/{digest}/pages/{page}.png", response_class=Response, responses=_PNG)
async def show_page(asked: SurgeryAsked, digest: Digest, page: Page) -> Response:
    """Return a page of a kept document as a picture."""
    _, content = await asked.look(lambda kept: _kept(kept, digest))
    return _picture(await asked.do(lambda _: draw_page(content, page)))


@router.delete("/pieces/{digest}")
async def detach_piece(asked: SurgeryAsked, digest: Digest, invoice: Invoice) -> PiecesNow:
    """Detach a document from an invoice that is in no lot; it stays kept."""
    owner, number = invoice_name(invoice)

    def work(surgery: Surgery) -> InvoicePieces:
        with surgery.open_ledger() as ledger:
            detach(ledger, number, digest, owner)
            return invoice_pieces(ledger, number, owner)

    return _tell(await asked.change(work), asked.say)


@router.put("/paper")
async def choose_paper(order: PaperOrder, asked: SurgeryAsked) -> PiecesNow:
    """Say whether a degraded invoice's care sheet travels on paper."""

    def work(surgery: Surgery) -> InvoicePieces:
        with surgery.open_ledger() as ledger:
            send_sheet_on_paper(ledger, order.number, order.on_paper, order.owner)
            return invoice_pieces(ledger, order.number, order.owner)

    return _tell(await asked.change(work), asked.say)


@router.get("/sheets/{owner}/{number}/pages/{page}.png", response_class=Response, responses=_PNG)
async def show_sheet(asked: SurgeryAsked, owner: Owner, number: Number, page: Page) -> Response:
    """Return a page of a degraded invoice's care sheet as a picture, to look at and to print."""
    sheet, _ = await asked.look(lambda kept: care_sheet_of(kept.ledger, number, owner))
    return _picture(await asked.do(lambda _: draw_page(sheet, page)))


@router.get("/signatures/{owner}")
async def read_signature(asked: SurgeryAsked, owner: Owner) -> SignatureNow:
    """Return whether a PS's digitised signature is registered, and whether sheets carry it."""
    return await asked.look(lambda kept: _signature(kept, owner))


@router.get("/signatures/{owner}/image.png", response_class=Response, responses=_PNG)
async def show_signature(asked: SurgeryAsked, owner: Owner) -> Response:
    """Return a PS's registered signature."""
    image = (await asked.look(lambda kept: signature_of(kept.ledger, owner))).image
    if image is None:
        raise NoSignature("No signature is registered for {owner}", "Register a signature first", owner=owner)
    return _picture(image)


@router.put("/signatures/{owner}", openapi_extra=BYTES)
async def register_signature(
    request: Request, asked: SurgeryAsked, owner: Owner, name: FileName = ""
) -> SignatureNow:
    """Register an image (JPEG or PNG) as a PS's signature, switched on, in the place of an earlier one."""
    raw = await read_bytes(request)

    def work(surgery: Surgery) -> None:
        with surgery.open_ledger() as ledger:
            register_scan(ledger, owner, raw, name)

    await asked.change(work)
    return await asked.look(lambda kept: _signature(kept, owner))


@router.put("/signatures/{owner}/on")
async def switch_signature(order: SwitchOrder, asked: SurgeryAsked, owner: Owner) -> SignatureNow:
    """Say whether care sheets carry a PS's registered signature."""

    def work(surgery: Surgery) -> None:
        with surgery.open_ledger() as ledger:
            switch(ledger, owner, order.on)

    await asked.change(work)
    return await asked.look(lambda kept: _signature(kept, owner))


def _kept(kept: KeptLedger, digest: str) -> tuple[str, bytes]:
    name = piece_name(kept.ledger, bytes.fromhex(digest))
    if name is None:
        raise UnknownPiece(
            "No document {digest} is kept", "Choose one of those that are listed", digest=digest[:16]
        )
    return name, PieceStore(kept.ledger).get(bytes.fromhex(digest))


def _signature(kept: KeptLedger, owner: str) -> SignatureNow:
    setting = signature_setting(kept.ledger, owner)
    return SignatureNow(registered=setting.image is not None, switched_on=setting.switched_on)


def _picture(content: bytes) -> Response:
    return Response(content, 200, SANDBOX, "image/png")


def _tell(found: InvoicePieces, say: Say) -> PiecesNow:
    return PiecesNow(
        owner=found.line.owner,
        owner_name=found.line.owner_name,
        number=found.line.number,
        patient=found.line.patient,
        prescription=tell_travel(found.prescription),
        sheet=tell_travel(found.sheet),
        on_paper=found.on_paper,
        pieces=tell_pieces(found.pieces),
        signature=SignatureNow(
            registered=found.signature.image is not None, switched_on=found.signature.switched_on
        ),
        closed=say(found.closed),
        no_sheet=say(found.no_sheet),
        scanned=say(found.scanned),
        same_prescription=[
            OtherInvoice(
                owner=each.owner,
                owner_name=each.owner_name,
                number=each.number,
                date=each.made_on,
                total=each.total,
            )
            for each in found.same_prescription[: _MOST_INVOICES - 1]
        ],
    )
