"""Values written as Lua source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

Literal = (
    bool | int | str | bytes | Mapping[str, "Literal"] | Mapping[int, "Literal"] | Sequence["Literal"] | None
)

_UNSAFE: Final = re.compile(rb'[\x00-\x1f\x7f"\\]')


def literal(value: Literal) -> str:
    """Return a value as a Lua expression: mappings and sequences as tables, `None` as nil.

    Entries whose value is `None` are left out, as Lua has it.
    """
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int():
            return str(int(value))
        case str():
            return _quoted(value.encode())
        case bytes():
            return _quoted(value)
        case Mapping():
            entries = ((key, each) for key, each in value.items() if each is not None)
            return "{" + ",".join(f"[{literal(key)}]={literal(each)}" for key, each in entries) + "}"
        case _:
            return "{" + ",".join(map(literal, value)) + "}"


def _quoted(raw: bytes) -> str:
    # Three digits always, since a digit may follow.
    escaped = _UNSAFE.sub(lambda match: b"\\%03d" % match[0][0], raw)
    try:
        return f'"{escaped.decode()}"'
    except UnicodeDecodeError:
        return '"' + "".join(f"\\{byte:03}" for byte in raw) + '"'
