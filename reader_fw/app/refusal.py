"""The refusal of a command: a declared status word that handlers raise."""

from __future__ import annotations

from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.failure import FirmwareFailure


class Refusal(FirmwareFailure):
    """The command, or the user's action, is refused with a status; nothing was changed.

    `tries_left` goes into the low nibble of CODE_WRONG.
    """

    def __init__(self, status: Status, tries_left: int = 0) -> None:
        super().__init__(status, low_nibble=tries_left)


class KeypadNeeded(Exception):
    """The command waits for a code porteur typed on the reader's keypad."""
