"""The routes of editing: the practice's file looked at, checked, taken and saved, and new invoices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from tla_sim.host.practice.document import practice_document, totals_document, write_compact
from tla_sim.host.practice.file import PracticeFileError, parse_practice, practice_schema
from tla_sim.host.practice.model import Practice
from tla_sim.host.practice.shares import totals_of
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.web.api.uploads import BYTES, read_bytes
from tla_sim.tools.web.practice.editing_answers import (
    VERSION,
    Checked,
    InvoiceOrder,
    InvoiceTotals,
    NewInvoiceOrder,
    PracticeFile,
    Taken,
    checked,
)
from tla_sim.tools.web.practice.editing_codes import codes_of_fields
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.practice_now import PracticeNow
from tla_sim.tools.web.surgery.surgery import Surgery

router = APIRouter(prefix="/v1/practice", tags=["practice"])

Write = Annotated[bool, Query(description="Write the file that the practice was read from, too.")]
Version = Annotated[str, Query(pattern=VERSION, description="The version of the practice that was edited.")]


class PracticeChanged(TlaError):
    """The practice is not the one that was edited: somebody else changed it meanwhile."""

    category = Category.REFUSED


class PracticeFlawed(TlaError):
    """What was edited breaks a rule of practice files. `problem` is the first error in words."""

    category = Category.BAD_INPUT

    def __init__(self, problem: str) -> None:
        super().__init__("{problem}", "Correct it; nothing was changed", problem=problem)


@router.get("/file")
async def show_file(asked: SurgeryAsked) -> PracticeFile:
    """Return the practice as it is now, as a practice file has it, with that file's JSON Schema."""

    def find(surgery: Surgery) -> PracticeFile:
        now = surgery.now
        taken: dict[str, list[str]] = {owner: [] for owner in now.practice.owners}
        for each in now.practice.invoices:
            taken[each.owner].append(each.number)
        with surgery.open_ledger() as ledger:
            today = surgery.today
            numbers = {owner: ledger.next_number(owner, held, today) for owner, held in taken.items()}
        return PracticeFile(
            version=now.version,
            practice=practice_document(now.practice),
            json_schema=practice_schema(),
            next_numbers=numbers,
            file=None if surgery.on_disk is None else surgery.on_disk.name,
            codes=codes_of_fields(),
        )

    return await asked.do(find)


@router.post("/check", openapi_extra=BYTES)
async def check_file(request: Request, asked: SurgeryAsked) -> Checked:
    """Check a practice file, and return what is wrong with it. Nothing is changed."""
    raw = await read_bytes(request)

    def work(_: Surgery) -> Checked:
        try:
            parse_practice(raw, today=date.today())
        except PracticeFileError as error:
            return checked(error.problems, asked.say, complete=error.complete)
        return checked((), asked.say)

    return await asked.do(work)


@router.put("/file", openapi_extra=BYTES)
async def take_file(request: Request, asked: SurgeryAsked, version: Version, write: Write = False) -> Taken:
    """Work with an edited practice file from now on, in the place of the practice of a version.

    The file that the server was started with stays as it is unless `write` says otherwise; then what it had
    is kept beside it, with `.bak` behind its name. To save another file, use `practice.json`.
    """
    raw = await read_bytes(request)
    return await asked.change(lambda surgery: _edit(surgery, version, lambda _: _read(raw), write))


@router.post("/invoices")
async def add_invoice(order: NewInvoiceOrder, asked: SurgeryAsked) -> Taken:
    """Check a new invoice, and add it to the practice."""

    def added(practice: Practice) -> Practice:
        document = practice_document(practice)
        document["invoices"] = [*document.get("invoices", ()), order.invoice]
        return _read(write_compact(document).encode("utf-8", "surrogatepass"))

    return await asked.change(lambda surgery: _edit(surgery, order.version, added, order.write))


@router.post("/invoices/totals")
async def share_out_totals(order: InvoiceOrder, asked: SurgeryAsked) -> InvoiceTotals:
    """Return the totals of an invoice from its acts and its coverage. Nothing is changed."""
    totals = await asked.do(lambda _: totals_of(order.invoice))
    return InvoiceTotals(totals=None if totals is None else totals_document(totals))


@router.get(
    "/practice.json",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def save_file(asked: SurgeryAsked) -> Response:
    """Return the practice as it is now as a practice file, to save."""
    text = await asked.do(lambda surgery: surgery.now.text)
    return Response(
        text,
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="practice.json"'},
    )


def _edit(surgery: Surgery, version: str, make: Callable[[Practice], Practice], write: bool) -> Taken:
    def edited(now: PracticeNow) -> Practice:
        if now.version != version:
            raise PracticeChanged(
                "The practice was changed elsewhere meanwhile",
                "Save yours as a practice file to keep it, undo your changes, then make them again",
            )
        return make(now.practice)

    taken = surgery.edit(edited, write=write)
    written = surgery.on_disk.name if write and surgery.on_disk is not None else None
    return Taken(version=taken.version, written=written)


def _read(raw: bytes) -> Practice:
    try:
        return parse_practice(raw, today=date.today())
    except PracticeFileError as error:
        first = replace(error.problems[0], line=0)
        raise PracticeFlawed(str(first)) from None
