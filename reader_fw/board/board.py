"""The board: everything that the firmware runs on, in one value that is handed to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tla_sim.reader_fw.board.clock import Clock
from tla_sim.reader_fw.board.display import Display
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.power import PowerSupply
from tla_sim.reader_fw.board.slots import CardSlots
from tla_sim.reader_fw.board.tamper import TamperSensor

DEVICE_KEY_BYTES: Final = 32
SAMPLE_DEVICE_KEY: Final = bytes(range(DEVICE_KEY_BYTES))
"""The device key of readers that hold nobody's secrets."""


@dataclass(frozen=True, slots=True)
class Board:
    """The parts of one reader. `device_key` (32 bytes) is a fused secret, which is not in the flash image.

    Raises ValueError for a key of another length.
    """

    clock: Clock
    entropy: Entropy
    flash: NorFlash
    device_key: bytes = field(repr=False)
    display: Display = field(default_factory=Display)

    slots: CardSlots = field(default_factory=CardSlots)
    power: PowerSupply = field(default_factory=PowerSupply)
    tamper: TamperSensor = field(init=False)

    def replace_device_key(self, device_key: bytes) -> None:
        """Take over the key of another board, with its flash. For replay only. Raises ValueError."""
        _check_key(device_key)
        object.__setattr__(self, "device_key", device_key)

    def __post_init__(self) -> None:
        _check_key(self.device_key)
        object.__setattr__(self, "tamper", TamperSensor(self.flash))


def _check_key(device_key: bytes) -> None:
    if len(device_key) != DEVICE_KEY_BYTES:
        raise ValueError(f"a device key has {DEVICE_KEY_BYTES} bytes, not {len(device_key)}")


def assemble_board(
    now_ms: int,
    entropy: Entropy,
    flash: NorFlash | None = None,
    device_key: bytes = SAMPLE_DEVICE_KEY,
) -> Board:
    """Return a board whose clock shows `now_ms`, with a new flash unless one is given.

    Raises ValueError like Board and Clock.
    """
    return Board(Clock(now_ms), entropy, NorFlash(blank_image()) if flash is None else flash, device_key)
