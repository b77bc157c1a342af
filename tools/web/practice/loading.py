"""Loading and unloading: what would go into a reader, and what is on it. The work is that of the surgery:
`/v1/surgery/load`, `unload` and `sign`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query

from tla_sim.host.desk.load_outlook import LoadOutlook, NoRoom, check_room, look_at_loading, takes_several
from tla_sim.host.documents import DocumentOnBoard
from tla_sim.host.ledger.desk_lists import count_to_sign
from tla_sim.host.ledger.ledger import Ledger, LedgerDocument
from tla_sim.host.ledger.model import TO_SECURE, DocumentFilter, LedgerState
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.web.bench import TwinReaders
from tla_sim.tools.web.practice.at_reader import AtReader, look_at
from tla_sim.tools.web.practice.loading_answers import (
    DocumentsToSign,
    LoadingNow,
    OnReaderNow,
    SignaturesDue,
    documents_to_sign,
    loading_now,
    on_reader_now,
    signatures_due,
)
from tla_sim.tools.web.surgery.answers import ReaderName
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.hindrances import NothingToDo
from tla_sim.tools.web.surgery.overview import standing
from tla_sim.tools.web.surgery.surgery import AtReader as SeenThere
from tla_sim.tools.web.surgery.work import Action

if TYPE_CHECKING:
    from tla_sim.tools.simulator.control.running_reader import RunningReader

router = APIRouter(prefix="/v1/practice", tags=["practice"])

ReaderAsked = Annotated[ReaderName, Query(description="The reader to load or unload.")]
OwnerAsked = Annotated[
    str,
    Query(pattern="^[0-9]{0,9}$", description="Whose invoices, by default those of the first who has some."),
]
OwnerNamed = Annotated[str, Path(pattern="^[0-9]{1,9}$", description="An owner's billing number.")]
Start = Annotated[int, Query(ge=0, le=2**31, description="The first line wanted.")]
Limit = Annotated[int, Query(ge=0, le=500, description="How many lines.")]


@router.get("/load")
async def plan_loading(
    asked: SurgeryAsked, reader: ReaderAsked, owner: OwnerAsked = "", start: Start = 0, limit: Limit = 100
) -> LoadingNow:
    """Return what is prepared by owner, what of one owner's would go into a reader, and who else has invoices
    for the same patients."""
    beside = _beside(asked, reader)
    at = await beside.look(asked)
    found: AtReader | TlaError | None = beside.refused
    if found is None:
        found = await asked.do(lambda surgery: look_at(surgery, beside.reader))
    identity = found.identity if isinstance(found, AtReader) else None
    held = None if at.share.held is None else frozenset(each.id for each in at.share.held)
    prepared = asked.surgery.prepared
    serial = beside.serials[reader]
    outlook = await asked.look(
        lambda kept: look_at_loading(kept.ledger, prepared, owner, identity, held, serial)
    )
    cannot = at.cannot.get(Action.LOAD)
    if cannot is None and isinstance(found, AtReader):
        cannot = _hindered(outlook, found)
    names = {serial: name for name, serial in beside.serials.items()}
    chosen = owner or (outlook.lines[0].owner if outlook.lines else "")
    return loading_now(
        outlook, chosen, found, cannot, start=start, limit=limit, serial=serial, names=names, say=asked.say
    )


@router.get("/on-reader")
async def list_on_reader(
    asked: SurgeryAsked, reader: ReaderAsked, start: Start = 0, limit: Limit = 100
) -> OnReaderNow:
    """Return what is on a reader, by patient, and why it cannot be brought back now, if so.

    A reader that cannot be asked is told by the ledger: what it certified since is not known then.
    """
    beside = _beside(asked, reader)
    at = await beside.look(asked)
    serial = beside.serials[reader]
    lines = await asked.look(lambda kept: _held(kept.ledger, at.share.held or (), serial))
    cannot = at.cannot.get(Action.UNLOAD)
    return on_reader_now(lines, at.share.held, cannot, start=start, limit=limit, say=asked.say)


@router.get("/signatures-due")
async def list_signatures_due(asked: SurgeryAsked, reader: ReaderAsked) -> SignaturesDue:
    """Return what waits for whose final signature, and why the card in a reader cannot sign now, if so."""
    at = await _beside(asked, reader).look(asked)
    due = await asked.look(lambda kept: count_to_sign(kept.ledger))
    return signatures_due(due, at.cannot.get(Action.SIGN), asked.say)


@router.get("/signatures-due/{owner}")
async def list_to_sign(asked: SurgeryAsked, owner: OwnerNamed) -> DocumentsToSign:
    """Return the documents that wait for the final signature of an owner."""
    wanted = DocumentFilter(owner=owner, states=(LedgerState.PARTIAL,))
    return await asked.look(lambda kept: documents_to_sign(kept.ledger.documents(wanted)))


@dataclass(frozen=True, slots=True)
class _Beside:
    """A reader, the serial numbers of all by name, and why the practice may not work with it, if so."""

    reader: RunningReader
    serials: Mapping[str, str]
    refused: TlaError | None

    async def look(self, asked: SurgeryAsked) -> SeenThere:
        """Return what the practice has on it, and cannot do with it; what is certified completely is not
        looked at."""
        prepared = asked.surgery.prepared
        documents = await asked.look(lambda kept: standing(prepared, kept.ledger, TO_SECURE))
        return await asked.do(
            lambda surgery: surgery.at_reader(self.reader, self.serials, self.refused, documents)
        )


def _beside(asked: SurgeryAsked, name: str) -> _Beside:
    shown = asked.bench.find(name)
    refused = None
    try:
        asked.reader(name)
    except TwinReaders as error:
        refused = error
    return _Beside(shown.running, {each.name: each.serial for each in asked.bench.readers}, refused)


def _hindered(outlook: LoadOutlook, found: AtReader) -> TlaError | None:
    """Return why this owner's invoices cannot be loaded, though others' might be."""
    problem = next((each.problem for each in outlook.lines if each.problem is not None), None)
    if problem is not None:
        return problem
    documents = sum(len(each.documents) for each in outlook.lines if each.waits)
    serial = found.identity.serial_number
    here = any(each.reader == serial for each in outlook.lines)
    rest = here and takes_several(found.identity) and outlook.others
    if not documents and not rest:
        name = outlook.lines[0].owner_name if outlook.lines else ""
        if not name:
            return NothingToDo("Nothing is left to load", "Prepare an invoice first")
        return NothingToDo("Nothing of {owner} is left to load", "Choose another owner", owner=name)
    try:
        check_room(documents, found.health.max_invoices - found.health.invoices)
    except NoRoom as error:
        return error
    return None


def _held(ledger: Ledger, listed: Iterable[DocumentOnBoard], serial: str) -> list[LedgerDocument]:
    """Return the lines of what the ledger notes on a reader, and of what the reader lists beside that."""
    loaded = DocumentFilter(states=(LedgerState.LOADED,), reader=serial)
    known = {each.id: each for each in (ledger.documents(loaded) if serial else ())}
    for each in listed:
        line = None if each.id in known else ledger.get(each.id)
        if line is not None:
            known[each.id] = line
    return list(known.values())
