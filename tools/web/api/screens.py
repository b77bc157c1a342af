"""The screen of a reader: as JSON, text, PNG and SVG, at once or when there is a newer one."""

from __future__ import annotations

import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.web.api.answers import Screen
from tla_sim.tools.web.api.asked import Asked, ReaderAsked, StreamsAsked
from tla_sim.tools.web.api.requests import After, Timeout
from tla_sim.tools.web.lcd_image import draw_png, draw_svg, draw_text
from tla_sim.tools.web.streams import Streams
from tla_sim.tools.web.telling import tell_screen

router = APIRouter(prefix="/v1/readers/{reader}", tags=["screen"])

_LOOK_SECONDS: Final = 1.0


async def newer_screen(
    request: Request, asked: Asked, streams: StreamsAsked, after: After = None, timeout: Timeout = 0
) -> ScreenShown | None:
    """Return the screen, if it is newer than `after`, waiting up to `timeout` ms of real time for one."""
    if after is None:
        return await asked.ask(lambda control: control.screen)
    deadline = time.monotonic() + timeout / 1000
    return await _await_screen(request, asked, streams, after, deadline)


async def _await_screen(
    request: Request, asked: ReaderAsked, streams: Streams, after: int, deadline: float
) -> ScreenShown | None:
    events = asked.shown.running.events
    with streams.opened() as waker:
        while True:
            seen = events.last
            screen = await asked.ask(lambda control: control.screen)
            if screen.revision > after:
                return screen
            left = deadline - time.monotonic()
            if left <= 0 or streams.closing or await request.is_disconnected():
                return None
            cancel = events.when_more(seen, waker.wake)
            try:
                await waker.wait(min(left, _LOOK_SECONDS))
            finally:
                cancel()


Newer = Annotated[ScreenShown | None, Depends(newer_screen)]


def _drawn(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"content": {media_type: {"schema": {"type": "string"}}}, "description": "The screen."},
        204: {"description": "There is no newer screen."},
    }


@router.get("/screen", response_model=Screen, responses={204: {"description": "There is no newer screen."}})
async def show_screen(newer: Newer) -> Screen | Response:
    """Return the settled screen; with `after`, only one of a later revision, awaited up to `timeout`."""
    return Response(status_code=204) if newer is None else tell_screen(newer)


@router.get("/screen.txt", response_class=Response, responses=_drawn("text/plain"))
async def show_screen_text(newer: Newer) -> Response:
    """Return the screen as four lines of text."""
    return _send(newer, lambda shown: draw_text(shown.lines), "text/plain; charset=utf-8")


@router.get("/screen.svg", response_class=Response, responses=_drawn("image/svg+xml"))
async def show_screen_svg(newer: Newer) -> Response:
    """Return the screen as the LCD draws it, as SVG."""
    return _send(newer, lambda shown: draw_svg(shown.lines, shown.on), "image/svg+xml")


@router.get("/screen.png", response_class=Response, responses=_drawn("image/png"))
async def show_screen_png(newer: Newer) -> Response:
    """Return the screen as the LCD draws it, as PNG."""
    return _send(newer, lambda shown: draw_png(shown.lines, shown.on), "image/png")


def _send(newer: ScreenShown | None, draw: Any, media_type: str) -> Response:
    if newer is None:
        return Response(status_code=204)
    return Response(draw(newer), 200, {"X-Revision": str(newer.revision)}, media_type)
