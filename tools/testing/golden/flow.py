"""A flow of screens as it is kept in a golden file: JSON whose changes read well in a version control system.

    {
      "format": 1,
      "screens": [
        {
          "after": "press VAL",
          "screen": ["TLA 1.40 05/03 08:00", "INSEREZ LA CARTE", "VITALE DU PATIENT", "A CERTIFIER        5"],
          "sha256": "…"
        }
      ]
    }

The hash is SHA-256 over the four lines of 20 characters with line feeds between them (ASCII), so that other
programs can compare a screen without its text. Digits of codes are stars on the screen already.
Project-defined.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from tla_sim.host.whole_file import read_whole, replace_file
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.display import COLUMNS, ROWS, Screen

FORMAT: Final = 1
_LARGEST: Final = 16 * 1024 * 1024
_MODE: Final = 0o644


class GoldenDamaged(TlaError):
    """The file of golden screens is not one, or was changed by hand."""

    category = Category.BAD_INPUT


@dataclass(frozen=True, slots=True)
class FlowScreen:
    """One screen of a flow. `after` is what led to it, without codes."""

    after: str
    screen: Screen

    @property
    def digest(self) -> str:
        """The SHA-256 of the screen, in hex."""
        return sha256("\n".join(self.screen).encode("ascii")).hexdigest()


Flow = tuple[FlowScreen, ...]


def flow_screen(after: str, lines: Iterable[str]) -> FlowScreen:
    """Return a screen of a flow from its lines, with or without their trailing blanks."""
    first, second, third, fourth = (line.ljust(COLUMNS) for line in lines)
    return FlowScreen(after, (first, second, third, fourth))


def write_golden(path: Path, flow: Flow) -> None:
    """Write a golden file, whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    screens = [
        {"after": each.after, "screen": [line.rstrip() for line in each.screen], "sha256": each.digest}
        for each in flow
    ]
    text = json.dumps({"format": FORMAT, "screens": screens}, indent=2, ensure_ascii=False)
    replace_file(path, f"{text}\n".encode(), _MODE)


def read_golden(path: Path) -> Flow:
    """Return the flow in a golden file. Raises GoldenDamaged, FileUnusable."""
    raw = read_whole(path, _LARGEST)
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        content = None
    screens = content.get("screens") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(screens, list):
        raise GoldenDamaged("{path} is not a file of golden screens", "Record it again", path=path)
    if content.get("format") != FORMAT:
        raise GoldenDamaged(
            "{path} has format {found}, this version knows {known}",
            "Record it again",
            path=path,
            found=content.get("format"),
            known=FORMAT,
        )
    return tuple(_screen(path, number, each) for number, each in enumerate(screens, 1))


def _screen(path: Path, number: int, entry: Any) -> FlowScreen:
    match entry:
        case {"after": str(after), "screen": [*lines], "sha256": str(digest)} if (
            len(lines) == ROWS
            and all(isinstance(line, str) and line.isascii() and len(line) <= COLUMNS for line in lines)
            and (found := flow_screen(after, lines)).digest == digest
        ):
            return found
    raise GoldenDamaged(
        "{path}: screen {number} is not as it was recorded", "Record it again", path=path, number=number
    )
