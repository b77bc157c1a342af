"""The flash of a reader that was switched on once: what a case begins with."""

from __future__ import annotations

from functools import cache
from typing import Final

from tla_sim.reader_fw.app.software.profile import Profile
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash, blank_image
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.fuzz.images import PROFILE

SECTORS: Final = 128


@cache
def started_image(profile: Profile = PROFILE, sectors: int = SECTORS) -> bytes:
    """The image of a flash of so many sectors, with the software of a profile."""
    image = blank_image(sectors * SECTOR_SIZE)
    reader = Reader(assemble_board(MORNING, SeededEntropy(1), NorFlash(image)), profile)
    reader.power_on()
    reader.power_off()
    return bytes(image)
