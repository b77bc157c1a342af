"""Recording of the operations on a flash, power cuts, and replay up to any point.

To record a scenario once and replay images is some ten times faster than to run each prefix again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tla_sim.reader_fw.board.flash import FlashOperation, NorFlash, PowerCut
from tla_sim.reader_fw.board.flash_tear import Tear, span, tear_bytes


class FlashLog:
    """A hook that records every operation from the moment it is attached.

    `base` is the image (array and trailer) at that moment, `operations` are those that followed.
    """

    def __init__(self, image: bytes | bytearray) -> None:
        self.base = bytes(image)
        self.operations: list[FlashOperation] = []

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:  # noqa: ARG002 - the protocol's
        """Record the operation."""
        self.operations.append(operation)

    def __len__(self) -> int:
        return len(self.operations)


class PowerCutter:
    """A hook that cuts power at the `at`-th operation (0 is the next one), leaving it half done.

    After the cut every operation raises PowerCut, until the hook is removed: the board is off.
    """

    def __init__(self, at: int, tear: Tear) -> None:
        self._left = at
        self._tear = tear
        self.cut = False

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:
        """Count the operation, or cut power at it."""
        if self.cut:
            raise PowerCut("the board is off")
        if self._left == 0:
            self.cut = True
            before = flash.read(operation.address, span(operation))
            flash.poke(operation.address, tear_bytes(self._tear, operation, before))
            raise PowerCut(f"cut at a {operation.kind.value} at {operation.address:#x}: {self._tear.value}")
        self._left -= 1


@contextmanager
def lend(flash: NorFlash) -> Iterator[NorFlash]:
    """Lend a flash: at the end, undo what was done to it and drop its hooks."""
    undo = _Undo()
    flash.hooks.append(undo)
    try:
        yield flash
    finally:
        flash.hooks.clear()
        undo.undo(flash)


class _Undo:
    """A hook that remembers what every changed byte held, to restore it."""

    def __init__(self) -> None:
        self._before: list[tuple[int, bytes]] = []

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:
        self._before.append((operation.address, flash.read(operation.address, span(operation))))

    def undo(self, flash: NorFlash) -> None:
        for address, data in reversed(self._before):
            flash.poke(address, data)
        self._before.clear()


class Replayer:
    """One working image that is moved to any point of a log, torn there, lent out and restored.

    Point n is the cut during operation n: operations 0 to n-1 are whole, operation n is torn. Wear counts are
    not restored after a loan.
    """

    def __init__(self, log: FlashLog) -> None:
        self._log = log
        self._flash = NorFlash(bytearray(log.base))
        self._done = 0

    def __len__(self) -> int:
        return len(self._log.operations)

    @property
    def operations(self) -> Sequence[FlashOperation]:
        """The operations of the log."""
        return self._log.operations

    def tears(self, point: int, wanted: tuple[Tear, ...] = tuple(Tear)) -> tuple[Tear, ...]:
        """Return the wanted tears that leave different images at this point, the first of equal ones.

        `Tear.NOTHING` at point n leaves the image of `Tear.LANDED` at n - 1.
        """
        self._move(point)
        operation = self._log.operations[point]
        before = self._flash.read(operation.address, span(operation))
        images: dict[bytes, Tear] = {}
        for tear in wanted:
            images.setdefault(tear_bytes(tear, operation, before), tear)
        return tuple(images.values())

    @contextmanager
    def cut(self, point: int, tear: Tear) -> Iterator[NorFlash]:
        """Lend the flash as a power cut at `point` leaves it.

        At the end its changes are undone and hooks that the borrower attached are removed.
        """
        self._move(point)
        flash = self._flash
        operation = self._log.operations[point]
        before = flash.read(operation.address, span(operation))
        flash.poke(operation.address, tear_bytes(tear, operation, before))
        try:
            with lend(flash):
                yield flash
        finally:
            flash.poke(operation.address, before)

    def _move(self, point: int) -> None:
        if not 0 <= point <= len(self._log.operations):
            raise IndexError(f"no point {point}: the log has {len(self._log.operations)} operations")
        if point < self._done:
            self._flash = NorFlash(bytearray(self._log.base))
            self._done = 0
        for operation in self._log.operations[self._done : point]:
            before = self._flash.read(operation.address, span(operation))
            self._flash.poke(operation.address, tear_bytes(Tear.LANDED, operation, before))
        self._done = point
