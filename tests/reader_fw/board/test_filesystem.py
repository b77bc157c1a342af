"""The file system: whole or nothing at every cut, typed answers, and nothing formatted that held data."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.reader_fw.board.flash_files import read_file, write_file
from tla_sim.reader_fw.board.block_device import BLOCK_SIZE
from tla_sim.reader_fw.board.filesystem import FileMissing, FileSystemDamaged, FlashFileSystem, FlashFull
from tla_sim.reader_fw.board.flash import (
    PAGE_SIZE,
    SECTOR_SIZE,
    FlashOperation,
    NorFlash,
    Operation,
    PowerCut,
    SectorFailed,
    blank_image,
)
from tla_sim.reader_fw.board.flash_log import FlashLog, PowerCutter, Replayer
from tla_sim.reader_fw.board.flash_tear import Tear

SMALL = 32 * SECTOR_SIZE


def fresh(size: int = SMALL) -> tuple[NorFlash, FlashFileSystem]:
    flash = NorFlash(blank_image(size))
    return flash, FlashFileSystem.open(flash)


@pytest.mark.parametrize("size", [8 * SECTOR_SIZE, SMALL, 1 << 20, 16 << 20])
def test_files_survive_a_power_cycle_on_flashes_of_any_size(size: int) -> None:
    flash, system = fresh(size)
    system.make_directory("log")
    write_file(system, "log/one", b"1" * 5_000)
    system.append("log/two", b"2")
    system.append("log/two", b"2" * 3_000)
    system.close()
    again = FlashFileSystem.open(flash)
    assert again.list("log") == (("one", 5_000), ("two", 3_001))
    assert read_file(again, "log/one") == b"1" * 5_000
    assert again.read_part("log/two", 2_999, 99) == b"22"
    assert again.free_bytes < again.block_count * BLOCK_SIZE


def test_files_can_be_appended_to_removed_and_made_again_in_turn() -> None:
    _, system = fresh()
    system.append("a", b"first ")
    assert read_file(system, "a") == b"first "
    system.append("a", b"second")
    system.append("b", b"other")
    system.append("a", b" third")
    assert (read_file(system, "a"), read_file(system, "b")) == (b"first second third", b"other")
    system.remove("a")
    system.append("a", b"new")
    assert read_file(system, "a") == b"new"
    system.remove("b")
    with pytest.raises(FileMissing, match="No file b"):
        system.read_part("b", 0, 1)
    with pytest.raises(FileMissing):
        system.remove("b")
    with pytest.raises(FileMissing):
        system.list("nowhere")
    system.make_directory("d")
    system.make_directory("d")
    assert system.list("/") == (("a", 3),)


def test_many_files_read_in_turn_keep_few_handles_and_stay_right() -> None:
    _, system = fresh(1 << 20)
    for number in range(20):
        write_file(system, f"f{number}", bytes([number]) * 600)
    for _ in range(3):
        for number in range(20):
            assert system.read_part(f"f{number}", 10, 4) == bytes([number]) * 4


def test_a_full_flash_says_so_and_keeps_what_it_has() -> None:
    flash, system = fresh()
    write_file(system, "kept", b"k" * 9_000)
    system.append("log", b"l" * 5_000)
    free = system.free_bytes
    with pytest.raises(FlashFull):
        system.append("kept", b"n" * SMALL)
    with pytest.raises(FlashFull):
        system.append("log", b"n" * SMALL)
    with pytest.raises(FlashFull):
        system.append("new", b"n" * SMALL)
    assert read_file(system, "kept") == b"k" * 9_000
    assert read_file(system, "log") == b"l" * 5_000
    assert system.free_bytes >= free - 2 * BLOCK_SIZE
    system.append("log", b"more")
    again = FlashFileSystem.open(flash)
    assert read_file(again, "log") == b"l" * 5_000 + b"more"


def scenario(system: FlashFileSystem) -> None:
    system.make_directory("d")
    system.append("d/first", b"old" * 40)
    system.append("d/log", b"A" * 3_000)
    system.append("d/log", b"B" * 6_000)
    system.append("d/next", b"new" * 400)
    system.remove("d/first")
    system.append("d/log", b"C" * 10)
    system.remove("d/log")


LOG = b"A" * 3_000 + b"B" * 6_000
STEPS: tuple[dict[str, bytes], ...] = (
    {},
    {"first": b""},
    {"first": b"old" * 40},
    {"first": b"old" * 40, "log": b""},
    {"first": b"old" * 40, "log": b"A" * 3_000},
    {"first": b"old" * 40, "log": LOG},
    {"first": b"old" * 40, "log": LOG, "next": b""},
    {"first": b"old" * 40, "log": LOG, "next": b"new" * 400},
    {"log": LOG, "next": b"new" * 400},
    {"log": LOG + b"C" * 10, "next": b"new" * 400},
    {"next": b"new" * 400},
)


def recorded(run: Callable[[FlashFileSystem], None], *, formatted: bool) -> Replayer:
    image = blank_image(SMALL)
    flash = NorFlash(image)
    if formatted:
        FlashFileSystem.open(flash).close()
    log = FlashLog(image)
    flash.hooks.append(log)
    system = FlashFileSystem.open(flash)
    run(system)
    system.close()
    return Replayer(log)


def contents(system: FlashFileSystem) -> dict[str, bytes]:
    return {name: read_file(system, f"d/{name}") for name, _ in system.list("d")}


def test_a_cut_at_any_operation_leaves_a_step_of_the_scenario_and_the_file_system_usable() -> None:
    replayer = recorded(scenario, formatted=True)
    reached = 0
    for point in range(len(replayer)):
        for tear in replayer.tears(point):
            with replayer.cut(point, tear) as flash:
                system = FlashFileSystem.open(flash)
                try:
                    found = contents(system)
                except FileMissing:
                    found = {}
                step = STEPS.index(found)
                assert step >= reached, "an operation that had landed was undone"
                if tear is Tear.NOTHING:
                    reached = step
                system.make_directory("d")
                write_file(system, "d/after", b"a" * 700)
                assert contents(system) == found | {"after": b"a" * 700}
                system.close()
    with replayer.cut(len(replayer) - 1, Tear.LANDED) as flash:
        assert contents(FlashFileSystem.open(flash)) == STEPS[-1]


def test_a_cut_during_the_first_format_ever_leaves_a_reader_that_still_starts() -> None:
    replayer = recorded(lambda system: system.make_directory("d"), formatted=False)
    assert len(replayer) > 3
    for point in range(len(replayer)):
        for tear in replayer.tears(point):
            with replayer.cut(point, tear) as flash:
                system = FlashFileSystem.open(flash)
                system.make_directory("d")
                write_file(system, "d/x", b"x")
                assert contents(system) == {"x": b"x"}
                system.close()


def test_the_power_cut_itself_reaches_the_caller_and_the_object_stays_dead() -> None:
    flash, system = fresh()
    write_file(system, "kept", b"k")
    flash.hooks.append(PowerCutter(0, Tear.HALF_BITS))
    with pytest.raises(PowerCut):
        system.append("log", b"x" * 5_000)
    with pytest.raises(PowerCut):
        read_file(system, "kept")
    system.close()
    flash.hooks.clear()
    assert read_file(FlashFileSystem.open(flash), "kept") == b"k"


class WornSector:
    """A hook under which one sector never takes an operation again."""

    def __init__(self, sector: int) -> None:
        self.sector = sector
        self.refused = 0

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:  # noqa: ARG002
        if operation.address // SECTOR_SIZE == self.sector:
            self.refused += 1
            raise SectorFailed


@pytest.mark.parametrize("sector", range(2, 12))
def test_a_worn_out_sector_is_replaced_by_another(sector: int) -> None:
    flash, system = fresh()
    worn = WornSector(sector)
    flash.hooks.append(worn)
    system.make_directory("d")
    for number in range(40):
        write_file(system, f"d/f{number % 7}", bytes([number]) * 5_000)
    assert worn.refused
    for number in range(33, 40):
        assert read_file(system, f"d/f{number % 7}") == bytes([number]) * 5_000


class Wear:
    """A hook that notes which sectors are written to, and under which `worn` ones take no operation."""

    def __init__(self) -> None:
        self.worn: set[int] = set()
        self.written: list[int] = []

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:  # noqa: ARG002
        sector = operation.address // SECTOR_SIZE
        if sector in self.worn:
            raise SectorFailed
        self.written.append(sector)


class MovedDirectory:
    """Two directories, of which `one` was moved twice, and the sector in which littlefs lists where it is.

    The lists of littlefs: the directory made last has the place of the one before.
    """

    def __init__(self) -> None:
        self.flash, self.system = fresh(64 * SECTOR_SIZE)
        self.wear = Wear()
        self.system.make_directory("one")
        self.flash.hooks.append(self.wear)
        self.system.make_directory("two")
        self.list_sector = self.wear.written[0]
        self.move()
        self.move()

    def move(self) -> None:
        """Wear out the sectors that `one` is in until it has another place."""
        for _ in range(3):
            self.system.append("one/f", b"x")
            del self.wear.written[:-1]
            self.wear.worn.add(self.wear.written.pop())
            self.system.append("one/f", b"x")
            if self.list_sector in self.wear.written:
                return
        pytest.fail("the directory stayed where it was")

    def rot(self) -> None:
        """Take the list back to the time before both moves, by bits that rotted."""
        address = self.list_sector * SECTOR_SIZE + PAGE_SIZE
        self.flash.poke(address, bytes(byte ^ 0x55 for byte in self.flash.read(address, 8)))


def test_rot_that_makes_directories_contradict_each_other_is_refused_at_the_start() -> None:
    moved = MovedDirectory()
    moved.system.close()
    FlashFileSystem.open(moved.flash).close()
    moved.rot()
    before = moved.flash.read(0, moved.flash.size)
    with pytest.raises(FileSystemDamaged, match="one"):
        FlashFileSystem.open(moved.flash)
    assert moved.flash.read(0, moved.flash.size) == before


def test_rot_of_what_was_whole_at_the_start_ends_the_file_system_and_not_the_process() -> None:
    moved = MovedDirectory()
    # More than what is kept of it in memory.
    write_file(moved.system, "long", bytes(40 * SECTOR_SIZE))
    read_file(moved.system, "long")
    moved.rot()
    with pytest.raises(FileSystemDamaged, match=f"Sector {moved.list_sector}"):
        moved.move()
    with pytest.raises(FileSystemDamaged):
        moved.system.list("one")
    moved.system.close()


def test_rot_in_a_file_shows_in_that_file_alone() -> None:
    flash, system = fresh()
    write_file(system, "kept", b"k" * 600)
    write_file(system, "f", b"x" * 600)
    at = flash.read(0, flash.size).index(b"x" * 100)
    flash.poke(at, b"y" * 100)
    again = FlashFileSystem.open(flash)
    assert read_file(again, "f").count(b"y") == 100
    assert read_file(again, "kept") == b"k" * 600
    flash.poke(at + PAGE_SIZE, b"y" * 8)
    assert len(read_file(again, "f")) == 600
    again.append("kept", b"more")


class StuckBit:
    """A hook under which one cell of a sector always reads 0."""

    def __init__(self, address: int) -> None:
        self.address = address

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:
        if operation.kind is Operation.PROGRAM and operation.address == self.address:
            flash.poke(self.address, bytes(2))


def test_cells_that_do_not_take_a_value_are_noticed_when_written() -> None:
    flash, system = fresh()
    for sector in range(2, 10):
        flash.hooks.append(StuckBit(sector * SECTOR_SIZE))
    write_file(system, "f", b"\xaa" * 5_000)
    system.close()
    assert read_file(FlashFileSystem.open(flash), "f") == b"\xaa" * 5_000


def test_every_single_flipped_bit_of_the_used_sectors_is_put_right() -> None:
    flash, system = fresh()
    scenario(system)
    system.close()
    used = [
        sector for sector in range(flash.sectors) if not flash.is_blank(sector * 4096, sector * 4096 + 4096)
    ]
    step = 8 * 41 + 3
    corrected = 0
    for place in range(0, len(used) * SECTOR_SIZE * 8, step):
        sector, bit = divmod(place, SECTOR_SIZE * 8)
        address = used[sector] * SECTOR_SIZE + bit // 8
        before = flash.read(address, 1)
        flash.poke(address, bytes([before[0] ^ 1 << bit % 8]))
        system = FlashFileSystem.open(flash)
        assert contents(system) == STEPS[-1]
        corrected += system.corrected > 0
        system.close()
        flash.poke(address, before)
    assert corrected > 10


def test_a_damaged_file_system_is_refused_and_left_as_it_is() -> None:
    flash, system = fresh()
    system.make_directory("d")
    write_file(system, "d/f", b"x" * 5_000)
    system.close()
    for sector in (0, 1):
        flash.poke(sector * SECTOR_SIZE, bytes(512))
    before = flash.read(0, flash.size)
    with pytest.raises(FileSystemDamaged) as refused:
        FlashFileSystem.open(flash)
    assert refused.value.action
    assert flash.read(0, flash.size) == before


def test_sectors_outside_the_file_system_are_left_alone_and_keep_it_from_formatting() -> None:
    flash = NorFlash(blank_image(SMALL))
    flash.program(31 * SECTOR_SIZE, b"a key")
    with pytest.raises(FileSystemDamaged):
        FlashFileSystem.open(flash, 1, 30)
    flash.erase(31)
    system = FlashFileSystem.open(flash, 1, 30)
    with pytest.raises(FlashFull):
        write_file(system, "f", b"x" * SMALL)
    assert flash.is_blank(0, SECTOR_SIZE)
    assert flash.is_blank(31 * SECTOR_SIZE, 32 * SECTOR_SIZE)


def test_an_unexpected_failure_inside_a_callback_reaches_the_caller_as_itself() -> None:
    class Broken:
        def before(self, flash: NorFlash, operation: FlashOperation) -> None:  # noqa: ARG002
            raise ZeroDivisionError

    flash, system = fresh()
    flash.hooks.append(Broken())
    with pytest.raises(ZeroDivisionError):
        write_file(system, "f", b"x")


def test_a_closed_file_system_says_so() -> None:
    _, system = fresh()
    write_file(system, "f", b"x")
    system.close()
    system.close()
    with pytest.raises(ValueError, match="closed"):
        read_file(system, "f")
    with pytest.raises(ValueError, match="closed"):
        system.append("f", b"y")
