"""The table of resources that programs may list, and how it travels to them.

Source: the structures in public sources of programs that call the GALSS. Inferred: a resource stands in the
table once under its own name and once more under each alias; the kind of connection is always 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tla_sim.host.ssv.galss_functions import NAME_ROOM, PORT_ROOM
from tla_sim.host.transport.galss.resources import Channel, ChannelKind, Configuration
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.names import cut_to_bytes
from tla_sim.protocol.wire.record import Record, fixed, u8, u16

MAX_RESOURCES: Final = 255
CONNECTION: Final = 1


@dataclass(frozen=True)
class ResourceInfo:
    """InfoRessource: packed in C, with its two last numbers in the machine's order there."""

    alias: bytes = fixed(NAME_ROOM, "name by which this line is found")
    name: bytes = fixed(NAME_ROOM, "name of the resource")
    lad: int = u8("its place in the reader")
    pad: int = u8("address of the reader on its channel")
    channel: int = u8("number of the channel")
    kind: int = u8("kind of the channel: 1 serial, 3 other")
    connection: int = u16("always 1")
    protocol: int = u16("number of the protocol")


RESOURCE_INFO: Final = Record(ResourceInfo)

USUAL_TABLE: Final = (
    ("CPS", Lad.PS, ("TRANSPA1",)),
    ("Log_SV", Lad.LOG_SV, ()),
    ("Vitale", Lad.VITALE, ("TRANSPA2",)),
)
_USUAL_PAD: Final = 2


def usual_resources() -> tuple[ResourceInfo, ...]:
    """Return the table of a reader without galss.ini: one serial channel, its reader at PAD 2."""
    return tuple(
        info
        for name, lad, aliases in USUAL_TABLE
        for info in _lines((name, *aliases), lad, _USUAL_PAD, 1, ChannelKind.SERIAL)
    )


def resources_of(configuration: Configuration) -> tuple[ResourceInfo, ...]:
    """Return the table of a usable galss.ini, at most 255 lines."""
    found = (
        info
        for channel in configuration.channels
        for reader in channel.readers
        for resource in reader.resources
        if resource.names and resource.lad is not None
        for info in _lines(
            resource.names,
            resource.lad,
            reader.pad or 0,
            channel.number,
            channel.kind or 0,
            channel.protocol or 0,
        )
    )
    return tuple(found)[:MAX_RESOURCES]


def pack_resources(resources: Sequence[ResourceInfo]) -> bytes:
    """Return the lines one behind the other, as they travel."""
    return b"".join(RESOURCE_INFO.build(each) for each in resources)


def port_name(channel: Channel) -> bytes:
    """Return the name of a channel's port in 40 bytes."""
    return padded(channel.device or channel.slot, PORT_ROOM)


def padded(text: str, room: int) -> bytes:
    """Return a text cut to a room with at least one NUL behind it."""
    raw = cut_to_bytes(text, room - 1).encode()
    return raw.ljust(room, b"\0")


def _lines(
    names: Iterable[str], lad: int, pad: int, channel: int, kind: int, protocol: int = 0
) -> Iterator[ResourceInfo]:
    own, *aliases = names
    for alias in (own, *aliases):
        yield ResourceInfo(
            padded(alias, NAME_ROOM), padded(own, NAME_ROOM), lad, pad, channel, kind, CONNECTION, protocol
        )
