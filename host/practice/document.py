"""Writing a practice as a practice file, from which it is read again just as it was. Project-defined."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tla_sim.host.practice.fields import Shape
from tla_sim.host.practice.file import MAX_FILE_BYTES
from tla_sim.host.practice.model import Practice, Totals
from tla_sim.host.practice.part import Part


def practice_document(practice: Practice) -> dict[str, Any]:
    """Return the object of a practice's file. What has its default value is left out, the version apart."""
    return {"version": practice.version, **_object(practice)}


def totals_document(totals: Totals) -> dict[str, str]:
    """Return the totals of an invoice as its file has them, without the parts that are nothing."""
    return {name: str(value) for name, value in _object(totals).items()}


def write_practice(practice: Practice) -> str:
    """Return the text of a practice's file: one line for each value, unless that is too long to be read."""
    document = practice_document(practice)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return text if len(text.encode()) <= MAX_FILE_BYTES else write_compact(document)


def write_compact(document: dict[str, Any]) -> str:
    """Return the text of the object of a practice's file, without any blanks."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _object(part: Part) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, default, shape in _fields(type(part)):
        value = getattr(part, name)
        if value != default:
            made[name] = _written(shape, value)
    return made


def _written(shape: Shape | None, value: object) -> object:
    if isinstance(value, Part):
        return _object(value)
    if isinstance(value, tuple):
        return [_object(each) for each in value]
    return value if shape is None or value is None else shape.write(value)


@cache
def _fields(part: type[Part]) -> tuple[tuple[str, object, Shape | None], ...]:
    """Return name, default value and shape of each field; one that is required equals its default never."""
    return tuple(
        (
            name,
            PydanticUndefined if field.is_required() else field.get_default(),
            next(_shapes(field), None),
        )
        for name, field in part.model_fields.items()
    )


def _shapes(field: FieldInfo) -> Iterator[Shape]:
    for marks in (field.metadata, *(get_args(each) for each in get_args(field.annotation))):
        yield from (each for each in marks if isinstance(each, Shape))
