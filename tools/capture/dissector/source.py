"""The one Lua file that Wireshark loads: the tables of the declarations, and the engine that reads them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from tla_sim.tools.capture.dissector.lua import literal
from tla_sim.tools.capture.dissector.tables import tables

_PLUGIN: Final = 'set_plugin_info({{ version = "{version}", author = "tla-sim", description = "{what}" }})\n'
_PARTS: Final = (
    "head",
    "fields",
    "bytes",
    "locating",
    "contents",
    "data_objects",
    "parameters",
    "exchange",
    "brief",
    "showing",
    "pairing",
    "vpcd",
    "t1",
    "ccid",
    "zones",
    "registration",
)
"""The engine's files in `engine`, in the order in which each needs those before it."""
_WHAT: Final = "Log_SV, its cards, T=1 and SSV memory zones"


@cache
def dissector_source(version: str) -> str:
    """Return the source of the dissectors, which tell Wireshark that they are of this version of ours."""
    told = "\n".join(f"{name} = {literal(table)}," for name, table in tables().items())
    folder = files(__package__).joinpath("engine")
    engine = "\n".join(folder.joinpath(f"{part}.lua").read_text("utf-8") for part in _PARTS)
    return f"{_PLUGIN.format(version=version, what=_WHAT)}\nlocal D = {{\n{told}\n}}\n\n{engine}"
