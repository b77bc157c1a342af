"""Where the reader is, and the names of its resources: a URL, or what galss.ini says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from tla_sim.host.ssv.server.workstation import USUAL_RESOURCES
from tla_sim.host.transport.galss.named import UnknownResource, read_usable
from tla_sim.host.transport.galss.resources import Channel, Configuration
from tla_sim.protocol.lad import Lad

_PLACES: Final[Mapping[int | None, Lad]] = {int(each): each for each in Lad}


class ReaderPlace(NamedTuple):
    """The URL of the reader, and its resources: places in it by name, in small letters."""

    url: str
    resources: Mapping[str, Lad]


class FindReader(Protocol):
    """What finds the reader, each time that it is opened."""

    def __call__(self) -> ReaderPlace:
        """Return where the reader is. Raises GalssUnreadable, UnknownResource."""

    def configuration(self) -> Configuration | None:
        """Return what galss.ini says, `None` without such a file. Raises GalssUnreadable."""


class AtUrl(NamedTuple):
    """A reader at a URL, with the usual names."""

    url: str

    def __call__(self) -> ReaderPlace:
        """Return the URL with the usual names."""
        return ReaderPlace(self.url, USUAL_RESOURCES)

    def configuration(self) -> None:
        """Return `None`: there is no galss.ini."""
        return


class InGalssFile(NamedTuple):
    """A reader of galss.ini: the first whose own software has a name there, or the one at `url`.

    The file is read each time, so that a mistake in it can be corrected while the server runs.
    """

    file: Path
    url: str = ""

    def __call__(self) -> ReaderPlace:
        """Return the reader's URL and the names of its resources.

        Raises GalssUnreadable with the code of the first mistake, UnknownResource for a file without the
        reader's own software.
        """
        found = self.configuration()
        for channel in found.channels:
            resources = _resources(channel)
            if Lad.LOG_SV in resources.values() and (self.url or channel.url):
                return ReaderPlace(self.url or channel.url, resources)
        raise UnknownResource(
            "{file} has no reader with a device of LAD 0, its own software",
            "Give one a device with LAD=0, such as NomLAD=Log_SV",
            file=self.file,
        )

    def configuration(self) -> Configuration:
        """Return what the file says. Raises GalssUnreadable with the code of the first mistake."""
        return read_usable(self.file)


def _resources(channel: Channel) -> dict[str, Lad]:
    """Return the places by name of a channel's first reader that has its own software."""
    for reader in channel.readers:
        found: dict[str, Lad] = {}
        for resource in reader.resources:
            place = _PLACES.get(resource.lad)
            if place is not None:
                found |= dict.fromkeys((each.lower() for each in resource.names), place)
        if Lad.LOG_SV in found.values():
            return found
    return {}
