"""What is done to a reader from outside, as data that can be kept and done again. Project-defined."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot


class Op(IntEnum):
    """Everything that can be done to a reader. The values are those in snapshot files, and never change.

    The comments name what `subject`, `number` and `data` of an input are.
    """

    ATTACH = 1  # port; name
    DETACH = 2  # port
    UNPLUG = 3
    PRESS = 4  # key, 0 for every digit
    CHIP = 5  # chip; name and image of a card that is put in for the first time
    INSERT = 6  # slot, chip; the card's name
    REMOVE = 7  # slot, 1 if it was empty
    POWER_ON = 8
    POWER_OFF = 9
    TICK = 10  # times, ms
    FOLLOW = 11  # times, ms
    BEGIN = 12  # port, logical device; command
    EXCHANGE = 13  # port, logical device; command
    POLL = 14  # port
    ABORT = 15  # port
    RESET = 16  # port
    CARD_ON = 17  # port, logical device
    CARD_OFF = 18  # port, logical device
    PROTOCOL = 19  # port, 256 * number of the protocol + logical device
    BATTERY = 20  # per cent
    OPEN_CASE = 21
    DRAIN = 22
    INJECT = 23  # ; the plan
    CLEAR = 24
    DRAW = 25  # random bytes drawn by somebody else than the reader
    COMES_BACK = 26  # ms + 1, 0 for never
    RESTART = 27
    CUT = 28
    RUB_OUT = 29


class Input(NamedTuple):
    """One thing done to a reader, or the same several times in a row where `subject` counts."""

    op: Op
    subject: int = 0
    number: int = 0
    data: bytes = b""

    def __repr__(self) -> str:
        # The data of a command may be a patient's.
        return f"Input({self.op.name}, {self.subject}, {self.number}, {len(self.data)} bytes)"


REPEATABLE: Final = (Op.TICK, Op.FOLLOW)
"""What is mostly done again and again: `subject` counts how often."""
KEYS: Final = tuple(Key)
SLOTS: Final = tuple(Slot)
KEY_NUMBER: Final = {key: 0 if key.digit else number for number, key in enumerate(KEYS)}
"""The number of a key in an input. Every digit counts as 0: only codes porteur are typed with digits, and
what a card made of them is on tape."""
SLOT_NUMBER: Final = {slot: number for number, slot in enumerate(SLOTS)}


def without_folder(name: str) -> str:
    """Return the name of a card as the name of its file alone: format 1 of snapshots has whole paths."""
    return name.replace("\\", "/").rpartition("/")[2]


def chip_data(name: str, image: bytes) -> bytes:
    """Return the data of a CHIP input."""
    return name.encode() + b"\0" + image


def chip_of(data: bytes) -> tuple[str, bytes]:
    """Return name and image in the data of a CHIP input."""
    name, _, image = data.partition(b"\0")
    return name.decode(), image
