"""Faults: the kinds that exist, and those that are to strike a reader."""

from __future__ import annotations

from fastapi import APIRouter

from tla_sim.tools.faults.kinds import KINDS, Counted, Where
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.web.api.answers import FaultKinds, FaultKindTold, FaultsTold, FaultValueTold
from tla_sim.tools.web.api.asked import Asked, Spoken
from tla_sim.tools.web.api.requests import FaultPlanGiven
from tla_sim.tools.web.spoken import say

router = APIRouter(prefix="/v1", tags=["faults"])


@router.get("/faults")
async def list_kinds(language: Spoken) -> FaultKinds:
    """Return the kinds of faults that can strike a reader, its cards and its lines."""
    told = [
        FaultKindTold(
            name=kind.name,
            where=kind.where.value,
            counted="" if kind.counted is Counted.NOTHING else say(kind.counted.value, language),
            usual=kind.usual,
            values=[
                FaultValueTold(value=value, text=say(text, language)) for value, text in kind.choices.items()
            ],
            text=say(kind.text, language),
        )
        for kind in KINDS.values()
        if kind.where is not Where.HOST
    ]
    return FaultKinds(kinds=told)


@router.get("/readers/{reader}/faults")
async def list_faults(asked: Asked) -> FaultsTold:
    """Return the faults that are to come, and those that struck, as in a plan."""

    def look(control: ReaderControl) -> FaultsTold:
        now = control.faults
        return FaultsTold(
            pending=[str(each) for each in now.pending], struck=[str(each) for each in now.struck]
        )

    return await asked.ask(look)


@router.post("/readers/{reader}/faults")
async def inject_faults(given: FaultPlanGiven, asked: Asked) -> FaultsTold:
    """Add the faults of a plan, counted from now on. Return what is to come, and what struck."""
    await asked.ask(lambda control: control.inject(given.plan))
    return await list_faults(asked)


@router.delete("/readers/{reader}/faults", status_code=204)
async def clear_faults(asked: Asked) -> None:
    """Take back every fault that is still to come."""
    await asked.ask(lambda control: control.clear_faults())
