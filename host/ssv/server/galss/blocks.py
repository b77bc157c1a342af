"""The blocks of `usDump`: channels, PADs, LADs and names, each by its place in its table.

Source for the structures: public sources of programs that call the GALSS; in C they are packed, with numbers
in the machine's order, and a LAD has an unused pointer behind its second number. The numbers of the tables
are Project-defined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from tla_sim.host.ssv.galss_functions import NAME_ROOM, PORT_ROOM
from tla_sim.host.ssv.server.galss.resources import CONNECTION, ResourceInfo
from tla_sim.protocol.wire.record import Record, fixed, u8, u16

_UNUSED: Final = 41
_UNUSED_OF_LAD: Final = 39


class Table(IntEnum):
    """A table."""

    CHANNELS = 1
    PADS = 2
    LADS = 3
    NAMES = 4


@dataclass(frozen=True)
class ChannelBlock:
    """A channel."""

    kind: int = u8("kind of the channel")
    port: bytes = fixed(PORT_ROOM, "name of the port")
    connection: int = u16("always 1")
    protocol: int = u16("number of the protocol")
    exclusivity: int = u16("1 while something on it is held")
    state: int = u16("not used")
    unused: bytes = fixed(_UNUSED, "not used")


@dataclass(frozen=True)
class PadBlock:
    """A reader on a channel."""

    address: int = u8("PAD")
    exclusivity: int = u16("not used")
    unused: bytes = fixed(_UNUSED, "not used")


@dataclass(frozen=True)
class LadBlock:
    """A place in a reader."""

    address: int = u8("LAD")
    exclusivity: int = u16("1 while it is held")
    context_bytes: int = u16("not used")
    state: int = u16("not used")
    unused: bytes = fixed(_UNUSED_OF_LAD, "not used")


@dataclass(frozen=True)
class NameBlock:
    """A name of a resource."""

    position: int = u16("0 for the resource's own name")
    name: bytes = fixed(NAME_ROOM, "the name")


CHANNEL_BLOCK: Final = Record(ChannelBlock)
PAD_BLOCK: Final = Record(PadBlock)
LAD_BLOCK: Final = Record(LadBlock)
NAME_BLOCK: Final = Record(NameBlock)


def blocks_of(
    table: Table,
    resources: Sequence[ResourceInfo],
    ports: Callable[[int], bytes],
    is_held: Callable[[int], bool],
) -> list[bytes]:
    """Return the blocks of a table, as they travel.

    `ports` gives the name of a channel's port in 40 bytes, `is_held` whether a LAD is held.
    """
    match table:
        case Table.CHANNELS:
            return [
                CHANNEL_BLOCK.build(
                    ChannelBlock(
                        each.kind,
                        ports(each.channel),
                        CONNECTION,
                        each.protocol,
                        any(is_held(other.lad) for other in resources if other.channel == each.channel),
                        0,
                        bytes(_UNUSED),
                    )
                )
                for each in _firsts(resources, lambda info: (info.channel,))
            ]
        case Table.PADS:
            return [
                PAD_BLOCK.build(PadBlock(each.pad, 0, bytes(_UNUSED)))
                for each in _firsts(resources, lambda info: (info.channel, info.pad))
            ]
        case Table.LADS:
            return [
                LAD_BLOCK.build(LadBlock(each.lad, is_held(each.lad), 0, 0, bytes(_UNUSED_OF_LAD)))
                for each in _firsts(resources, lambda info: (info.channel, info.pad, info.lad))
            ]
        case Table.NAMES:
            return [NAME_BLOCK.build(NameBlock(*each)) for each in _positions(resources)]


def _firsts(
    resources: Sequence[ResourceInfo], key: Callable[[ResourceInfo], tuple[int, ...]]
) -> list[ResourceInfo]:
    found: dict[tuple[int, ...], ResourceInfo] = {}
    for each in resources:
        found.setdefault(key(each), each)
    return list(found.values())


def _positions(resources: Sequence[ResourceInfo]) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    for each in resources:
        position = 0 if each.alias == each.name else found[-1][0] + 1
        found.append((position, each.alias))
    return found
