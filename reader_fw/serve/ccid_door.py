"""A door for pcscd's serial CCID driver: a pseudo-terminal, and the configuration that points pcscd at it."""

from __future__ import annotations

import fcntl
import os
import re
import select
import sys
import termios
from contextlib import suppress
from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import PortUnavailable
from tla_sim.reader_fw.links.ccid_link import CcidLink, count_slots
from tla_sim.reader_fw.links.port import Link, Now, SlotPort
from tla_sim.reader_fw.serve.channel import Channel, FdStream, Loop
from tla_sim.reader_fw.serve.door import Cables, LinkMaker
from tla_sim.reader_fw.serve.leftovers import Made, Note
from tla_sim.reader_fw.serve.line_door import PtyDoor, path_of
from tla_sim.reader_fw.serve.spec import BadLink, LinkSpec

FRIENDLY_NAME: Final = "TLA virtual"
_DRIVERS: Final = (
    "/usr/lib/pcsc/drivers/serial/libccidtwin.so",
    "/usr/lib64/pcsc/drivers/serial/libccidtwin.so",
    "/usr/local/lib/pcsc/drivers/serial/libccidtwin.so",
)
_LEAVING_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 0.02
_READABLE: Final = re.compile(r"[A-Za-z0-9/_.@=-]+")
"""The paths of devices that pcscd reads in its settings, quoted or not; libccid ends one at a colon."""

_MODELS: Final = {2: "GemCoreSIMPro", 5: "GemCorePOSPro"}
"""libccid's names of readers with so many slots that do not echo what they are sent."""


def pcscd_configuration(device: str, slots: int, driver: str = "") -> str:
    """Return the three lines by which pcscd finds the reader (reader.conf(5)); `slots` is 2 or 5.

    `driver` is the path of the driver's library, by default that of libccid on this machine.
    """
    library = driver or next((path for path in _DRIVERS if Path(path).exists()), _DRIVERS[0])
    return f'FRIENDLYNAME "{FRIENDLY_NAME}"\nDEVICENAME   {device}:{_MODELS[slots]}\nLIBPATH      {library}\n'


class CcidDoor(PtyDoor):
    """The reader as a CCID device on a pseudo-terminal, with its configuration for pcscd in PATH.conf.

    The line answers for a reader that is off or whose cable is out: its slots are empty. Raises BadLink for a
    path that pcscd cannot read in its configuration.
    """

    def __init__(self, loop: Loop, reader: Cables, clock: Now, spec: LinkSpec, make_link: LinkMaker) -> None:
        path = str(path_of(spec))
        if not _READABLE.fullmatch(path):
            raise BadLink(
                "pcscd cannot read the path '{path}' in its settings",
                "Choose one with letters without accents, digits and /_.@=- alone, such as ccid:/tmp/tla",
                path=path,
            )
        self._ccid: CcidLink | None = None
        super().__init__(loop, reader, clock, spec, make_link)
        self.configuration = self._path.with_name(f"{self._path.name}.conf")
        self._text = pcscd_configuration(str(self._path), count_slots(spec.slots))
        self._note = Note(Made.FILE, self.configuration, self._text)
        try:
            self.configuration.write_text(self._text, "utf-8")
        except OSError as error:
            self.close()
            reason = error.strerror or str(error)
            raise PortUnavailable(
                "{configuration} cannot be written: {reason}",
                "Choose another path",
                configuration=self.configuration,
                reason=reason,
            ) from None

    def hang_up(self) -> None:
        if self._ccid is not None:
            self._ccid.lose_power()

    def plug(self, plugged: bool) -> None:
        if self._ccid is None or self._channel is None:
            super().plug(plugged)
            return
        self._ccid.unplug()
        self._detach()
        if plugged:
            self._ccid.plug(*self._plug_in())
        self._channel.tick()

    def close(self) -> None:
        self._leave()
        # Asked before the link is removed: another reader that took over the path has the file as well.
        mine = self._link.mine
        super().close()
        if mine:
            with suppress(OSError):
                if self.configuration.read_text("utf-8") == self._text:
                    self.configuration.unlink()
        self._note.withdraw()

    def _attach(self) -> Link:
        self._ccid = CcidLink(*self._plug_in(), self._clock, self._spec.slots)
        return self._ccid

    def _plug_in(self) -> tuple[SlotPort, SlotPort]:
        cards, software = self._reader.attach(self.name), self._reader.attach(self.name)
        self._ports = [cards, software]
        return cards, software

    def _open(self, stream: FdStream, link: Link) -> Channel:
        ear = self._loop.ear(self._spec)
        return Channel(self._loop, stream, link, self._pace, self._lose_host, mains_powered=True, ear=ear)

    def _leave(self) -> None:
        """Answer the command under way and those that follow, until the host has nothing to say for a while.

        libccid takes the end of a terminal for an answer of no bytes yet, and reads it again for ever.
        """
        self.plug(False)
        until = self._loop.now + _LEAVING_SECONDS
        # Without a keeper there is a host.
        while self._channel is not None and self._keeper < 0 and self._loop.now < until:
            if select.select([self._master], [], [], _QUIET_SECONDS)[0]:
                self._channel.receive()
            elif not self._unread:
                return
            self._channel.tick()

    @property
    def _unread(self) -> int:
        """How many bytes the host has not read yet."""
        line = os.open(self._terminal, os.O_RDWR | os.O_NOCTTY)
        try:
            return int.from_bytes(fcntl.ioctl(line, termios.FIONREAD, bytes(4)), sys.byteorder)
        finally:
            os.close(line)
