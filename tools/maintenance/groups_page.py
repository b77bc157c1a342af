"""Generate the reference page of SSV groups: their two forms, the kinds of fields, then every group."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date
from typing import Final

from tla_sim.protocol.groups.declaration import FORMER, Field, GroupDeclaration, encode_typed
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.groups.vitale import RightsPeriod
from tla_sim.protocol.groups.zone import MAX_GROUP_BYTES, MAX_ZONE_BYTES, MAX_ZONE_GROUPS, encode_zone
from tla_sim.protocol.groups.zone_values import ZONE_FORMS

_INTRODUCTION: Final = """# SSV groups

Data travel as groups of fields. Both forms of a group come from one declaration
([why](../decisions/memory-zones.md)).

**On our line**, between workstation, reader and cards (Project-defined), there is a u16 count of groups,
then UTF-8 text. Each group is its number and its fields in order from 1, each followed by a unit separator
(1F); an absent field is empty. A group separator (1D) ends the group.

**In a memory zone** (ZDATA), between a program and the SSV and SGD functions, there are only groups. A
group is its number (two bytes, high byte first), a length, and every field of the group; a field is a
length and its value, `00` when it is empty. A length is one byte below 80h, or 81h and one byte, or 82h and
two, and may take more bytes than it needs. A group has at most {group:,} bytes of fields, a zone {zone:,}
and {groups:,} groups; whatever is cut short, longer, in other numbers or of another kind is refused with
F802. Source: public test cards of the field for the groups of a Vitale; that the others follow is inferred.
UTF-8 is Project-defined: the field shows only ASCII.

Example, {example}:

| form | bytes |
| --- | --- |
| our line | `{line}` |
| memory zone | `{in_zone}` |

## Kinds of fields

The longest length of a field counts the characters of its text on our line, and the bytes of binary ones.

| kind | on our line | in a memory zone |
| --- | --- | --- |"""
_ZONE_NOTES: Final = {
    Kind.TEXT: "without control characters",
    Kind.DATE: "written at 0000; none is empty or zeros; 8 digits are read, too",
    Kind.BIRTH: "written at 0000; 8 digits are read, too",
    Kind.MOMENT: "seconds are lost; 14 digits are read, too; none is empty or zeros",
}


def groups_page(notice: str) -> str:
    """Return the page, under a notice that it is generated."""
    return "\n".join([notice, *_page()])


def _page() -> Iterator[str]:
    example = RightsPeriod(start=date(2019, 1, 1))
    yield _INTRODUCTION.format(
        group=MAX_GROUP_BYTES,
        zone=MAX_ZONE_BYTES,
        groups=MAX_ZONE_GROUPS,
        example="group 105, rights from 1 January 2019 without an end",
        line=encode_typed([example]).hex(" ").upper(),
        in_zone=encode_zone([example]).hex(" ").upper(),
    )
    for kind in Kind:
        in_zone = "; ".join(filter(None, (ZONE_FORMS.get(kind, "the same"), _ZONE_NOTES.get(kind))))
        yield f"| {kind.name.lower()} | {kind.value} | {in_zone} |"
    yield ""
    for declaration in DICTIONARY.values():
        yield from _group(declaration)


def _group(declaration: GroupDeclaration) -> Iterator[str]:
    yield f"## {declaration.number} {declaration.name}\n"
    meaning = inspect.cleandoc(declaration.type.__doc__ or "")
    yield f"{meaning} Source: {declaration.source.value}.\n"
    yield from _fields(declaration)
    for (number, _), former in FORMER.items():
        if number == declaration.number:
            told = inspect.cleandoc(former.type.__doc__ or "")
            yield f"Before 0.2, and still read, with {former.fields[-1].number} fields: {told}\n"
            yield from _fields(former)


def _fields(declaration: GroupDeclaration) -> Iterator[str]:
    yield "| field | name | libellé | kind | max. length | required | source | values, notes |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for field in declaration.fields:
        needed = "yes" if field.required else ""
        yield (
            f"| {field.number} | {field.name} | {field.label} | {field.kind.name.lower()} "
            f"| {field.max_length} | {needed} | {field.source.value} | {_notes(field)} |"
        )
    yield ""


def _notes(field: Field) -> str:
    if field.values is not None:
        return ", ".join(f"{value} {value.name}" for value in field.values)
    if not field.zoned:
        return "on our line only"
    return "left out on our line while empty" if field.later else ""
