"""The web application of the bench: page, HTTP API and its description, behind the guard."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from starlette.middleware import Middleware

import tla_sim
from tla_sim.tools.web import assets
from tla_sim.tools.web.api import (
    codes,
    conditions,
    events,
    exchanges,
    faults,
    hands,
    links,
    readers,
    screens,
    sessions,
    snapshots,
    status,
    times,
)
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.description import describe_api
from tla_sim.tools.web.gate import Gate
from tla_sim.tools.web.guard import BODY_SECONDS, Guard
from tla_sim.tools.web.practice.routers import ROUTERS as PRACTICE
from tla_sim.tools.web.problems import tell_problems
from tla_sim.tools.web.streams import Streams
from tla_sim.tools.web.surgery import routes as surgery

_ROUTERS: Final = (
    status.router,
    readers.router,
    screens.router,
    hands.router,
    links.router,
    exchanges.router,
    codes.router,
    times.router,
    snapshots.router,
    conditions.router,
    faults.router,
    sessions.router,
    events.router,
    surgery.router,
    *PRACTICE,
    assets.router,
)


def make_app(
    bench: Bench, gate: Gate, streams: Streams | None = None, body_seconds: float = BODY_SECONDS
) -> FastAPI:
    """Return the application that shows a bench to whom the gate lets in."""
    app = FastAPI(
        title="tla-sim",
        version=tla_sim.__version__,
        summary="Simulated SESAM-Vitale readers (TLA 1.40) over HTTP.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Guard, gate=gate, body_seconds=body_seconds)],
    )
    app.state.bench = bench
    app.state.streams = waiting = streams or Streams()
    waiting.when_closing(bench.surgery.stop)
    tell_problems(app)
    for router in _ROUTERS:
        app.include_router(router)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe_api(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app
