"""What every part of a practice file is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of all: frozen, strict, no undeclared key. Its repr tells nothing: the file is health data."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __str__(self) -> str:
        return repr(self)
