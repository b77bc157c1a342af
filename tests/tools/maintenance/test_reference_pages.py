"""The protocol reference says what the declarations say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.tools.maintenance.reference_pages import FOLDER, PAGES


@pytest.mark.parametrize("path", sorted(PAGES), ids=lambda path: path.name)
def test_the_reference_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == PAGES[path](), "run make docs"


WRITTEN = (
    (
        "commands.md",
        "| 46 | [erase](#46-erase) | SSV_EffacerTLA | 1.31 | a PS card whose code porteur was verified on"
        " this link |",
    ),
    ("commands.md", "Example response: `000001694D14C280`"),
    ("commands.md", "| capabilities | u32 | mask of Capability |"),
    ("status-words.md", "| 6983 | CODE_BLOCKED | 0xF004 | Carte bloquée après trois codes faux |"),
    ("status-words.md", "| The card is blocked after three wrong codes | Have the card unblocked |"),
    ("groups.md", "| 1 | invoice_number | numéro de facture | digits | 9 | yes |"),
    ("faults.md", "| `ps.forget` | commands to the cards of this slot |  | The card's contacts lose power"),
    ("apdus.md", "| `80400000000400` | 2 | 0 | 1024 |"),
    ("tla.md", "Exit codes: 0 done"),
    ("http.md", "| `lines` | list of exactly 4, each string of 20 characters |"),
    ("http.md", "| `ms` | integer (from 0 to 31622400000) |"),
    ("http.md", "One of `visit`, `http`, `pytest`."),
    ("http.md", "| `as` | [SessionKind](#sessionkind) | What to write it as. | `GET"),
)
"""Lines written by hand: a generator that is wrong lacks them, as its page does."""


@pytest.mark.parametrize(("page", "line"), WRITTEN)
def test_the_pages_say_what_is_known_of_them(page: str, line: str) -> None:
    assert line in (FOLDER / page).read_text("utf-8")


def test_everything_declared_is_in_the_reference() -> None:
    pages = ("commands.md", "status-words.md", "groups.md")
    commands, statuses, groups = ((FOLDER / name).read_text("utf-8") for name in pages)
    assert re.findall(r"^## (\w\w) (\w+)$", commands, re.MULTILINE) == [
        (f"{command.ins:02X}", command.name) for command in COMMANDS
    ]
    assert {
        int(word, 16): name for word, name in re.findall(r"^\| ([0-9A-F]{4}) \| (\w+)", statuses, re.M)
    } == {int(status): status.name for status in Status}
    assert [int(number) for number in re.findall(r"^## (\d+) ", groups, re.MULTILINE)] == sorted(DICTIONARY)
