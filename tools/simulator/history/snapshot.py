"""A snapshot: a reader at one moment, as a cold image and what was done to it since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.app.software.profiles import find_profile
from tla_sim.tools.simulator.history.cold_image import ColdImage
from tla_sim.tools.simulator.history.input_log import InputLog, unpack
from tla_sim.tools.simulator.history.inputs import Input
from tla_sim.tools.simulator.history.shown import Shown
from tla_sim.tools.simulator.history.tapes import Tapes

if TYPE_CHECKING:
    from tla_sim.tools.simulator.history.restorable_reader import RestorableReader


class OtherGeometry(TlaError):
    """The snapshot is of a reader with another flash."""

    category = Category.BAD_INPUT


class OtherReader(TlaError):
    """The snapshot is of another reader than the one whose directory it is to go into."""

    category = Category.BAD_INPUT


@dataclass(frozen=True)
class Snapshot:
    """A reader at one moment. It holds the test keys of cards and reader, and what was loaded; no codes.

    `steps` is how many inputs are packed, `shown` what must show when they were done again. The digits of a
    code that was half typed at this moment are left out.
    """

    name: str
    cold: ColdImage
    packed: bytes = field(repr=False)
    steps: int
    tapes: Tapes
    shown: Shown

    @classmethod
    def take(
        cls, reader: RestorableReader, name: str, cold: ColdImage, log: InputLog, tapes: Tapes
    ) -> Snapshot:
        """Return the present moment of a reader, which `cold` and `log` lead to."""
        return cls(name, cold, log.build(), log.steps, tapes, Shown.of(reader))

    def inputs(self) -> Iterator[Input]:
        """Yield what was done since the cold image. Raises CodecError."""
        return unpack(self.packed)

    def check_fits(self, reader: RestorableReader) -> None:
        """Raise OtherGeometry, OtherReader or UnknownProfile if the reader cannot become this one."""
        find_profile(self.cold.profile)
        size = self.cold.flash.array_bytes
        if size != reader.board.flash.size:
            raise OtherGeometry(
                "The snapshot is of a reader with {size} bytes of flash, this one has {here}",
                "Restore it into a reader of that size, or a new one",
                size=size,
                here=reader.board.flash.size,
            )
        if reader.keeps_key and self.cold.device_key != reader.board.device_key:
            raise OtherReader(
                "The snapshot is of another reader, whose flash this one cannot read",
                "Restore it into a new directory",
            )
