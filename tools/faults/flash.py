"""Faults of the flash, as a hook of the part: power cuts, bit rot, worn-out sectors, no room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

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


class FlashFaultsState(NamedTuple):
    """Whether power is cut, which sectors are worn out, and how many erases will still fail."""

    off: bool = False
    worn: tuple[int, ...] = ()
    full_for: int = 0


class FlashFaults:
    """Carries out the flash faults of a plan. After a power cut the board is off until `power_on`.

    `ahead` is called before each operation that reaches the flash.
    """

    def __init__(self, strikes: Strikes, ahead: Callable[[], None] = lambda: None) -> None:
        self._strikes = strikes
        self._ahead = ahead
        self._off = False
        self._worn: set[int] = set()
        self._full_for = 0

    @property
    def state(self) -> FlashFaultsState:
        """What lasts, for `put_back`."""
        return FlashFaultsState(self._off, tuple(sorted(self._worn)), self._full_for)

    def put_back(self, state: FlashFaultsState) -> None:
        """Go on from a former state."""
        self._off, self._worn, self._full_for = state.off, set(state.worn), state.full_for

    @property
    def full(self) -> bool:
        """Whether sectors still cannot be erased."""
        return self._full_for > 0

    def power_on(self) -> None:
        """Restore the power."""
        self._off = False

    def wear_out(self, *sectors: int) -> None:
        """Mark sectors as worn out: they accept no program and no erase any more."""
        self._worn.update(sectors)

    def cut(self) -> None:
        """Cut the power for another reason: nothing more reaches the flash."""
        self._off = True

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:
        """Count an operation and carry out the faults that strike it; called by the flash."""
        # Until the firmware has unwound from a cut it may go on writing: none of that may reach the flash.
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
    """Return the numbers of the sectors that are not blank."""
    return tuple(
        sector
        for sector in range(flash.sectors)
        if not flash.is_blank(sector * SECTOR_SIZE, (sector + 1) * SECTOR_SIZE)
    )


def flip_written_bit(flash: NorFlash, number: int) -> int:
    """Flip bit `number`, modulo the bits of all used sectors. Return the address of its byte."""
    sectors = used_sectors(flash)
    return flip_bit(flash, sectors, number) if sectors else 0


def flip_bit(flash: NorFlash, sectors: Sequence[int], number: int) -> int:
    """Flip bit `number`, modulo the bits of these sectors. Return the address of its byte."""
    byte, bit = divmod(number % (len(sectors) * SECTOR_SIZE * 8), 8)
    # Consecutive bytes fall into different sectors, so that a few numbers already reach every sector.
    address = sectors[byte % len(sectors)] * SECTOR_SIZE + byte // len(sectors)
    flash.poke(address, bytes((flash.read(address, 1)[0] ^ 1 << bit,)))
    return address
