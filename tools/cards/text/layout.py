"""The layout of a card text: JSON, two blanks a level, whatever fits on one line there.

Characters that do not show are escaped: they could move what follows, or command a terminal.
"""

from __future__ import annotations

import json
from typing import Final

_WIDTH: Final = 100
_STEP: Final = "  "


def laid_out(tree: object) -> str:
    """Return a JSON tree as text, with a line feed at its end."""
    return _laid_out(tree, "", room=0) + "\n"


def _laid_out(tree: object, indent: str, room: int) -> str:
    """Return a tree that stands behind `indent`, on one line if that leaves it within `room` characters."""
    line = _on_one_line(tree)
    if not isinstance(tree, dict | list) or not tree or len(line) <= room:
        return line
    inner = indent + _STEP
    if isinstance(tree, dict):
        heads = [f"{_on_one_line(key)}: " for key in tree]
        values = list(tree.values())
        opening, closing = "{", "}"
    else:
        heads, values = [""] * len(tree), tree
        opening, closing = "[", "]"
    lines = [
        f"{inner}{head}{_laid_out(value, inner, _WIDTH - len(inner) - len(head))}"
        for head, value in zip(heads, values, strict=True)
    ]
    return f"{opening}\n" + ",\n".join(lines) + f"\n{indent}{closing}"


def _on_one_line(tree: object) -> str:
    """Return a tree as JSON on one line, with escapes for all that a reviewer would not see as it is."""
    line = json.dumps(tree, ensure_ascii=False)
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in line)
