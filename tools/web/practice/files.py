"""One file of lots: a look into it, its bytes, and settling whether it arrived."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.ledger.desk_model import HeldFile
from tla_sim.host.ledger.file_contents import file_documents, file_events, lots_in
from tla_sim.host.ledger.files import file_line, held_file
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.pieces import pieces_of_each
from tla_sim.host.sending.doubt import find_doubt
from tla_sim.host.sending.lot_file import read_file, verify_file
from tla_sim.host.sending.send import file_name, settle
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.language import Language
from tla_sim.tools.web.headers import SANDBOX
from tla_sim.tools.web.practice.file_answers import (
    FileChecked,
    FileDocuments,
    FileNow,
    SettleOrder,
    tell_doubt,
    tell_event,
    tell_file_document,
    tell_lot,
)
from tla_sim.tools.web.practice.list_answers import MOST_ROWS, tell_file
from tla_sim.tools.web.surgery.answers import Say
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger
from tla_sim.tools.web.surgery.surgery import Surgery

router = APIRouter(prefix="/v1/practice/files", tags=["practice"])

Identity = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="The identity of a file of lots.")]
Start = Annotated[int, Query(ge=0, le=2**31, description="The first document, counted from 0.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="How many documents.")]
_ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file of lots.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class UnknownLotFile(TlaError):
    """The ledger has no file of lots of this identity."""

    category = Category.BAD_INPUT
    http_status = 404


@router.get("/{identity}")
async def look_into(identity: Identity, asked: SurgeryAsked) -> FileNow:
    """Return what a file holds lot by lot, where it is, what happened to it, and why it is in doubt."""
    say, language = asked.say, asked.language
    busy = any(each.file == identity for each in asked.surgery.work.now)
    return await asked.look(lambda kept: _file_now(kept.ledger, identity, say, language, busy=busy))


@router.get("/{identity}/documents")
async def read_documents(
    identity: Identity, asked: SurgeryAsked, start: Start = 0, limit: Limit = 100
) -> FileDocuments:
    """Return a window of a file's documents, each with its pieces and what the recipient answered, the
    rejected ones first."""
    return await asked.look(lambda kept: _documents(kept, identity, start, limit))


@router.get("/{identity}/content", response_class=Response, responses=_ZIP)
async def download_file(identity: Identity, asked: SurgeryAsked) -> Response:
    """Return the file, from what is kept beside the ledger."""
    content = await asked.look(lambda kept: content_of(kept.ledger, identity))
    headers = {"Content-Disposition": f'attachment; filename="{file_name(identity)}"', **SANDBOX}
    return Response(content, 200, headers, "application/zip")


@router.post("/{identity}/check")
async def check_file(identity: Identity, asked: SurgeryAsked) -> FileChecked:
    """Read a file as its recipient would, and verify every signature in it."""
    content = await asked.look(lambda kept: content_of(kept.ledger, identity))

    def verify(_: Surgery) -> FileChecked:
        read = read_file(content)
        lots = verify_file(read, TrustAnchors.shipped())
        return FileChecked(
            lots=len(lots), documents=sum(len(each.documents) for each in lots), pieces=len(read.pieces)
        )

    return await asked.do(verify)


@router.post("/{identity}/settle")
async def settle_file(identity: Identity, order: SettleOrder, asked: SurgeryAsked) -> FileNow:
    """Note whether a file whose sending was interrupted arrived, as a person found out."""
    say, language = asked.say, asked.language

    def work(surgery: Surgery) -> FileNow:
        surgery.work.check_not_sending(identity)
        with surgery.open_ledger() as ledger:
            find_file(ledger, identity)
            settle(ledger, identity, arrived=order.arrived)
            return _file_now(ledger, identity, say, language, busy=False)

    return await asked.change(work)


def find_file(ledger: Ledger, identity: str) -> HeldFile:
    """Return a file of the ledger. Raises `UnknownLotFile`."""
    held = held_file(ledger, identity)
    if held is None:
        raise UnknownLotFile(
            "The ledger has no file {file}", "Choose one of those that are listed", file=identity
        )
    return held


def content_of(ledger: Ledger, identity: str) -> bytes:
    """Return the bytes of a file of the ledger. Raises `UnknownLotFile`, `PieceLost`."""
    return PieceStore(ledger).get(find_file(ledger, identity).digest)


def _file_now(ledger: Ledger, identity: str, say: Say, language: Language, *, busy: bool) -> FileNow:
    held = find_file(ledger, identity)
    doubt = None if busy else find_doubt(ledger, held)
    return FileNow(
        file=tell_file(file_line(ledger, held), language),
        name=file_name(identity),
        lots=[tell_lot(each) for each in lots_in(ledger, held)],
        events=[tell_event(each, language, say) for each in file_events(ledger, held)],
        under_way=busy,
        doubt=None if doubt is None else tell_doubt(doubt, say),
    )


def _documents(kept: KeptLedger, identity: str, start: int, limit: int) -> FileDocuments:
    ledger = kept.ledger
    held = find_file(ledger, identity)
    found = file_documents(ledger, held, start, limit)
    pieces = pieces_of_each(ledger, list(dict.fromkeys((each.id.owner, each.id.number) for each in found)))
    return FileDocuments(
        count=held.documents,
        start=start,
        documents=[
            tell_file_document(each, pieces.get((each.id.owner, each.id.number), ())) for each in found
        ],
    )
