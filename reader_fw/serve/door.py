"""The base of all doors: each is opened in a serving loop and keeps a cable plugged into the reader."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.links.port import Link, LinkPort, Now, SlotPort
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.reader_fw.serve.channel import Loop
from tla_sim.reader_fw.serve.spec import LinkSpec

_NETWORK_CHARACTER_WAIT: Final = 2_000
"""Networks may deliver the pieces of a block further apart than a serial line does."""


class Cables(Protocol):
    """The reader's sockets for cables."""

    def attach(self, name: str) -> SlotPort:
        """Plug in a cable."""


LinkMaker = Callable[[LinkPort, Now, LinkSpec], Link]


def t1_link(port: LinkPort, clock: Now, spec: LinkSpec) -> Link:
    """Return the T=1 link that a spec asks for."""
    return T1Link(port, clock, t1_settings(spec))


def t1_settings(spec: LinkSpec) -> LinkSettings:
    """Return the settings of T=1 on the link that a spec asks for."""
    settings = LinkSettings(edc=spec.edc, baud=spec.baud)
    if spec.kind == "tcp":
        settings = replace(settings, character_wait=_NETWORK_CHARACTER_WAIT)
    return settings


class Door(ABC):
    """One served link. `name` is the text of its spec, `address` where hosts find it.

    Opening raises PortUnavailable. `plug(False)` pulls the cable out at the reader: hosts stay connected to
    it, and get no answer.
    """

    def __init__(self, loop: Loop, reader: Cables, clock: Now, spec: LinkSpec, make_link: LinkMaker) -> None:
        self._loop = loop
        self._reader = reader
        self._clock = clock
        self._spec = spec
        self._make_link = make_link
        self.name = spec.text

    @property
    @abstractmethod
    def address(self) -> str:
        """Where hosts find the link: a path, HOST:PORT, or a device."""

    @property
    @abstractmethod
    def wake_in(self) -> float | None:
        """The seconds until `tick` has something to do."""

    @abstractmethod
    def tick(self) -> None:
        """Do what is due now."""

    @abstractmethod
    def hang_up(self) -> None:
        """End every host's session, since the reader lost power."""

    def end_sessions(self) -> None:
        """End every host's session, and let the hosts notice where the line can tell them."""
        self.hang_up()

    @abstractmethod
    def plug(self, plugged: bool) -> None:
        """Pull the cable out, or put it back."""

    @abstractmethod
    def close(self) -> None:
        """Close the door for good, and leave nothing behind."""
