"""The readers of the bench: list, make, look at, remove."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.web.api.answers import Reader, Readers
from tla_sim.tools.web.api.asked import Asked, BenchAsked, ReaderAsked
from tla_sim.tools.web.api.requests import NewReader
from tla_sim.tools.web.event_ids import Cursor, all_id

router = APIRouter(prefix="/v1/readers", tags=["readers"])


@router.get("")
async def list_readers(bench: BenchAsked) -> Readers:
    """Return every reader as it stands; `position` is where to follow the events of all from."""
    seqs = {shown.name: shown.running.events.last for shown in bench.readers}
    position = all_id(bench.epoch, Cursor(bench.changes, seqs))
    told = [await ReaderAsked(bench, shown).reader() for shown in bench.readers]
    return Readers(readers=told, position=position)


@router.post("", status_code=201)
async def make_reader(new: NewReader, bench: BenchAsked, response: Response) -> Reader:
    """Make a reader in memory, switched on and on a visit, with the practice's cards at hand."""
    name = bench.reserve(new.name)
    profile = new.profile or TLA_1_40.name
    seed = bench.unused_seed if new.seed is None else new.seed
    control = await asyncio.to_thread(
        ReaderControl.in_memory, bench.practice, seed=seed, name=name, profile=profile
    )
    shown = bench.add(name, control)
    response.headers["Location"] = f"/v1/readers/{name}"
    return await ReaderAsked(bench, shown).reader()


@router.get("/{reader}")
async def show_reader(asked: Asked) -> Reader:
    """Return a reader as it stands."""
    return await asked.reader()


@router.delete("/{reader}", status_code=204)
async def remove_reader(asked: Asked) -> None:
    """Switch a reader off and take it from the bench; a state directory stays on disk."""
    asked.bench.remove(asked.shown.name)
