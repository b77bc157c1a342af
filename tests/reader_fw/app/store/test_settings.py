"""Settings: small values that survive a power cycle and damage."""

from __future__ import annotations

import pytest

from tests.reader_fw.app.store.storage_bench import Bench
from tests.reader_fw.board.flash_files import read_file, write_file
from tla_sim.reader_fw.app.store.sealing import RecordDamaged
from tla_sim.reader_fw.board.block_device import BLOCK_SIZE


def test_settings_survive_a_power_cycle() -> None:
    bench = Bench.new()
    settings = bench.storage.settings
    assert settings.get("serial") is None
    settings.put("serial", b"TLA1")
    settings.put("clock", bytes(8))
    settings.put("clock", b"later")
    settings.put("gone", b"x")
    settings.remove("gone")
    settings.remove("gone")
    bench.power_cycle()
    settings = bench.storage.settings
    assert [settings.get(name) for name in ("serial", "clock", "gone")] == [b"TLA1", b"later", None]


def test_putting_what_is_there_writes_nothing() -> None:
    bench = Bench.new()
    bench.storage.settings.put("serial", b"TLA1")
    image = bench.flash.read_image()
    bench.storage.settings.put("serial", b"TLA1")
    assert bench.flash.read_image() == image


def test_ten_thousand_changes_take_no_more_room_than_one() -> None:
    bench = Bench.new()
    settings = bench.storage.settings
    settings.put("serial", b"TLA1")
    free = bench.storage.fs.free_bytes
    for turn in range(2_000):
        settings.put("clock", turn.to_bytes(8, "big"))
    bench.power_cycle()
    settings = bench.storage.settings
    assert settings.get("serial") == b"TLA1"
    assert settings.get("clock") == (1_999).to_bytes(8, "big")
    assert bench.storage.fs.free_bytes > free - 6 * BLOCK_SIZE


def test_too_long_a_value_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="4096 bytes"):
        Bench.new().storage.settings.put("x", bytes(4_097))


def test_a_setting_that_may_have_been_lost_is_not_taken_for_one_never_put() -> None:
    bench = Bench.new()
    bench.storage.settings.put("serial", b"TLA1")
    fs = bench.storage.fs
    path = "settings/" + fs.list("settings")[0].name
    raw = bytearray(read_file(fs, path))
    raw[25] ^= 1
    write_file(fs, path, bytes(raw))
    bench.power_cycle()
    assert bench.storage.settings.get("serial") == b"TLA1", "the copy at the other end serves"
    raw[-25] ^= 1
    write_file(bench.storage.fs, path, bytes(raw))
    bench.power_cycle()
    with pytest.raises(RecordDamaged, match="Setting serial"):
        bench.storage.settings.get("serial")
    bench.storage.settings.put("serial", b"TLA2")
    bench.power_cycle()
    assert bench.storage.settings.get("serial") == b"TLA2"
