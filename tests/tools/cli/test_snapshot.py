"""tla snapshot: a reader kept as it is, and gone back to."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.simulator.kept_kit import client_of, issue, make_reader, push_all
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.tray import CardTray
from tla_sim.tools.simulator.history.inputs import Op
from tla_sim.tools.simulator.history.snapshot_file import build_snapshot, read_snapshot
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


def test_any_path_to_a_file_is_one_and_a_kept_snapshot_goes_first(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tla("snapshot", "save", "./first.snapshot", "--state", home)
    Path("first.snapshot").rename("x.snap")
    shown = json.loads(tla("snapshot", "show", "x.snap", "--state", home, "--json").stdout)
    assert (shown["file"], shown["name"]) == ("x.snap", "first")
    assert tla("snapshot", "restore", "x.snap", "--state", tmp_path / "new").exit_code == 0
    tla("snapshot", "save", "x.snap", "--state", home)
    shown = json.loads(tla("snapshot", "show", "x.snap", "--state", home, "--json").stdout)
    assert shown["file"] == str(home / "snapshots" / "x.snap.snapshot")
    Path("notes.snap").write_text("something else")
    refused = tla("snapshot", "show", "notes.snap", "--state", home)
    assert refused.exit_code == 2
    assert "notes.snap: This is not a snapshot of a reader" in refused.stderr


def test_what_the_reader_began_with_is_shown(tmp_path: Path) -> None:
    home, script = tmp_path / "reader", tmp_path / "visit.txt"
    with KeptReader.open(home, profile=find_profile("1.31")):
        pass
    tla("snapshot", "save", "old", "--state", home)
    shown = json.loads(tla("snapshot", "show", "old", "--state", home, "--json").stdout)
    assert (shown["seed"], shown["profile"], shown["release"]) == (None, "1.31", "1.31")
    assert "unknown" in tla("snapshot", "show", "old", "--state", home).stdout
    script.write_text(f"save {tmp_path}/memory.snapshot", "utf-8")
    assert tla("visit", "--in-memory", "--seed", "41", "--script", script).exit_code == 0
    assert "41" in tla("snapshot", "show", tmp_path / "memory.snapshot").stdout


def test_no_folder_of_this_machine_is_in_the_file(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "loaded.snapshot"
    tla("snapshot", "save", file, "--state", home)
    taken = read_snapshot(file)
    told = build_snapshot(taken) + b"".join(each.data for each in taken.inputs())
    assert b"cps-piqure2969-maya.card" in told
    assert str(tmp_path).encode() not in told
    assert b"/" not in b"".join(each.data for each in taken.inputs() if each.op is Op.INSERT)


def test_two_card_files_of_the_same_name_are_kept_apart(home: Path, tmp_path: Path) -> None:
    one = tmp_path / "cards" / "vitale-martin-paul.card"
    other = tmp_path / "others" / one.name
    other.parent.mkdir()
    CardTray(demo_practice(), tmp_path).path("DESMAUX").rename(other)
    with KeptReader.open(home, recorded=True) as kept:
        kept.insert(Slot.VITALE, one)
        kept.remove(Slot.VITALE)
        kept.insert(Slot.VITALE, other)
    tla("snapshot", "save", "other in", "--state", home)
    with KeptReader.open(home, recorded=True) as kept:
        kept.replace(Slot.VITALE, one)
    tla("snapshot", "save", "one in", "--state", home)
    for name, file in (("other in", other), ("one in", one)):
        assert tla("snapshot", "restore", name, "--state", home).exit_code == 0
        with KeptReader.open(home) as kept:
            assert kept.cards[Slot.VITALE] == file


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("save", "x", "--state", "nowhere"), "There is no reader in nowhere"),
        (("save", ".x"), "A snapshot cannot be called '.x'"),
        (
            ("restore", "x", "--state", "nowhere"),
            "There is no snapshot x in nowhere, and no file of this name",
        ),
        (("show", "x.snap", "--state", "nowhere"), "There is no snapshot x.snap in nowhere"),
        (("show", "/", "--state", "nowhere"), "/"),
        (("show", "x" * 65), "cannot be called"),
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
