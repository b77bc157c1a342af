"""Writing a practice as a practice file, from which it is read again just as it was. Project-defined."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo

from tla_sim.host.practice.fields import Shape
from tla_sim.host.practice.model import Practice, Totals
from tla_sim.host.practice.part import Part


def practice_document(practice: Practice) -> dict[str, Any]:
    """Return the object of a practice's file. What has its default value is left out, the version apart."""
    return {"version": practice.version, **_object(practice)}


def totals_document(totals: Totals) -> dict[str, str]:
    """Return the totals of an invoice as its file has them, without the parts that are nothing."""
    return {name: str(value) for name, value in _object(totals).items()}


def write_practice(practice: Practice) -> str:
    """Return the text of a practice's file."""
    return json.dumps(practice_document(practice), ensure_ascii=False, indent=1) + "\n"


def _object(part: Part) -> dict[str, Any]:
    fields = type(part).model_fields
    values = {name: getattr(part, name) for name in fields}
    return {
        name: _written(fields[name], value)
        for name, value in values.items()
        if fields[name].is_required() or value != fields[name].get_default()
    }


def _written(field: FieldInfo, value: object) -> object:
    if isinstance(value, Part):
        return _object(value)
    if isinstance(value, tuple):
        return [_object(each) for each in value]
    shape = next(_shapes(field), None)
    return value if shape is None else shape.write(value)


def _shapes(field: FieldInfo) -> Iterator[Shape]:
    for marks in (field.metadata, *(get_args(each) for each in get_args(field.annotation))):
        yield from (each for each in marks if isinstance(each, Shape))
