"""The base of the models that the API takes and gives."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Given(BaseModel):
    """A request body: no type is guessed, and no unknown field is let through."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Told(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class Problem(Told):
    """A failure (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    action: str
    code: str
    category: str
