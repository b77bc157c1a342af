"""The words of the API for slots and for whom a command is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot

SlotWord = Literal["ps", "vitale"]
DeviceWord = Literal["log_sv", "ps", "vitale"]

SLOTS: Final[Mapping[SlotWord, Slot]] = {"ps": Slot.PS, "vitale": Slot.VITALE}
SLOT_WORDS: Final[Mapping[Slot, SlotWord]] = {slot: word for word, slot in SLOTS.items()}
DEVICES: Final[Mapping[DeviceWord, Lad]] = {"log_sv": Lad.LOG_SV, "ps": Lad.PS, "vitale": Lad.VITALE}
DEVICE_WORDS: Final[Mapping[Lad, DeviceWord]] = {lad: word for word, lad in DEVICES.items()}
