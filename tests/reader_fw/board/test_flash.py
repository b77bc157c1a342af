"""NOR flash: what its cells do, what survives in the image, and what a torn operation leaves."""

from __future__ import annotations

import mmap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.reader_fw.board.flash import (
    SECTOR_SIZE,
    FlashImageError,
    FlashOperation,
    NorFlash,
    Operation,
    PowerCut,
    blank_image,
)
from tla_sim.reader_fw.board.flash_log import FlashLog, PowerCutter, Replayer
from tla_sim.reader_fw.board.flash_tear import Tear, tear_bytes

SIZE = 16 * SECTOR_SIZE


def test_a_new_part_reads_as_erased_and_unworn() -> None:
    flash = NorFlash(blank_image(SIZE))
    assert flash.read(0, SIZE) == b"\xff" * SIZE
    assert flash.is_blank(0, SIZE)
    assert [flash.wear(sector) for sector in range(flash.sectors)] == [0] * 16


@given(st.lists(st.binary(min_size=1, max_size=64), max_size=6))
def test_programming_only_clears_bits_until_the_sector_is_erased(programs: list[bytes]) -> None:
    flash = NorFlash(blank_image(SECTOR_SIZE))
    expected = bytearray(b"\xff" * 64)
    for data in programs:
        flash.program(0, data)
        for at, byte in enumerate(data):
            expected[at] &= byte
    assert flash.read(0, 64) == expected
    flash.erase(0)
    assert flash.is_blank(0, SECTOR_SIZE)


def test_erasing_touches_one_sector_only() -> None:
    flash = NorFlash(blank_image(SIZE))
    for sector in range(3):
        flash.program(sector * SECTOR_SIZE, bytes(SECTOR_SIZE))
    flash.erase(1)
    assert flash.read(0, 3 * SECTOR_SIZE) == bytes(SECTOR_SIZE) + b"\xff" * SECTOR_SIZE + bytes(SECTOR_SIZE)
    assert not flash.is_blank(SECTOR_SIZE, 2 * SECTOR_SIZE + 1)


@pytest.mark.parametrize(("address", "length"), [(-1, 4), (SIZE - 3, 4), (SECTOR_SIZE - 1, 2)])
def test_programming_outside_the_array_or_across_sectors_is_a_bug_of_the_caller(
    address: int, length: int
) -> None:
    with pytest.raises(ValueError, match="not within one sector"):
        NorFlash(blank_image(SIZE)).program(address, bytes(length))


def test_contents_wear_and_tamper_latch_live_in_the_image_alone() -> None:
    image = blank_image(SIZE)
    flash = NorFlash(image)
    flash.erase(3)
    flash.erase(3)
    flash.program(3 * SECTOR_SIZE, b"kept")
    flash.trip()
    again = NorFlash(bytearray(image))
    assert again.read(3 * SECTOR_SIZE, 4) == b"kept"
    assert (again.wear(3), again.wear(2), again.tripped) == (2, 0, True)


def test_a_mapped_file_serves_as_the_image() -> None:
    image = blank_image(SIZE)
    with mmap.mmap(-1, len(image)) as mapped:
        mapped[:] = bytes(image)
        flash = NorFlash(mapped)
        flash.program(0, b"\x00")
        flash.erase(1)
        flash.close()
        assert NorFlash(bytearray(mapped[:])).wear(1) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda image: image[:-1], "cannot have"),
        (lambda image: image[:0], "cannot have"),
        (lambda image: image.replace(b"TLANOR", b"TLAxxx"), "not a flash image"),
        (lambda image: image.replace(b"TLANOR\x01\x00", b"TLANOR\x02\x00"), "newer than 1"),
        (lambda image: image.replace((SIZE).to_bytes(4, "little"), bytes(4)), "contradicts"),
    ],
)
def test_a_foreign_cut_or_newer_image_is_refused_with_what_to_do(
    spoil: Callable[[bytearray], bytearray], said: str
) -> None:
    with pytest.raises(FlashImageError, match=said) as refused:
        NorFlash(spoil(blank_image(SIZE)))
    assert refused.value.action


@given(st.binary(min_size=8, max_size=64), st.binary(min_size=8, max_size=64), st.sampled_from(Tear))
def test_a_torn_program_leaves_each_bit_old_or_new(before: bytes, data: bytes, tear: Tear) -> None:
    size = min(len(before), len(data))
    operation = FlashOperation(Operation.PROGRAM, 256, data[:size])
    left = tear_bytes(tear, operation, before[:size])
    for old, new, now in zip(before, data, left, strict=False):
        assert now | old == old, "a bit was set"
        assert now & (old & new) == old & new, "a bit was cleared that the data has set"


def test_tears_differ_from_each_other_where_the_data_do() -> None:
    operation = FlashOperation(Operation.ERASE, 0, b"")
    left = {tear: tear_bytes(tear, operation, bytes(SECTOR_SIZE)) for tear in Tear}
    assert len(set(left.values())) == len(Tear)
    assert left[Tear.NOTHING] == bytes(SECTOR_SIZE)
    assert left[Tear.LANDED] == b"\xff" * SECTOR_SIZE


def test_after_the_cut_the_board_is_off_until_the_hook_goes() -> None:
    flash = NorFlash(blank_image(SIZE))
    cutter = PowerCutter(1, Tear.PREFIX_50)
    flash.hooks.append(cutter)
    flash.program(0, bytes(8))
    with pytest.raises(PowerCut):
        flash.program(8, bytes(8))
    with pytest.raises(PowerCut):
        flash.erase(0)
    flash.hooks.remove(cutter)
    assert flash.read(0, 16) == bytes(12) + b"\xff" * 4
    flash.erase(0)


def test_a_replayed_image_is_what_a_real_cut_at_that_point_leaves() -> None:
    def scenario(flash: NorFlash) -> None:
        flash.erase(0)
        flash.program(0, b"first record")
        flash.program(300, bytes(range(200)))
        flash.erase(0)
        flash.program(0, b"second record")

    image = blank_image(SIZE)
    flash = NorFlash(image)
    log = FlashLog(image)
    flash.hooks.append(log)
    scenario(flash)
    replayer = Replayer(log)
    for point in (*range(len(replayer)), 0):
        for tear in Tear:
            cut = NorFlash(bytearray(log.base))
            cut.hooks.append(PowerCutter(point, tear))
            with pytest.raises(PowerCut):
                scenario(cut)
            with replayer.cut(point, tear) as lent:
                assert lent.read(0, SIZE) == cut.read(0, SIZE)
                lent.erase(0)
                lent.program(5000, b"what the borrower does")
            with replayer.cut(point, tear) as lent:
                assert lent.read(0, SIZE) == cut.read(0, SIZE)
    with replayer.cut(len(replayer) - 1, Tear.LANDED) as lent:
        assert lent.read(0, SIZE) == flash.read(0, SIZE)


def test_tears_that_leave_the_same_image_are_named_once() -> None:
    image = blank_image(SIZE)
    flash = NorFlash(image)
    log = FlashLog(image)
    flash.hooks.append(log)
    flash.erase(0)
    flash.program(0, bytes(4))
    replayer = Replayer(log)
    assert replayer.tears(0) == (Tear.NOTHING,), "erasing what is erased changes nothing"
    assert replayer.tears(1)[:2] == (Tear.NOTHING, Tear.PREFIX_37)
    assert Tear.LANDED in replayer.tears(1)
