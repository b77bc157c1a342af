"""A reader's directory: made once, locked, and never made anew over what is there."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tla_sim.protocol.errors import ReaderHeld, TlaError
from tla_sim.reader_fw.board.flash import FlashImageError
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.state_directory import (
    NotAStateDirectory,
    StateDamaged,
    StateDirectory,
    StateNewer,
    StateUnreachable,
)

SIZE = 64 * 4096


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "Maya's reader"


def made(home: Path) -> Path:
    StateDirectory.open(home, SIZE).close()
    return home


def test_the_first_use_makes_a_directory_for_its_owner_only(home: Path) -> None:
    made(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert modes == dict.fromkeys(("flash.bin", "flash.check", "device.key", "state.json", "lock"), 0o600)
    assert len((home / "device.key").read_bytes()) == 32


def test_an_empty_directory_is_taken_and_closed_to_others(home: Path) -> None:
    home.mkdir(mode=0o755)
    made(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_two_readers_have_two_keys(tmp_path: Path) -> None:
    keys = {made(tmp_path / name).joinpath("device.key").read_bytes() for name in ("one", "two")}
    assert len(keys) == 2


def test_the_flash_keeps_what_was_written(home: Path) -> None:
    with StateDirectory.open(home, SIZE) as state:
        state.flash.program(4096, b"kept")
        key = state.device_key
    with StateDirectory.open(home) as state:
        assert (state.flash.size, state.flash.read(4096, 5)) == (SIZE, b"kept\xff")
        assert state.device_key == key


def test_a_flash_that_changed_while_no_reader_used_it_is_refused(home: Path) -> None:
    with StateDirectory.open(home, SIZE) as state:
        state.flash.program(4096, b"an invoice")
    image = bytearray((home / "flash.bin").read_bytes())
    image[4100] ^= 0x5A
    (home / "flash.bin").write_bytes(image)
    for _ in range(2):
        with pytest.raises(StateDamaged, match=r"flash\.bin is damaged: it is not as the reader left it"):
            StateDirectory.open(home)
    (home / "flash.check").unlink()
    with StateDirectory.open(home) as state:
        assert state.flash.read(4096, 4) == image[4096:4100], "whoever wants what is left of it can have it"
    StateDirectory.open(home).close()


def test_what_a_killed_program_wrote_is_kept(home: Path) -> None:
    made(home)
    code = (
        "import os, signal, sys\n"
        "from tla_sim.tools.simulator.state_directory import StateDirectory\n"
        "StateDirectory.open(sys.argv[1]).flash.program(0, b'kept')\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code, str(home)], cwd=root, timeout=60, check=False)
    assert done.returncode < 0
    with StateDirectory.open(home) as state:
        assert state.flash.read(0, 4) == b"kept"


def test_a_second_program_is_told_that_the_reader_is_held_and_by_whom(home: Path) -> None:
    with StateDirectory.open(home, SIZE):
        with pytest.raises(ReaderHeld, match=f"held by another application.*process {os.getpid()}") as held:
            StateDirectory.open(home)
        assert held.value.ssv == 0x0004
    StateDirectory.open(home).close()


def test_closing_twice_does_nothing(home: Path) -> None:
    state = StateDirectory.open(home, SIZE)
    state.close()
    with StateDirectory.open(home):
        state.close()
        with pytest.raises(ReaderHeld):
            StateDirectory.open(home)


def test_cards_stay_in_the_slots(home: Path, tmp_path: Path) -> None:
    with StateDirectory.open(home, SIZE) as state:
        assert state.slots == {}
        state.keep_slots({Slot.VITALE: tmp_path / "vitale paul.card"})
    with StateDirectory.open(home) as state:
        assert state.slots == {Slot.VITALE: tmp_path / "vitale paul.card"}
        state.keep_slots({})
        assert state.slots == {}


def edit(name: str, **changes: object) -> Callable[[Path], None]:
    def damage(home: Path) -> None:
        data = json.loads((home / name).read_text())
        (home / name).write_text(json.dumps(data | changes))

    return damage


def overwrite(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(home: Path) -> None:
        (home / name).write_bytes(content)

    return damage


def remove(name: str) -> Callable[[Path], None]:
    def damage(home: Path) -> None:
        (home / name).unlink()

    return damage


@pytest.mark.parametrize(
    ("damage", "error", "said"),
    [
        (edit("state.json", format=2), StateNewer, "format 2, this version knows 1.*Update tla-sim"),
        (edit("state.json", format=0), StateDamaged, "cannot be understood"),
        (edit("state.json", format=True), StateDamaged, "cannot be understood"),
        (edit("state.json", flash_bytes="big"), StateDamaged, "lacks an entry"),
        (edit("state.json", flash_bytes=SIZE * 2), StateDamaged, "its size is not"),
        (overwrite("state.json", b""), StateDamaged, "cannot be understood.*new directory"),
        (overwrite("state.json", b"[" * 60_000), StateDamaged, "cannot be understood"),
        (overwrite("state.json", b"x" * 1_000_000), StateDamaged, "larger than it can be"),
        (overwrite("state.json", b"\xff\xfe{}"), StateDamaged, "cannot be understood"),
        (overwrite("device.key", bytes(32)), StateDamaged, "not the key of this flash"),
        (overwrite("device.key", bytes(31)), StateDamaged, "not the key of this flash"),
        (remove("device.key"), StateDamaged, "device.key is missing"),
        (remove("flash.bin"), StateDamaged, "flash.bin is missing"),
        (overwrite("flash.bin", b""), StateDamaged, "it is empty"),
        (overwrite("flash.check", b"{"), StateDamaged, "cannot be understood.*delete flash.check"),
        (overwrite("flash.check", b'{"format": 2}'), StateNewer, "Update tla-sim"),
        (overwrite("flash.bin", bytes(4096)), FlashImageError, "flash.bin: .*cannot have 4096 bytes"),
        (overwrite("flash.bin", b"\xff" * (SIZE + 32 + 256)), FlashImageError, "not a flash image"),
    ],
)
def test_a_damaged_or_newer_directory_is_refused_and_left_alone(
    home: Path, damage: Callable[[Path], None], error: type[TlaError], said: str
) -> None:
    made(home)
    damage(home)
    before = {path.name: path.read_bytes() for path in home.iterdir() if path.name != "lock"}

    for _ in range(2):
        with pytest.raises(error, match=said) as refused:
            StateDirectory.open(home)
        assert refused.value.action, "it says what to do"
    assert before == {path.name: path.read_bytes() for path in home.iterdir() if path.name != "lock"}


def test_a_flash_from_a_newer_version_is_refused(home: Path) -> None:
    image = bytearray(made(home).joinpath("flash.bin").read_bytes())
    image[SIZE + 6] = 2
    (home / "flash.bin").write_bytes(image)
    with pytest.raises(FlashImageError, match="version 2, newer than 1"):
        StateDirectory.open(home)


def test_a_used_flash_whose_state_file_is_lost_is_not_made_anew(home: Path) -> None:
    with StateDirectory.open(home, SIZE) as state:
        state.flash.program(0, b"an invoice")
    (home / "state.json").unlink()
    with pytest.raises(StateDamaged, match="missing beside a flash that was used"):
        StateDirectory.open(home, SIZE)
    assert (home / "flash.bin").read_bytes().startswith(b"an invoice")


@pytest.mark.parametrize("there", [(), ("device.key",), ("device.key", "flash.bin")])
def test_a_making_that_was_cut_short_is_completed(home: Path, there: tuple[str, ...]) -> None:
    made(home)
    key = (home / "device.key").read_bytes()
    for path in list(home.iterdir()):
        if path.name not in there:
            path.unlink()
    (home / ".flash.bin.abc123").write_bytes(b"half")
    with StateDirectory.open(home, SIZE) as state:
        assert ("device.key" in there) == (state.device_key == key)


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("slots.json", b"{", StateDamaged, "Delete it: both slots are then empty"),
        ("slots.json", b'{"format": 1, "cps": 7}', StateDamaged, "a slot holds no path"),
        ("slots.json", b'{"format": 9}', StateNewer, "format 9"),
    ],
)
def test_a_damaged_slots_file_says_how_to_go_on(
    home: Path, name: str, content: bytes, error: type[TlaError], said: str
) -> None:
    made(home)
    (home / name).write_bytes(content)
    with StateDirectory.open(home) as state, pytest.raises(error, match=said):
        _ = state.slots


def test_a_directory_with_other_files_is_no_readers(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotAStateDirectory, match="other files and no reader"):
        StateDirectory.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAStateDirectory, match="is a file"):
        StateDirectory.open(tmp_path / "file")
    with pytest.raises(StateUnreachable):
        StateDirectory.open(tmp_path / "file" / "below")


def test_a_refused_directory_is_not_kept_locked(home: Path) -> None:
    made(home)
    edit("state.json", format=2)(home)
    with pytest.raises(StateNewer):
        StateDirectory.open(home)
    edit("state.json", format=1)(home)
    StateDirectory.open(home).close()
