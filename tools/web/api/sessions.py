"""What was done to a reader, as text to paste: a visit script, HTTP calls, or a pytest test."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse, Response

from tla_sim.tools.web.api.asked import Asked
from tla_sim.tools.web.session_text.session import start_file
from tla_sim.tools.web.session_text.start import session_start
from tla_sim.tools.web.session_text.text import SessionKind, session_text

router = APIRouter(prefix="/v1/readers/{reader}", tags=["session"])

_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The text."},
    409: {"description": "The history of the reader is not whole any more."},
}
AsKind = Annotated[SessionKind, Query(alias="as", description="What to write it as.")]


@router.get("/session", response_class=PlainTextResponse, responses=_TEXT)
async def write_session(asked: Asked, kind: AsKind) -> PlainTextResponse:
    """Return what was done to the reader, as text that does it again. Codes are placeholders."""
    return PlainTextResponse(await asked.ask(lambda control: session_text(control, kind)))


_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The file. It holds the test keys of the reader and its cards.",
    },
    409: _TEXT[409],
}


@router.get("/session/start", response_class=Response, responses=_FILE)
async def download_start(asked: Asked) -> Response:
    """Return the snapshot that the text of the session begins with, where it does not make a new reader."""
    raw = await asked.ask(session_start)
    headers = {"Content-Disposition": f'attachment; filename="{start_file(asked.shown.name)}"'}
    return Response(raw, 200, headers, "application/octet-stream")
