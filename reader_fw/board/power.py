"""The power supply: a battery, whose charge `diagnostics` reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class PowerSupply:
    """The board's power supply. `battery` is its charge in per cent, set by the world outside."""

    battery: int = 100
