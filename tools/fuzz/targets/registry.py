"""The targets by name, each imported on demand."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.fuzz.targets.base import Target

_PLACES: Final = {
    "t1": ("t1", "T1Target"),
    "t1_host": ("t1_host", "T1HostTarget"),
    "ccid": ("ccid", "CcidTarget"),
    "vpcd": ("vpcd", "VpcdTarget"),
    "log_sv": ("log_sv", "LogSvTarget"),
    "faults": ("faults", "FaultsTarget"),
    "storage": ("storage", "StorageTarget"),
    "cards": ("cards", "CardsTarget"),
    "loader": ("loader", "LoaderTarget"),
    "files": ("files", "FilesTarget"),
    "values": ("values", "ValuesTarget"),
    "zones": ("zones", "ZonesTarget"),
    "ssv_socket": ("ssv_socket", "SsvSocketTarget"),
}
NAMES: Final = tuple(_PLACES)
ALL: Final = "all"


class UnknownTarget(TlaError):
    """No target has this name."""

    category = Category.BAD_INPUT


@cache
def target(name: str) -> Target:
    """Return the target of a name, the same object each time. Raises UnknownTarget."""
    if name not in _PLACES:
        raise UnknownTarget(
            "There is no target {name}", "Name one of {targets}", name=name, targets=", ".join(NAMES)
        )
    module, kind = _PLACES[name]
    made: Target = getattr(importlib.import_module(f"tla_sim.tools.fuzz.targets.{module}"), kind)()
    return made
