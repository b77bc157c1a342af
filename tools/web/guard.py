"""The guard in front of the app (ASGI): refuses what another site sends, and bodies too long, slow or odd.

A body is read whole before the app sees the request, so that nothing slow or endless gets near a reader.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.web.gate import COOKIE, Gate, TokenNeeded, take_token
from tla_sim.tools.web.headers import HEADERS, NOT_KEPT
from tla_sim.tools.web.problems import (
    BenchStopped,
    WebProblem,
    WrongMediaType,
    language_of,
    problem,
)

MAX_BODY: Final = 1024 * 1024
MAX_UPLOAD: Final = 32 * 1024 * 1024
"""The longest body, in bytes; the longer limit is for files: scans, and snapshots, which hold the reader's
flash."""
BODY_SECONDS: Final = 20.0
"""How long a whole body may take to arrive."""
LARGE_AT_ONCE: Final = 2
_FILES: Final = (
    ("PUT", "/snapshots/"),
    ("POST", "/practice/pieces"),
    ("PUT", "/practice/signatures/"),
    ("PUT", "/practice/file"),
    ("POST", "/practice/check"),
)
"""The method and a part of the path of what takes files."""
_WITH_BODY: Final = ("POST", "PUT", "PATCH")
_TYPES: Final = ("application/json", "application/octet-stream")


class BodyTooLong(WebProblem):
    """The body is longer than the server takes."""

    category = Category.BAD_INPUT
    http_status = 413


class BodyTooSlow(WebProblem):
    """The body did not arrive in time."""

    category = Category.BAD_INPUT
    http_status = 408


class Guard:
    """Hands a request on to the app when it may pass, with security headers on every answer."""

    def __init__(self, app: ASGIApp, gate: Gate, body_seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._gate = gate
        self._body_seconds = body_seconds
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the start and end of the server."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        guarded = _Headed(send)
        try:
            await self._pass(scope, receive, guarded)
        except TlaError as error:
            await _refuse(error, scope, receive, guarded)
        except asyncio.CancelledError:
            # The server ends, and gave it time to end by itself.
            if not guarded.begun:
                await _refuse(BenchStopped(), scope, receive, guarded)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _by_name(scope)
        self._gate.check(scope["method"], scope["path"], headers)
        if not self._gate.lets_in(headers):
            await self._let_in(scope)(scope, receive, send)
            return
        if scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        most = MAX_UPLOAD if _is_file(scope) else MAX_BODY
        length = _length(headers)
        if length is not None and length > most:
            raise _too_long(most)
        if length != 0 and (length is not None or b"transfer-encoding" in headers):
            _check_type(headers)
        if most == MAX_BODY:
            await self._app(scope, _Again(await self._read(receive, most), receive), send)
            return
        async with self._large:
            await self._app(scope, _Again(await self._read(receive, most), receive), send)

    async def _read(self, receive: Receive, most: int) -> bytes:
        """Return the whole body. Raises BodyTooLong, BodyTooSlow."""
        read = bytearray()
        try:
            async with asyncio.timeout(self._body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return bytes(read)
                    read += message.get("body", b"")
                    if len(read) > most:
                        raise _too_long(most)
                    if not message.get("more_body", False):
                        return bytes(read)
        except TimeoutError:
            raise BodyTooSlow(
                "The body did not arrive within {seconds:g} s", "Send it faster", seconds=self._body_seconds
            ) from None

    def _let_in(self, scope: Scope) -> Response:
        """Return the answer to a request without a token: a cookie if its address has the right one."""
        token, query = take_token(scope["query_string"])
        if scope["method"] != "GET" or not self._gate.is_token(token):
            raise TokenNeeded(
                "This server wants its token", "Open the address that it printed, or send the token as Bearer"
            )
        answer = RedirectResponse(scope["path"] + (f"?{query}" if query else ""), 303)
        answer.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict")
        return answer


class _Again:
    """A `receive` that gives a body that was read before, then what comes after it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return await self._receive()
        return {"type": "http.request", "body": body, "more_body": False}


class _Headed:
    """A `send` that puts the security headers on an answer, and knows whether that has `begun`."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            given = list(message.get("headers", ()))
            names = [name.lower() for name, _ in given]
            given += [pair for pair in HEADERS if pair[0] not in names]
            if NOT_KEPT[0] not in names:
                given.append(NOT_KEPT)
            message = {**message, "headers": given}
        await self._send(message)


async def _refuse(error: TlaError, scope: Scope, receive: Receive, send: Send) -> None:
    await problem(error, language_of(Request(scope)), {"Connection": "close"})(scope, receive, send)


def _by_name(scope: Scope) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.lower(), []).append(value)
    return found


def _is_file(scope: Scope) -> bool:
    return any(scope["method"] == method and part in scope["path"] for method, part in _FILES)


def _length(headers: Mapping[bytes, list[bytes]]) -> int | None:
    given = headers.get(b"content-length", [])
    return int(given[0]) if given and given[0].isdigit() else None


def _check_type(headers: Mapping[bytes, list[bytes]]) -> None:
    named = headers.get(b"content-type", [b""])[0].decode("latin-1").partition(";")[0].strip().lower()
    if named not in _TYPES:
        raise WrongMediaType(
            "The body is not application/json", "Send JSON, with Content-Type: application/json"
        )


def _too_long(most: int) -> BodyTooLong:
    return BodyTooLong("The body is longer than {most:,} bytes", "Send a shorter one", most=most)
