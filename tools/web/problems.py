"""Failures as problem+json (RFC 9457): what happened, what to do, and a code for programs."""

from __future__ import annotations

import http
import json
import logging
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.language import Language
from tla_sim.tools.web.spoken import choose_language, say

LOG: Final = logging.getLogger("tla_sim.web")
MEDIA_TYPE: Final = "application/problem+json"
_STATUSES: Final = {
    Category.REFUSED: 409,
    Category.BAD_INPUT: 400,
    Category.LINK: 409,
    Category.UNCERTAIN: 409,
}

LOG.addHandler(logging.NullHandler())


class WebProblem(TlaError):
    """A request that the server itself refuses, with its HTTP status."""

    category = Category.REFUSED
    http_status = 409


class BadRequest(WebProblem):
    """The request does not have the form that the API describes."""

    category = Category.BAD_INPUT
    http_status = 400


class NothingThere(WebProblem):
    """There is nothing at this address."""

    category = Category.BAD_INPUT
    http_status = 404


class MethodRefused(WebProblem):
    """The address does not take this method."""

    category = Category.BAD_INPUT
    http_status = 405


class UnknownReader(WebProblem):
    """The server has no reader of this name."""

    category = Category.BAD_INPUT
    http_status = 404


class WrongMediaType(WebProblem):
    """The body does not have the content type that the address takes."""

    category = Category.BAD_INPUT
    http_status = 415


class BenchStopped(WebProblem):
    """The server was stopped before the request was done with."""

    category = Category.LINK
    http_status = 503

    def __init__(self) -> None:
        super().__init__("The bench was stopped", "Start it again, then ask again")


class InternalFault(WebProblem):
    """The server failed; the request may have been carried out."""

    category = Category.UNCERTAIN
    http_status = 500


def http_status(error: TlaError) -> int:
    """Return the HTTP status of an error: its own, 404 for what is not found, else that of its category."""
    own = getattr(type(error), "http_status", None)
    if isinstance(own, int):
        return own
    return 404 if isinstance(error, LookupError) else _STATUSES[error.category]


def problem(
    error: TlaError, language: Language, headers: Mapping[str, str] | None = None, status: int | None = None
) -> Response:
    """Return an error as a response, in a language."""
    code = http_status(error) if status is None else status
    body = {
        "type": "about:blank",
        "title": http.HTTPStatus(code).phrase,
        "status": code,
        "detail": say(error.message, language),
        "action": say(error.action, language),
        "code": error.code,
        "category": error.category.value,
        "translations": {
            each.value: {"detail": say(error.message, each), "action": say(error.action, each)}
            for each in Language
        },
    }
    text = json.dumps(body, ensure_ascii=False)
    told = {**(headers or {}), "Content-Language": language.value, "Vary": "Accept-Language"}
    return Response(text.encode("utf-8", "backslashreplace"), code, told, MEDIA_TYPE)


def tell_problems(app: FastAPI) -> None:
    """Answer every failure of an app as a problem."""

    async def on_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, TlaError)
        return problem(error, language_of(request))

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem(_invalid(request, error), language_of(request))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem(_http(request, error), language_of(request), error.headers, error.status_code)

    async def on_fault(request: Request, error: Exception) -> Response:
        where = _where(error)
        route = getattr(request.scope.get("route"), "path", "")
        LOG.error("%s at %s: %s %s", type(error).__name__, where, request.method, route)
        return problem(
            InternalFault(
                "The server failed ({name} at {where}); whether the request was carried out is not known",
                "Look at the reader, then report this",
                name=type(error).__name__,
                where=where,
            ),
            language_of(request),
        )

    app.add_exception_handler(TlaError, on_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_fault)


def language_of(request: Request) -> Language:
    """Return the language that a request asks for."""
    return choose_language(request.headers.get("accept-language", ""))


def _where(error: Exception) -> str:
    """Return the place in the code where something failed. Its values are not told: they may be secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    return "".join(f"{Path(each.filename).name}:{each.lineno}" for each in frame) or "?"


def _invalid(request: Request, error: RequestValidationError) -> WebProblem:
    """Return what is wrong with a request. Its values are not repeated: a body may hold a secret."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    if place == ["body"] and first["type"] != "missing" and not _is_json(request):
        return WrongMediaType(
            "The body is not application/json", "Send JSON, with Content-Type: application/json"
        )
    if first["type"] == "json_invalid":
        return BadRequest("The body is not JSON", "Send a JSON document as the API's description shows")
    known = place[1:-1] if first["type"] == "extra_forbidden" else place[1:]
    where = ".".join(known) or place[0]
    return BadRequest(
        "{where} is not as the API describes it: {reason}",
        "Look at the API's description, /reference",
        where=where,
        reason=_reason(first),
    )


def _reason(first: Mapping[str, object]) -> Sentence:
    """Return why a value was refused. Only what the model says goes in, nothing of the value."""
    kind = str(first["type"])
    match kind:
        case "missing":
            return Sentence("it is missing")
        case "extra_forbidden":
            return Sentence("there is no such field")
        case "string_pattern_mismatch" | "string_too_long" | "string_too_short":
            return Sentence("the text does not have the form wanted")
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            return Sentence("the number is out of range")
        case "enum" | "literal_error":
            return Sentence("it is none of the words known")
        case "too_long" | "too_short":
            return Sentence("the list has too many or too few items")
        case _:
            return Sentence("it has the wrong type")


def _is_json(request: Request) -> bool:
    named = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return named == "application/json"


def _http(request: Request, error: HTTPException) -> WebProblem:
    match error.status_code:
        case 404:
            return NothingThere(
                "There is nothing at this address", "Look at the API's description, /reference"
            )
        case 405:
            return MethodRefused(
                "This address does not take {method}",
                "Look at the API's description, /reference",
                method=request.method[:16],
            )
        case _:
            return BadRequest("The body cannot be read", "Send it whole, as the API describes it")
