"""The board: everything the firmware runs on, in one value that is handed to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tla_sim.reader_fw.board.clock import Clock
from tla_sim.reader_fw.board.display import Display
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Keypad
from tla_sim.reader_fw.board.power import PowerSwitch
from tla_sim.reader_fw.board.slots import CardSlots
from tla_sim.reader_fw.board.tamper import TamperSensor

DEVICE_KEY_BYTES: Final = 32
SAMPLE_DEVICE_KEY: Final = bytes(range(DEVICE_KEY_BYTES))
"""What a reader has that keeps no secrets of anybody."""


@dataclass(frozen=True, slots=True)
class Board:
    """Parts of one reader. `device_key` (32 bytes) stands for a fused secret: it is not in the flash image.

    Raises ValueError for a key of another length.
    """

    clock: Clock
    entropy: Entropy
    flash: NorFlash
    device_key: bytes = field(repr=False)
    display: Display = field(default_factory=Display)
    keypad: Keypad = field(default_factory=Keypad)
    slots: CardSlots = field(default_factory=CardSlots)
    power: PowerSwitch = field(default_factory=PowerSwitch)
    tamper: TamperSensor = field(init=False)

    def __post_init__(self) -> None:
        if len(self.device_key) != DEVICE_KEY_BYTES:
            raise ValueError(f"a device key has {DEVICE_KEY_BYTES} bytes, not {len(self.device_key)}")
        object.__setattr__(self, "tamper", TamperSensor(self.flash))


def assemble_board(
    now_ms: int,
    entropy: Entropy,
    flash: NorFlash | None = None,
    device_key: bytes = SAMPLE_DEVICE_KEY,
) -> Board:
    """Put a board together: its clock shows `now_ms`, its flash is a new one unless one is given.

    Raises ValueError as Board and Clock do.
    """
    return Board(Clock(now_ms), entropy, NorFlash(blank_image()) if flash is None else flash, device_key)
