"""The dictionary as a C table, by which the library of sessions checks what a program adds to a zone."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.groups.declaration import Field, GroupDeclaration
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.kinds import Kind
from tla_sim.protocol.groups.zone import zone_length

_UNDECLARED: Final = "{0, CONTENT_UNDECLARED}"


def group_table() -> str:
    """Return the C source of `GROUP_TABLE`, as `native/group_table.h` declares it."""
    groups = sorted(DICTIONARY.values(), key=lambda each: each.number)
    return "\n".join(
        (
            "/* Written by tla_sim.host.ssv.group_table from the dictionary of groups. */",
            '#include "group_table.h"',
            "",
            *(_fields(each) for each in groups),
            "",
            "const struct group_limits GROUP_TABLE[] = {",
            *(f"    {{{each.number}, {each.zone_count}, FIELDS_{each.number}}}," for each in groups),
            "};",
            "const size_t GROUP_TABLE_COUNT = sizeof GROUP_TABLE / sizeof *GROUP_TABLE;",
            "",
        )
    )


def _fields(group: GroupDeclaration) -> str:
    declared = {field.number: _limit(field) for field in group.fields if field.zoned}
    limits = [declared.get(number, _UNDECLARED) for number in range(1, group.zone_count + 1)]
    return f"static const struct field_limit FIELDS_{group.number}[] = {{{', '.join(limits)}}};"


def _limit(field: Field) -> str:
    match field.kind:
        case Kind.TEXT:
            return f"{{{field.max_length}, CONTENT_TEXT}}"
        case Kind.BINARY | Kind.BYTE:
            return f"{{{zone_length(field)}, CONTENT_BYTES}}"
        case _:
            return f"{{{zone_length(field)}, CONTENT_TEXT}}"
