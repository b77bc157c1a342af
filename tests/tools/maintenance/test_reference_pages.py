"""The protocol reference says what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.tools.maintenance.reference_pages import FOLDER, PAGES


@pytest.mark.parametrize("path", sorted(PAGES), ids=lambda path: path.name)
def test_the_reference_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == PAGES[path](), "run make docs"


def test_everything_declared_is_in_the_reference() -> None:
    pages = ("commands.md", "status-words.md", "groups.md")
    commands, statuses, groups = (PAGES[FOLDER / name]() for name in pages)
    assert all(f"## {command.ins:02X} {command.name}\n" in commands for command in COMMANDS)
    assert all(f"| {status:04X} | {status.name} |" in statuses for status in Status)
    assert all(f"## {number} " in groups for number in DICTIONARY)
