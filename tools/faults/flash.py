"""Faults of the flash, as a hook of the part: cuts, bits that rot, worn-out sectors, no room."""

from __future__ import annotations

from collections.abc import Callable

from tla_sim.reader_fw.board.flash import (
    SECTOR_SIZE,
    FlashOperation,
    NorFlash,
    Operation,
    PowerCut,
    SectorFailed,
)
from tla_sim.reader_fw.board.flash_tear import span, tear_bytes
from tla_sim.tools.faults.kinds import TEARS, Counted, Where
from tla_sim.tools.faults.plan import Fault
from tla_sim.tools.faults.striking import Strikes


class FlashFaults:
    """Carries out the flash faults of a plan. After a cut the board is off until `power_on`.

    `ahead` is called before each operation.
    """

    def __init__(self, strikes: Strikes, ahead: Callable[[], None] = lambda: None) -> None:
        self._strikes = strikes
        self._ahead = ahead
        self._off = False
        self._worn: set[int] = set()
        self._full_for = 0

    @property
    def full(self) -> bool:
        """Whether there is still no room."""
        return self._full_for > 0

    def power_on(self) -> None:
        """The power is back."""
        self._off = False

    def wear_out(self, *sectors: int) -> None:
        """These sectors take nothing any more."""
        self._worn.update(sectors)

    def cut(self) -> None:
        """The power goes for another reason: nothing more reaches the flash."""
        self._off = True

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:
        """The hook: count, and spoil what the plan says."""
        if self._off:
            raise PowerCut("the board is off")
        self._ahead()
        for fault, _ in self._strikes.next(Counted.OPERATIONS, Where.FLASH):
            self._strike(flash, operation, fault)
        if operation.kind is Operation.ERASE and self._full_for:
            self._full_for -= 1
            raise SectorFailed("no sector can be erased")
        if operation.address // SECTOR_SIZE in self._worn:
            raise SectorFailed("worn out")

    def _strike(self, flash: NorFlash, operation: FlashOperation, fault: Fault) -> None:
        match fault.kind.what:
            case "cut":
                tear = TEARS[fault.value]
                before = flash.read(operation.address, span(operation))
                flash.poke(operation.address, tear_bytes(tear, operation, before))
                self._off = True
                raise PowerCut(f"cut at a {operation.kind.value}: {tear.value}")
            case "rot":
                flip_written_bit(flash, int(fault.value))
            case "worn":
                self._worn.add(operation.address // SECTOR_SIZE)
            case "full":
                self._full_for = int(fault.value)


def used_sectors(flash: NorFlash) -> tuple[int, ...]:
    """The sectors that hold anything."""
    return tuple(
        sector
        for sector in range(flash.sectors)
        if not flash.is_blank(sector * SECTOR_SIZE, (sector + 1) * SECTOR_SIZE)
    )


def flip_written_bit(flash: NorFlash, number: int) -> int:
    """Flip the bit of this number among all bits of used sectors, round and round; the byte's address."""
    sectors = used_sectors(flash)
    if not sectors:
        return 0
    byte, bit = divmod(number % (len(sectors) * SECTOR_SIZE * 8), 8)
    # Neighbouring numbers fall into different sectors, so that a few of them reach all.
    address = sectors[byte % len(sectors)] * SECTOR_SIZE + byte // len(sectors)
    flash.poke(address, bytes((flash.read(address, 1)[0] ^ 1 << bit,)))
    return address
