"""tla snapshot: a reader kept as it is, and gone back to."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.simulator.kept_kit import client_of, issue, make_reader, push_all
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.kept_reader import KeptReader
from tla_sim.tools.simulator.state_transport import open_state


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = make_reader(tmp_path / "the reader")
    with KeptReader.open(home) as kept:
        kept.insert(Slot.PS, issue(tmp_path / "cards") / "cps-piqure2969-maya.card")
    with open_state(f"state:{home}") as transport:
        push_all(client_of(transport))
    return home


def on_board(home: Path) -> int:
    with open_state(f"state:{home}") as transport:
        return len(client_of(transport).list_documents())


def test_a_reader_goes_back_to_its_snapshot(home: Path) -> None:
    assert tla("snapshot", "save", "loaded", "--state", home).exit_code == 0
    file = home / "snapshots" / "loaded.snapshot"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    loaded = on_board(home)
    tla("snapshot", "save", "before", "--state", home)
    with KeptReader.open(home) as kept:
        kept.remove(Slot.PS)
        kept.reader.board.tamper.open_case()
    result = tla("snapshot", "restore", "loaded", "--state", home)
    assert result.exit_code == 0, result.output
    assert "test keys of the cards and of the reader" in result.stdout
    assert on_board(home) == loaded
    with KeptReader.open(home) as kept:
        assert not kept.reader.board.tamper.tripped
        assert kept.cards[Slot.PS].name == "cps-piqure2969-maya.card"


def test_another_directory_gets_the_same_reader(home: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "loaded.snapshot", tmp_path / "new" / "reader"
    assert tla("snapshot", "save", file, "--state", home).exit_code == 0
    (tmp_path / "cards").rename(tmp_path / "cards of another machine")
    result = tla("snapshot", "restore", file, "--state", other)
    assert result.exit_code == 0, result.output
    assert on_board(other) == 2
    with KeptReader.open(other) as kept:
        assert kept.cards == {Slot.PS: other / "cards" / "cps-piqure2969-maya.card"}


def test_another_directory_leaves_the_first_ones_cards_alone(home: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "loaded.snapshot", tmp_path / "other reader"
    assert tla("snapshot", "save", file, "--state", home).exit_code == 0
    card = tmp_path / "cards" / "cps-piqure2969-maya.card"
    before = card.stat()
    assert tla("snapshot", "restore", file, "--state", other).exit_code == 0
    assert card.stat() == before
    with KeptReader.open(other) as kept:
        assert kept.cards == {Slot.PS: other / "cards" / card.name}


@pytest.mark.parametrize("inside", [False, True], ids=["elsewhere", "in the directory"])
def test_a_file_that_took_the_place_of_a_card_is_left_alone(home: Path, inside: bool) -> None:
    """Both for a card from a file elsewhere, and for one that has its file in the state directory."""
    with KeptReader.open(home) as kept:
        card = kept.cards[Slot.PS]
        if inside:
            kept.remove(Slot.PS)
            (home / "cards").mkdir()
            card = card.rename(home / "cards" / card.name)
            kept.insert(Slot.PS, card)
    assert tla("snapshot", "save", "loaded", "--state", home).exit_code == 0
    with KeptReader.open(home) as kept:
        kept.remove(Slot.PS)
    card.write_text("somebody's notes")
    result = tla("snapshot", "restore", "loaded", "--state", home)
    assert result.exit_code == 0, result.output
    assert card.read_text() == "somebody's notes"
    with KeptReader.open(home) as kept:
        new = "cps-piqure2969-maya-2.card" if inside else card.name
        assert kept.cards == {Slot.PS: home / "cards" / new}


def test_the_list_names_each_with_what_it_is(home: Path) -> None:
    assert "No snapshot is kept here." in tla("snapshot", "list", "--state", home).stdout
    tla("snapshot", "save", "monday", "--state", home)
    (home / "snapshots" / "broken.snapshot").write_bytes(b"x")
    listed = json.loads(tla("snapshot", "list", "--state", home, "--json").stdout)
    assert [each["name"] for each in listed] == ["broken", "monday"]
    assert "is not a snapshot" in listed[0]["problem"]
    assert (listed[1]["profile"], listed[1]["on"]) == ("1.40", False)
    told = tla("snapshot", "list", "--state", home).stdout
    assert [name for name in ("monday", "broken") if name in told] == ["monday", "broken"]


def test_a_snapshot_is_shown_without_a_reader(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.snapshot"
    tla("snapshot", "save", file, "--state", home)
    shown = json.loads(tla("snapshot", "show", file, "--state", tmp_path / "nowhere", "--json").stdout)
    assert (shown["file"], shown["name"], shown["on"]) == (str(file), "a", False)
    assert shown["holds"] == "test keys of the cards and of the reader"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("save", "x", "--state", "nowhere"), "There is no reader in nowhere"),
        (("save", ".x"), "A snapshot cannot be called '.x'"),
        (("restore", "x", "--state", "nowhere"), "cannot be read"),
        (("show", "/etc/x.snapshot"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], told: str) -> None:
    result = tla("snapshot", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_snapshot_of_another_reader_leaves_this_one_alone(home: Path, tmp_path: Path) -> None:
    other = make_reader(tmp_path / "other")
    tla("snapshot", "save", "mine", "--state", other)
    before = (home / "flash.bin").read_bytes()
    result = tla("snapshot", "restore", other / "snapshots" / "mine.snapshot", "--state", home)
    assert result.exit_code == 2
    assert "another reader" in result.stderr
    assert (home / "flash.bin").read_bytes() == before


def test_a_visit_goes_back_to_where_it_was_saved(home: Path, tmp_path: Path) -> None:
    card = tmp_path / "cards" / "vitale-martin-paul.card"
    file = tmp_path / "there.snapshot"
    lines = [
        f"insert vitale {card}",
        f"save {file}",
        "remove vitale",
        f"restore {file}",
        "expect MARTIN PAUL",
        "press VAL",
        "code 1234",
        "expect 2 factures signées",
    ]
    script = tmp_path / "visit.txt"
    script.write_text("\n".join(lines), "utf-8")
    result = tla("visit", "--state", home, "--script", script)
    assert result.exit_code == 0, result.output + result.stderr
    with KeptReader.open(home) as kept:
        assert kept.cards[Slot.VITALE] == card
