"""Snapshot files: the same on another machine, without codes, and refused when they are not whole."""

from __future__ import annotations

import hashlib
import json
import stat
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.history.cold_image import Origin
from tla_sim.tools.simulator.history.inputs import Op
from tla_sim.tools.simulator.history.snapshot import MAX_IN_MEMORY, OtherGeometry, Snapshot
from tla_sim.tools.simulator.history.snapshot_file import (
    NotASnapshot,
    SnapshotDamaged,
    SnapshotNewer,
    SnapshotUnwritable,
    build_snapshot,
    parse_snapshot,
    read_header,
    read_snapshot,
    write_snapshot,
)
from tla_sim.tools.simulator.history.tapes import HistoryDiverged

from .history_kit import differences, new_reader, record, state_of
from .runs import RUNS

MAGIC = b"TLA-SIM SNAPSHOT\n"


@cache
def snapshot() -> Snapshot:
    """A reader on a visit, with invoices, cards and codes behind it."""
    done = record(RUNS["a wrong code on a visit"])
    return done.world.recorded.snapshot("on a visit")


@cache
def raw() -> bytes:
    """Its file."""
    return build_snapshot(snapshot())


def test_only_its_owner_may_read_it_and_it_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "visit.snapshot"
    write_snapshot(path, snapshot())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_snapshot(path) == snapshot()
    header = read_header(path)
    assert header.holds == "test keys of the cards and of the reader"
    assert (header.name, header.profile, header.release, header.on) == ("on a visit", "1.40", "1.40", True)
    assert tuple(header.screen) == snapshot().shown.lines


def test_no_code_is_in_it() -> None:
    done = record(RUNS["codes"])
    codes = (CODE, "2468", "12345678", "4321")
    for taken in done.snapshots.values():
        opened = build_snapshot(taken) + b"".join(each.data for each in taken.inputs())
        opened += taken.cold.flash.image()
        for code in codes:
            assert code.encode().ljust(8, b"\xff") not in opened
            assert f'"{code}"'.encode() not in opened
        sent = [each.data for each in taken.inputs() if each.op.name in ("BEGIN", "EXCHANGE")]
        assert not [data for data in sent for code in codes if code.encode() in data]


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SnapshotUnwritable):
        write_snapshot(tmp_path / "no such folder" / "a.snapshot", snapshot())


@given(st.binary(max_size=200))
def test_other_files_are_no_snapshots(data: bytes) -> None:
    if not data.startswith(MAGIC):
        with pytest.raises(NotASnapshot):
            parse_snapshot(data)


@given(st.data())
def test_a_damaged_file_is_refused(data: st.DataObject) -> None:
    whole = raw()
    at = data.draw(st.integers(len(MAGIC) + 2, len(whole) - 1))
    if data.draw(st.booleans()):
        broken = whole[:at]
    else:
        broken = whole[:at] + bytes((whole[at] ^ data.draw(st.integers(1, 255)),)) + whole[at + 1 :]
    with pytest.raises(SnapshotDamaged):
        parse_snapshot(broken)


def test_a_newer_format_is_refused() -> None:
    at = len(MAGIC)
    with pytest.raises(SnapshotNewer):
        parse_snapshot(raw()[:at] + b"\x00\x03" + raw()[at + 2 :])


@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "on a mapped flash"])
def test_only_a_reader_in_memory_takes_over_another_size_of_flash(kept: bool) -> None:
    from tla_sim.reader_fw.board.board import assemble_board
    from tla_sim.reader_fw.board.entropy import SeededEntropy
    from tla_sim.reader_fw.board.flash import NorFlash, blank_image
    from tla_sim.tools.faults.plan import FaultPlan
    from tla_sim.tools.faults.striking import Strikes
    from tla_sim.tools.simulator.history.recorded_reader import RecordedReader

    board = assemble_board(0, SeededEntropy(1), NorFlash(blank_image(2 * 1024 * 1024)))
    reader = RecordedReader(board, Strikes(FaultPlan()))
    reader.kept = kept
    if kept:
        with pytest.raises(OtherGeometry, match="524288 bytes of flash, this one has 2097152"):
            reader.restore(snapshot())
        return
    reader.power_on()
    before, step = state_of(reader), reader.step
    reader.restore(snapshot())
    assert reader.display == snapshot().shown.lines
    assert reader.board.flash.size == 524_288
    reader.rewind(step)
    assert reader.board.flash.size == 2_097_152
    assert not differences(before, state_of(reader))


def test_a_flash_that_no_reader_in_memory_has_is_refused() -> None:
    forged = parse_snapshot(raw())
    huge = replace(forged.cold.flash, array_bytes=2 * MAX_IN_MEMORY)
    with pytest.raises(OtherGeometry):
        new_reader().restore(replace(forged, cold=replace(forged.cold, flash=huge)))


def test_a_failed_restore_leaves_the_flash_its_size() -> None:
    reader = ReaderControl.in_memory(demo_practice()).reader
    crc = crc32(reader.board.flash.read_image())
    with pytest.raises(HistoryDiverged):
        reader.restore(parse_snapshot(forge({"clock_ms": snapshot().shown.clock_ms + 1}, {})))
    assert reader.board.flash.size == 2 * 1024 * 1024
    assert crc32(reader.board.flash.read_image()) == crc


@pytest.mark.parametrize(
    ("file", "seed", "cards"),
    [
        ("bench", 7, ["cps-piqure2969-maya", "vitale-martin-paul"]),
        ("state", None, ["cps-piqure2969-maya.card"]),
    ],
)
def test_a_file_of_format_1_opens(file: str, seed: int | None, cards: list[str], tmp_path: Path) -> None:
    """Its names of cards lose their folders, also in a file that is written anew."""
    old = read_snapshot(Path(__file__).with_name(f"format_1_{file}.snapshot"))
    assert old.cold.origin == Origin(seed, "1.40")
    reader = ReaderControl.in_memory(demo_practice()).reader
    reader.restore(old)
    assert list(reader.cards) == cards
    write_snapshot(tmp_path / "new.snapshot", reader.snapshot())
    again = read_snapshot(tmp_path / "new.snapshot")
    names = [each.data for each in again.inputs() if each.op in (Op.INSERT, Op.CHIP)]
    assert len(names) == 2 * len(cards)
    assert not [name for name in names if b"/" in name.partition(b"\0")[0]]
    assert again.cold.origin == old.cold.origin


def test_what_a_reader_began_with_goes_with_it() -> None:
    profile = find_profile("1.31")
    elsewhere = new_reader(profile=profile)
    assert elsewhere.origin == Origin(None, "1.31")
    seeded = ReaderControl.in_memory(demo_practice(), seed=41, profile="1.31").reader
    other = ReaderControl.in_memory(demo_practice(), seed=2).reader
    before = other.step
    other.restore(parse_snapshot(build_snapshot(seeded.snapshot())))
    assert other.origin == Origin(41, "1.31")
    other.rewind(before)
    assert other.origin == Origin(2, "1.40")


def test_a_replay_that_leads_elsewhere_is_refused() -> None:
    other = new_reader()
    wrong = parse_snapshot(forge({"clock_ms": snapshot().shown.clock_ms + 1}, {}))
    with pytest.raises(HistoryDiverged):
        other.restore(wrong)
    assert not other.on
    other.power_on()
    assert other.display[0].startswith("TLA 1.40")


def parts() -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """The header and the state of the file, and the bytes behind the state."""
    content = raw()[len(MAGIC) + 2 : -32]
    size = int.from_bytes(content[:4], "big")
    header, body = content[4 : 4 + size], content[8 + size :]
    length = int.from_bytes(body[:4], "big")
    return json.loads(header), json.loads(body[4 : 4 + length]), body[4 + length :]


def forge(header_change: dict[str, Any], state_change: dict[str, Any], blobs: bytes | None = None) -> bytes:
    """A file with other values in it and the right checksum, as an adversary writes it."""
    header, state, behind = parts()
    told = json.dumps(header | header_change).encode()
    inner = json.dumps(state | state_change).encode()
    body = len(inner).to_bytes(4, "big") + inner + (behind if blobs is None else blobs)
    content = MAGIC + b"\x00\x02" + len(told).to_bytes(4, "big") + told + len(body).to_bytes(4, "big") + body
    return content + hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    ("header", "state"),
    [
        ({}, {"battery": 101}),
        ({}, {"battery": -1}),
        ({}, {"cold_ms": 10**18}),
        ({"clock_ms": 10**18}, {}),
    ],
)
def test_what_no_reader_can_show_is_refused(header: dict[str, Any], state: dict[str, Any]) -> None:
    with pytest.raises(SnapshotDamaged):
        parse_snapshot(forge(header, state))


VALUES = st.one_of(
    st.integers(-2, 10),
    st.just(2**62),
    st.just(2**70),
    st.text(max_size=5),
    st.none(),
    st.just([]),
    st.just({}),
    st.booleans(),
    st.just("9.99"),
    st.just(["ps.pull@0", "x"]),
)


@given(st.data())
def test_whatever_a_forged_file_says_it_is_refused_in_a_typed_way_or_restored(data: st.DataObject) -> None:
    header, state, _ = parts()
    if data.draw(st.booleans()):
        file = forge({data.draw(st.sampled_from(sorted(header))): data.draw(VALUES)}, {})
    else:
        name = data.draw(st.sampled_from(sorted(state)))
        value = data.draw(VALUES)
        if isinstance(state[name], dict) and data.draw(st.booleans()):
            value = state[name] | {data.draw(st.sampled_from(sorted(state[name]))): value}
        elif isinstance(state[name], list) and state[name] and data.draw(st.booleans()):
            first = state[name][0]
            value = [first | {data.draw(st.sampled_from(sorted(first))): value}, *state[name][1:]]
        file = forge({}, {name: value})
    try_to_restore(file)


@given(st.data())
def test_whatever_bytes_a_forged_file_has_it_is_refused_in_a_typed_way_or_restored(
    data: st.DataObject,
) -> None:
    blobs = bytearray(parts()[2])
    for _ in range(data.draw(st.integers(1, 4))):
        blobs[data.draw(st.integers(0, len(blobs) - 1))] = data.draw(st.integers(0, 255))
    try_to_restore(forge({}, {}, bytes(blobs)))


def try_to_restore(file: bytes) -> None:
    """Restore a file in a reader; what it cannot be, it says."""
    other = new_reader()
    with suppress(TlaError):
        other.restore(parse_snapshot(file))
    # Whatever it was, the reader can still be used.
    other.power_off()
