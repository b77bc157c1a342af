"""The contents of galss.ini: channels, the readers on them, and the readers' names."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final
from urllib.parse import quote

from tla_sim.host.transport.galss.ini import Problem

MAX_NAME: Final = 8


class ChannelKind(IntEnum):
    """The kind of a channel (TCanal), as far as it is public: a serial port or a PC/SC slot."""

    SERIAL = 1
    PCSC = 3


@dataclass(frozen=True)
class Resource:
    """A logical device of a reader: its LAD, and the names and aliases that programs use for it.

    A missing or wrong LAD is `None`; a missing or wrong name is left out.
    """

    lad: int | None
    names: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class GalssReader:
    """A reader on a channel: its physical address, and its logical devices."""

    pad: int | None
    resources: tuple[Resource, ...]
    line: int


@dataclass(frozen=True)
class Channel:
    """A way to readers: a serial port with its speed, or a PC/SC slot by its name.

    `kind` is TCanal, even an unknown one. `com` is the number of a serial port, `device` its device, and
    `device_line` the line of `io_comm.ini` that maps it, 0 where none does. `slot` is the name of a PC/SC
    slot and `slot_line` its line. `protocol` is its protocol's number. Missing or wrong values are `None` or
    empty.
    """

    number: int
    kind: int | None
    readers: tuple[GalssReader, ...]
    line: int
    com: int | None = None
    baud: int | None = None
    device: str = ""
    device_line: int = 0
    slot: str = ""
    slot_line: int = 0
    protocol: int | None = None

    @property
    def url(self) -> str:
        """The URL of the reader on this channel, empty if it has none."""
        if self.device and self.baud is not None:
            return f"serial:{quote(self.device)}?baud={self.baud}"
        return f"pcsc:{quote(self.slot, safe='')}" if self.slot else ""

    @property
    def port(self) -> str:
        """The port's usual name: `COM1`, or `PC/SC`."""
        if self.kind == ChannelKind.PCSC:
            return "PC/SC"
        return "" if self.com is None else f"COM{self.com}"


@dataclass
class Configuration:
    """All channels, and the problems of both files."""

    channels: list[Channel] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    port_problems: list[Problem] = field(default_factory=list)

    def find(self, name: str) -> Channel | None:
        """Return the channel of the reader with a logical device of this name, ignoring case."""
        for channel in self.channels:
            for reader in channel.readers:
                for resource in reader.resources:
                    if name.lower() in [each.lower() for each in resource.names]:
                        return channel
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all logical devices."""
        readers = [reader for channel in self.channels for reader in channel.readers]
        return tuple(name for reader in readers for each in reader.resources for name in each.names)

    @property
    def usable(self) -> bool:
        """Whether nothing keeps the files from being used: all problems are remarks."""
        return all(each.remark for each in (*self.problems, *self.port_problems))
