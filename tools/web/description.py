"""The description of the API (OpenAPI 3.1), made from the routes and their models."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tla_sim.tools.web.api.model import Problem
from tla_sim.tools.web.problems import MEDIA_TYPE

_ABOUT: Final = (
    "Times are milliseconds of the reader's clock unless said otherwise. Every failure is a problem "
    "(RFC 9457) with what happened, what to do and a code; its sentences are in the language of "
    "`Accept-Language` (`en` or `fr`)."
)
_MISSING: Final = ("HTTPValidationError", "ValidationError")


def describe_api(app: FastAPI) -> dict[str, Any]:
    """Return the description, in which every failure is a problem."""
    found: dict[str, Any] = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=_ABOUT, routes=app.routes
    )
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _describe_failures(path, method, operation)
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for name in _MISSING:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    found["components"]["schemas"] = dict(sorted(schemas.items()))
    return found


def _describe_failures(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    told = {"400": "The request is not as described here."}
    if "{" in path:
        told["404"] = "There is no such thing."
    if method != "get":
        told["409"] = "The reader, or the bench, says no."
    if "requestBody" in operation:
        told |= {"413": "The body is too long.", "415": "The body has the wrong content type."}
    told["default"] = "Any other failure."
    for code, text in told.items():
        responses.setdefault(code, {"description": text})
        content = responses[code].setdefault("content", {})
        content[MEDIA_TYPE] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for code, response in responses.items():
        if code[0] == "4":
            response.setdefault("content", {})[MEDIA_TYPE] = {
                "schema": {"$ref": "#/components/schemas/Problem"}
            }
