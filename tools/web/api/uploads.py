"""Bodies that are files."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Request

from tla_sim.tools.web.problems import WrongMediaType

_TYPE: Final = "application/octet-stream"
BYTES: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""The description of a route whose body is a file."""


async def read_bytes(request: Request) -> bytes:
    """Return the body, which must be declared as plain bytes. Raises WrongMediaType."""
    named = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if named != _TYPE:
        raise WrongMediaType(
            "The body is not application/octet-stream",
            "Send the file as it is, with Content-Type: application/octet-stream",
        )
    return await request.body()
