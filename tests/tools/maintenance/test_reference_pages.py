"""The protocol reference says what the declarations say."""

from __future__ import annotations

import pytest

from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.tools.maintenance.reference_pages import FOLDER, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == PAGES[name](), "run make docs"


def test_everything_declared_is_in_the_reference() -> None:
    commands, statuses, groups = (PAGES[name]() for name in ("commands.md", "status-words.md", "groups.md"))
    assert all(f"## {command.ins:02X} {command.name}\n" in commands for command in COMMANDS)
    assert all(f"| {status:04X} | {status.name} |" in statuses for status in Status)
    assert all(f"## {number} " in groups for number in DICTIONARY)
