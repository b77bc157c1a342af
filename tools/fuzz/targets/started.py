"""The flash of a reader that was switched on once, with which a case begins."""

from __future__ import annotations

from functools import cache
from typing import Final

from tla_sim.reader_fw.app.software.profile import Profile
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash, blank_image
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.fuzz.images import PROFILE
from tla_sim.tools.simulator.live_reader import sound_reader

SECTORS: Final = 128


@cache
def started_image(profile: Profile = PROFILE, sectors: int = SECTORS) -> bytes:
    """Return the image of a flash with this many sectors and the software of a profile."""
    image = blank_image(sectors * SECTOR_SIZE)
    reader = sound_reader(NorFlash(image), 1, profile)
    reader.power_on()
    reader.power_off()
    return bytes(image)


def started_reader() -> Reader:
    """Return a reader on a flash of its own that was switched on once, switched off."""
    return sound_reader(NorFlash(bytearray(started_image())), 7, PROFILE)
