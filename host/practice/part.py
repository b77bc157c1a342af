"""The base class of every part of a practice file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of all parts: frozen, strict, no undeclared keys.

    Its repr shows no values: the file is health data.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __str__(self) -> str:
        return repr(self)
