"""Loading and unloading: what would go into a reader, and what is on it. The work is that of the surgery:
`/v1/surgery/load`, `unload` and `sign`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from tla_sim.host.desk.load_outlook import LoadOutlook, NoRoom, check_room, look_at_loading, takes_several
from tla_sim.host.documents import DocumentOnBoard
from tla_sim.host.ledger.ledger import LedgerDocument
from tla_sim.host.ledger.model import DocumentFilter, LedgerState
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.web.bench import TwinReaders
from tla_sim.tools.web.practice.at_reader import AtReader, look_at
from tla_sim.tools.web.practice.loading_answers import (
    LoadingNow,
    OnReaderNow,
    loading_now,
    on_reader_now,
)
from tla_sim.tools.web.surgery.answers import ReaderName
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.hindrances import NothingToDo
from tla_sim.tools.web.surgery.surgery import Surgery
from tla_sim.tools.web.surgery.work import Action

if TYPE_CHECKING:
    from tla_sim.tools.simulator.control.running_reader import RunningReader

router = APIRouter(prefix="/v1/practice", tags=["practice"])

ReaderAsked = Annotated[ReaderName, Query(description="The reader to load or unload.")]
OwnerAsked = Annotated[
    str,
    Query(pattern="^[0-9]{0,9}$", description="Whose invoices, by default those of the first who has some."),
]
Start = Annotated[int, Query(ge=0, le=2**31, description="The first line wanted.")]
Limit = Annotated[int, Query(ge=0, le=500, description="How many lines.")]


@dataclass(frozen=True, slots=True)
class LoadingSeen:
    """What would go into a reader. `found` is what the reader says, `None` while the practice is at work with
    it; `cannot` is why nothing can be loaded now, if so."""

    outlook: LoadOutlook
    found: AtReader | TlaError | None
    cannot: TlaError | None


@dataclass(frozen=True, slots=True)
class ReaderHeld:
    """What is on a reader, by the ledger, and by the reader where it was asked (`listed`)."""

    lines: tuple[LedgerDocument, ...]
    listed: tuple[DocumentOnBoard, ...] | None
    cannot: TlaError | None


@router.get("/load")
async def plan_loading(
    asked: SurgeryAsked, reader: ReaderAsked, owner: OwnerAsked = "", start: Start = 0, limit: Limit = 100
) -> LoadingNow:
    """Return what is prepared by owner, what of one owner's would go into a reader, and who else has invoices
    for the same patients."""
    running, serials, refused = _reader(asked, reader)
    seen = await asked.do(lambda surgery: _look(surgery, running, serials, refused, owner))
    outlook = seen.outlook
    names = {serial: name for name, serial in serials.items()}
    chosen = owner or (outlook.lines[0].owner if outlook.lines else "")
    return loading_now(
        outlook, chosen, seen.found, seen.cannot, start=start, limit=limit, names=names, say=asked.say
    )


@router.get("/on-reader")
async def list_on_reader(
    asked: SurgeryAsked, reader: ReaderAsked, start: Start = 0, limit: Limit = 100
) -> OnReaderNow:
    """Return what is on a reader, by patient, and why it cannot be brought back now, if so.

    A reader that cannot be asked is told by the ledger: what it certified since is not known then.
    """
    running, serials, refused = _reader(asked, reader)
    seen = await asked.do(lambda surgery: _held(surgery, running, serials, refused))
    return on_reader_now(seen.lines, seen.listed, seen.cannot, start=start, limit=limit, say=asked.say)


def _reader(asked: SurgeryAsked, name: str) -> tuple[RunningReader, dict[str, str], TlaError | None]:
    """Return a reader, the serial numbers of all by name, and why the practice may not work with it."""
    shown = asked.bench.find(name)
    refused = None
    try:
        asked.reader(name)
    except TwinReaders as error:
        refused = error
    return shown.running, {each.name: each.serial for each in asked.bench.readers}, refused


def _look(
    surgery: Surgery, reader: RunningReader, serials: dict[str, str], refused: TlaError | None, owner: str
) -> LoadingSeen:
    found = refused or look_at(surgery, reader)
    identity = found.identity if isinstance(found, AtReader) else None
    at = surgery.at_reader(reader, serials, refused)
    held = None if at.share.held is None else frozenset(each.id for each in at.share.held)
    with surgery.open_ledger() as ledger:
        outlook = look_at_loading(ledger, surgery.prepared, owner, identity, held)
    cannot = at.cannot.get(Action.LOAD)
    if cannot is None and isinstance(found, AtReader):
        cannot = _hindered(outlook, found)
    return LoadingSeen(outlook, found, cannot)


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


def _held(
    surgery: Surgery, reader: RunningReader, serials: dict[str, str], refused: TlaError | None
) -> ReaderHeld:
    at = surgery.at_reader(reader, serials, refused)
    serial = serials.get(reader.name, "")
    with surgery.open_ledger() as ledger:
        loaded = ledger.documents(DocumentFilter(states=(LedgerState.LOADED,), reader=serial or "-"))
        known = {each.id: each for each in loaded}
        for each in at.share.held or ():
            line = None if each.id in known else ledger.get(each.id)
            if line is not None:
                known[each.id] = line
    return ReaderHeld(tuple(known.values()), at.share.held, at.cannot.get(Action.UNLOAD))
