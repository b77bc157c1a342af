"""The reader's clock, its timeline of screens, and going back."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from tla_sim.tools.web.api.answers import Clock, Screen, Screens
from tla_sim.tools.web.api.asked import Asked
from tla_sim.tools.web.api.requests import Advance, Back, ClockChange
from tla_sim.tools.web.problems import BadRequest
from tla_sim.tools.web.telling import tell_clock, tell_screen

router = APIRouter(prefix="/v1/readers/{reader}", tags=["time"])

MAX_LISTED: Final = 1_000
DAY_MS: Final = 86_400_000
RevisionAsked = Annotated[int, Path(ge=0, le=2**53, description="The revision of a screen.")]


@router.get("/clock")
async def show_clock(asked: Asked) -> Clock:
    """Return the reader's clock, and how fast it goes."""
    running = asked.shown.running
    return await asked.ask(lambda control: tell_clock(control, running))


@router.patch("/clock")
async def change_clock(change: ClockChange, asked: Asked) -> Clock:
    """Let the clock go faster or slower, pause it or let it go on."""
    running = asked.shown.running
    if change.rate is not None:
        await asyncio.wrap_future(running.set_rate(change.rate))
    if change.paused is not None:
        await asyncio.wrap_future(running.pause() if change.paused else running.resume())
    return await show_clock(asked)


@router.post("/clock/advance")
async def advance_clock(advance: Advance, asked: Asked) -> Screen:
    """Let time pass at once. Return the settled screen.

    While rules or waits look at every screen, it passes a day at a time, and others are answered in between.
    """
    left = advance.ms
    while left > DAY_MS and await asked.ask(lambda control: control.waits or bool(control.rules)):
        await asked.ask(lambda control: control.advance(DAY_MS))
        left -= DAY_MS
    return await asked.screen(lambda control: control.advance(left))


@router.get("/timeline")
async def list_screens(
    asked: Asked,
    after: Annotated[int, Query(ge=0, le=2**53, description="Only those of a later revision.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED, description="How many at most.")] = MAX_LISTED,
) -> Screens:
    """Return the settled screens, the oldest first."""
    shown = await asked.ask(lambda control: control.timeline(after, limit))
    return Screens(screens=[tell_screen(each) for each in shown])


@router.get("/timeline/{revision}")
async def show_screen_of(revision: RevisionAsked, asked: Asked) -> Screen:
    """Return the screen of a revision."""
    return tell_screen(await asked.ask(lambda control: control.screen_at(revision)))


@router.post("/rewind")
async def go_back(back: Back, asked: Asked) -> Screen:
    """Take the reader and its cards back to a screen or a time. The present is kept as a snapshot before."""
    if (back.revision is None) is (back.clock is None):
        raise BadRequest("Where to go back to is not clear", "Give one of revision and clock")
    return await asked.screen(lambda control: control.rewind(revision=back.revision, clock_ms=back.clock))
