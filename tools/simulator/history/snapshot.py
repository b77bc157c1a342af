"""A snapshot: a reader at one moment, as a cold image and what was done to it since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from zlib import crc32

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.app.software.boot_area import SoftwareDamaged
from tla_sim.reader_fw.app.software.firmware import find_installed
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.reader_fw.board.display import Display
from tla_sim.reader_fw.board.flash import DEFAULT_SIZE, NorFlash
from tla_sim.tools.simulator.history.cold_image import ChipState, ColdImage
from tla_sim.tools.simulator.history.input_log import InputLog, unpack
from tla_sim.tools.simulator.history.inputs import Input, Op, chip_data, chip_of
from tla_sim.tools.simulator.history.shown import Shown
from tla_sim.tools.simulator.history.tapes import Tapes

if TYPE_CHECKING:
    from tla_sim.tools.simulator.history.restorable_reader import RestorableReader


MAX_IN_MEMORY: Final = DEFAULT_SIZE
"""The largest flash, in bytes, that a reader in memory takes over from a snapshot."""


class OtherGeometry(TlaError):
    """The snapshot is of a reader with a flash that this one cannot have."""

    category = Category.BAD_INPUT


class OtherReader(TlaError):
    """The snapshot is of another reader than the one whose directory it is to go into."""

    category = Category.BAD_INPUT


@dataclass(frozen=True)
class Snapshot:
    """A reader at one moment. It holds the test keys of cards and reader, and what was loaded; no codes.

    `steps` is how many inputs are packed, `shown` what must show when they were done again, `installed` the
    release of the software at this moment, if it could be read. The digits of a code that was half typed at
    this moment are left out.
    """

    name: str
    cold: ColdImage
    packed: bytes = field(repr=False)
    steps: int
    tapes: Tapes
    shown: Shown
    installed: str | None

    @classmethod
    def take(
        cls, reader: RestorableReader, name: str, cold: ColdImage, log: InputLog, tapes: Tapes
    ) -> Snapshot:
        """Return the present moment of a reader, which `cold` and `log` lead to."""
        return cls(name, cold, log.build(), log.steps, tapes, Shown.of(reader), reader.installed)

    def inputs(self) -> Iterator[Input]:
        """Yield what was done since the cold image. Raises CodecError."""
        return unpack(self.packed)

    @classmethod
    def begin(cls, name: str, cold: ColdImage) -> Snapshot:
        """Return a cold image as a snapshot of the reader switched off. Raises CodecError."""
        image = cold.flash.image()
        try:
            installed = find_installed(NorFlash(image), find_profile(cold.profile)).release
        except SoftwareDamaged:
            installed = None
        shown = Shown(cold.clock_ms, False, Display().lines, crc32(image))
        return cls(name, cold, b"", 0, Tapes(), shown, installed)

    def with_cards(self, names: Callable[[int, str], str], more: Iterable[ChipState] = ()) -> Snapshot:
        """Return the snapshot with other names of cards, by number and name, and with `more` cards.

        Raises CodecError.
        """
        chips = tuple(chip._replace(name=names(chip.number, chip.name)) for chip in (*self.cold.chips, *more))
        log = InputLog()
        log.extend(_renamed(each, names) for each in self.inputs())
        return replace(self, cold=replace(self.cold, chips=chips), packed=log.build())

    def check_fits(self, reader: RestorableReader) -> None:
        """Raise OtherGeometry, OtherReader or UnknownProfile if the reader cannot become this one."""
        find_profile(self.cold.profile)
        size = self.cold.flash.array_bytes
        if size != reader.board.flash.size and (reader.kept or size > MAX_IN_MEMORY):
            raise OtherGeometry(
                "The snapshot is of a reader with {size} bytes of flash, this one has {here}",
                "Restore it into a reader of that size, or a new one",
                size=size,
                here=reader.board.flash.size,
            )
        if reader.kept and self.cold.device_key != reader.board.device_key:
            raise OtherReader(
                "The snapshot is of another reader, whose flash this one cannot read",
                "Restore it into a new directory",
            )


def _renamed(each: Input, names: Callable[[int, str], str]) -> Input:
    if each.op is Op.CHIP:
        name, image = chip_of(each.data)
        return each._replace(data=chip_data(names(each.subject, name), image))
    if each.op is Op.INSERT:
        return each._replace(data=names(each.number, each.data.decode()).encode())
    return each
