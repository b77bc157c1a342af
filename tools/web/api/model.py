"""The base of the models that the API takes and gives."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

LanguageWord = Literal["en", "fr"]


class Given(BaseModel):
    """A request body: no type is guessed, and no unknown field is let through."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Told(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class ProblemTexts(Told):
    """What happened and what to do, in one language."""

    detail: str
    action: str


class Problem(Told):
    """A failure (RFC 9457). `translations` has its sentences in each language."""

    type: str
    title: str
    status: int
    detail: str
    action: str
    code: str
    category: str
    translations: dict[LanguageWord, ProblemTexts]
