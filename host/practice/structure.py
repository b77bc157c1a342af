"""The structure of a practice file. Each part is validated by itself, so that one error hides no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from tla_sim.host.practice.fields import EXPECTED, Listing, Shape
from tla_sim.host.practice.model import (
    FundBody,
    Invoice,
    Patient,
    Practice,
    Practitioner,
    Prescriber,
    StaffMember,
)
from tla_sim.host.practice.part import Part
from tla_sim.host.practice.problem import phrase
from tla_sim.host.strict_json import Location
from tla_sim.protocol.sentence import Sentence

SECTIONS: Final[Mapping[str, type[Part]]] = {
    "practitioners": Practitioner,
    "staff": StaffMember,
    "patients": Patient,
    "prescribers": Prescriber,
    "funds": FundBody,
    "invoices": Invoice,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """An error whose line is not known yet: location, what was found, what was expected."""

    location: Location
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The usable parts of a file: its header fields, and each section's sound items by position."""

    header: Practice | None
    sections: Mapping[str, Mapping[int, Part]]


def structure(tree: object) -> tuple[Draft, Iterator[Finding]]:
    """Return the draft of a file and its findings. The draft fills up as the findings are drawn."""
    sections: dict[str, dict[int, Part]] = {name: {} for name in SECTIONS}
    if not isinstance(tree, dict):
        return Draft(None, sections), iter([Finding((), phrase(tree), Sentence("an object with a practice"))])
    header: Practice | None = None
    header_findings: list[Finding] = []
    try:
        header = Practice.model_construct(**_header(tree))
    except ValidationError as error:
        header_findings = list(_findings(Practice, (), error))
    return Draft(header, sections), _sections(tree, header_findings, sections)


def _header(tree: dict[str, Any]) -> dict[str, Any]:
    stand_in = {name: () for name in SECTIONS if name in tree}
    return dict(_Header.model_validate({**tree, **stand_in}))


class _Header(Practice):
    """A practice whose sections are not validated."""

    practitioners: tuple[Practitioner, ...]
    staff: tuple[StaffMember, ...] = ()
    patients: tuple[Patient, ...] = ()
    prescribers: tuple[Prescriber, ...] = ()
    funds: tuple[FundBody, ...] = ()
    invoices: tuple[Invoice, ...] = ()


def _sections(
    tree: dict[str, Any], header: list[Finding], sections: dict[str, dict[int, Part]]
) -> Iterator[Finding]:
    yield from header
    for name, model in SECTIONS.items():
        if name not in tree:
            continue
        listing = next(each for each in Practice.model_fields[name].metadata if isinstance(each, Listing))
        try:
            items = listing.check(tree[name])
        except PydanticCustomError:
            yield Finding((name,), phrase(tree[name]), listing.expected)
            continue
        validate, sound = model.model_validate, sections[name]
        for index, item in enumerate(items):
            try:
                sound[index] = validate(item)
            except ValidationError as error:
                yield from _findings(model, (name, index), error)


def _findings(model: type[Part], base: Location, error: ValidationError) -> Iterator[Finding]:
    for detail in error.errors(include_url=False):
        yield _finding(model, base, detail)


def _finding(model: type[Part], base: Location, detail: ErrorDetails) -> Finding:
    where = detail["loc"]
    found = phrase(detail["input"])
    place = (*base, *_without_tags(model, where))
    match detail["type"]:
        case "missing":
            return Finding(place, "nothing", _expected_at(model, where))
        case "extra_forbidden":
            keys = ", ".join(_model_at(model, where[:-1]).model_fields)
            return Finding(place, Sentence("an unknown key"), Sentence("only the keys {keys}", keys=keys))
        case "literal_error":
            return Finding(place, found, Sentence("1, the version this program reads"))
        case kind if kind == EXPECTED:
            return Finding(place, found, detail["ctx"]["phrase"])
        case _:
            return Finding(place, found, _expected_at(model, where))


def _walk(model: type[Part], where: Location) -> Iterator[tuple[str | int, bool, type[Part]]]:
    """Yield each step of a place, whether it is a tag (the model of an item that may be of several), and the
    model that the step leads to. A tag stands only behind the position of such an item."""
    kinds: dict[str, type[Part]] = {}
    for step in where:
        tag = bool(kinds) and isinstance(step, str)
        if isinstance(step, str):
            if tag:
                model, kinds = kinds[step], {}
            elif step in model.model_fields:
                parts = tuple(_parts_of(model.model_fields[step].annotation))
                model = parts[0] if parts else model
                kinds = {part.__name__: part for part in parts} if len(parts) > 1 else {}
        yield step, tag, model


def _without_tags(model: type[Part], where: Location) -> Location:
    return tuple(step for step, tag, _ in _walk(model, where) if not tag)


def _model_at(model: type[Part], where: Location) -> type[Part]:
    for _, _, reached in _walk(model, where):
        model = reached
    return model


def _parts_of(annotation: object) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for each in get_args(annotation):
        yield from _parts_of(each)


def _expected_at(model: type[Part], where: Location) -> str:
    """Return what is expected at a place, from the declaration of its field."""
    owner = _model_at(model, where[:-1])
    field = owner.model_fields.get(where[-1]) if where and isinstance(where[-1], str) else None
    if field is not None:
        for each in (field.metadata, *(get_args(arg) for arg in get_args(field.annotation))):
            for mark in each:
                if isinstance(mark, Shape | Listing):
                    return mark.expected
        if field.annotation is bool:
            return Sentence("true or false")
    return Sentence(
        "an object with the keys {model_fields}", model_fields=", ".join(_model_at(model, where).model_fields)
    )
