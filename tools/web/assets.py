"""The files of the page, read from the package on demand and kept, each with a validator for browsers."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tla_sim.tools.web.lcd_font import font
from tla_sim.tools.web.problems import NothingThere
from tla_sim.tools.web.words import french_words

PAGES: Final = Path(__file__).resolve().with_name("pages")
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def show_bench(request: Request) -> Response:
    """Show the bench."""
    return _send(request, "index.html")


@router.get("/practice")
async def show_practice(request: Request) -> Response:
    """Show the practice."""
    return _send(request, "practice.html")


@router.get("/reference")
async def show_reference(request: Request) -> Response:
    """Show the description of the API."""
    return _send(request, "reference.html")


@router.get("/assets/lcd-font.json")
async def send_font(request: Request) -> Response:
    """Send the dots of the LCD's characters."""
    return _answer(request, _font(), _TYPES[".json"])


@router.get("/assets/words/fr.json")
async def send_words(request: Request) -> Response:
    """Send the French of the page."""
    return _answer(request, _words(), _TYPES[".json"])


@router.get("/assets/{path:path}")
async def send_asset(request: Request, path: str) -> Response:
    """Send a file of the page."""
    return _send(request, path)


def _send(request: Request, path: str) -> Response:
    file = _files().get(path)
    if file is None:
        raise NothingThere("There is nothing at this address", "Look at the API's description, /reference")
    return _answer(request, file.read_bytes(), _TYPES[file.suffix])


def _answer(request: Request, content: bytes, media_type: str) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    return Response(content, 200, headers, media_type)


@cache
def _files() -> dict[str, Path]:
    """Return the files of the page by address: no address leads to any other file."""
    found = sorted(each for each in PAGES.rglob("*") if each.suffix in _TYPES and each.is_file())
    return {each.relative_to(PAGES).as_posix(): each for each in found}


@cache
def _font() -> bytes:
    return json.dumps(font(), separators=(",", ":")).encode()


@cache
def _words() -> bytes:
    return json.dumps(french_words(), ensure_ascii=False, separators=(",", ":")).encode()
