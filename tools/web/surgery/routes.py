"""The surgery's routes: /v1/surgery."""

from __future__ import annotations

from fastapi import APIRouter, Response

from tla_sim.tools.web.api.asked import Asked
from tla_sim.tools.web.bench import TwinReaders
from tla_sim.tools.web.surgery.answers import (
    CardOrder,
    LoadAnswer,
    LoadOrder,
    SignAnswer,
    SurgeryNow,
    TransmitAnswer,
    TransmitOrder,
    UnloadAnswer,
)
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.share_answers import AtReaderNow, at_reader_now
from tla_sim.tools.web.surgery.telling import (
    load_answer,
    sign_answer,
    surgery_now,
    transmit_answer,
    unload_answer,
)

router = APIRouter(prefix="/v1/surgery", tags=["surgery"])


@router.get("")
async def read_surgery(asked: SurgeryAsked) -> SurgeryNow:
    """Return where the practice's documents stand, and what waits for whose signature."""
    surgery = asked.surgery
    documents = await asked.do(lambda surgery: surgery.standing())
    ledger = outbox = None
    if surgery.kept is not None:
        ledger, outbox = str(surgery.kept), str(surgery.outbox)
    return surgery_now(surgery.practice, documents, surgery.work.now, ledger, outbox)


@router.get("/readers/{reader}")
async def read_at_reader(reader: Asked, asked: SurgeryAsked) -> AtReaderNow:
    """Return what the practice has on a reader, and what it cannot do with it now and why.

    A reader into which it loaded something is asked over its cable what it has, which takes no card.
    """
    running, serials = reader.shown.running, {each.name: each.serial for each in asked.bench.readers}
    refused = None
    try:
        asked.reader(reader.shown.name)
    except TwinReaders as error:
        refused = error
    found = await asked.do(lambda surgery: surgery.at_reader(running, serials, refused))
    return at_reader_now(found, asked.say)


@router.post("/load")
async def load(order: LoadOrder, asked: SurgeryAsked) -> LoadAnswer:
    """Load prepared invoices into a reader, all or none for each owner; what it has is not sent again."""
    reader = asked.reader(order.reader)
    loaded = await asked.do(lambda surgery: surgery.load(reader, order.owners, others=order.others))
    return load_answer(asked.surgery.practice, loaded)


@router.post("/unload")
async def unload(order: CardOrder, asked: SurgeryAsked) -> UnloadAnswer:
    """Bring back what is certified, with the PS card in the slot; the reader keeps what is not safe."""
    reader = asked.reader(order.reader)
    return unload_answer(await asked.do(lambda surgery: surgery.unload(reader, order.secret)), asked.say)


@router.post("/sign")
async def sign(order: CardOrder, asked: SurgeryAsked) -> SignAnswer:
    """Give the final signatures of the CPS in the slot."""
    reader = asked.reader(order.reader)
    signed, holder = await asked.do(lambda surgery: surgery.sign(reader, order.secret))
    return sign_answer(signed, holder, asked.say)


@router.post("/transmit")
async def transmit(order: TransmitOrder, asked: SurgeryAsked) -> TransmitAnswer:
    """Write what has all its signatures into files, and say what the others lack."""
    reader = None if order.reader is None else asked.reader(order.reader)
    return transmit_answer(await asked.do(lambda surgery: surgery.transmit(reader)), asked.say)


@router.get(
    "/files/{name}",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def read_file(name: str, asked: SurgeryAsked) -> Response:
    """Return a file that left."""
    content = await asked.do(lambda surgery: surgery.file(name))
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
