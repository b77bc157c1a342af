"""What was done to a reader, as text to paste: a visit script, HTTP calls, or a pytest test."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse

from tla_sim.tools.web.api.asked import Asked
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
