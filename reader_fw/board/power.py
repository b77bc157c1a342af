"""The power switch."""

from __future__ import annotations


class PowerSwitch:
    """On or off, how often it was switched on since the board was made, and the battery in per cent."""

    def __init__(self) -> None:
        self.on = False
        self.starts = 0
        self.battery = 100

    def switch_on(self) -> None:
        """Switch on; nothing happens when it is on already."""
        if not self.on:
            self.on = True
            self.starts += 1

    def switch_off(self) -> None:
        """Switch off; nothing happens when it is off already."""
        self.on = False

    def __repr__(self) -> str:
        return f"PowerSwitch(on={self.on}, starts={self.starts})"
