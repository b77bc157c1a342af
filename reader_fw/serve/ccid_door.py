"""A door for pcscd's serial CCID driver: a pseudo-terminal, and the configuration that points pcscd at it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import PortUnavailable
from tla_sim.reader_fw.links.ccid_link import CcidLink, count_slots
from tla_sim.reader_fw.links.port import Link, Now
from tla_sim.reader_fw.serve.channel import Loop
from tla_sim.reader_fw.serve.door import Cables, LinkMaker
from tla_sim.reader_fw.serve.line_door import PtyDoor
from tla_sim.reader_fw.serve.spec import LinkSpec

FRIENDLY_NAME: Final = "TLA virtual"
_DRIVERS: Final = (
    "/usr/lib/pcsc/drivers/serial/libccidtwin.so",
    "/usr/lib64/pcsc/drivers/serial/libccidtwin.so",
    "/usr/local/lib/pcsc/drivers/serial/libccidtwin.so",
)
_MODELS: Final = {2: "GemCoreSIMPro", 5: "GemCorePOSPro"}
"""libccid's names of readers with so many slots that do not echo what they are sent."""


def pcscd_configuration(device: str, slots: int, driver: str = "") -> str:
    """Return the three lines by which pcscd finds the reader (reader.conf(5)); `slots` is 2 or 5.

    `driver` is the path of the driver's library, by default that of libccid on this machine.
    """
    library = driver or next((path for path in _DRIVERS if Path(path).exists()), _DRIVERS[0])
    return f'FRIENDLYNAME "{FRIENDLY_NAME}"\nDEVICENAME   {device}:{_MODELS[slots]}\nLIBPATH      {library}\n'


class CcidDoor(PtyDoor):
    """The reader as a CCID device on a pseudo-terminal, with its configuration for pcscd in PATH.conf."""

    def __init__(self, loop: Loop, reader: Cables, clock: Now, spec: LinkSpec, make_link: LinkMaker) -> None:
        super().__init__(loop, reader, clock, spec, make_link)
        self.configuration = self._path.with_name(f"{self._path.name}.conf")
        self._text = pcscd_configuration(str(self._path), count_slots(spec.slots))
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

    def close(self) -> None:
        # Asked before the link is removed: another reader that took over the path has the file as well.
        mine = self._link.mine
        super().close()
        if mine:
            with suppress(OSError):
                if self.configuration.read_text("utf-8") == self._text:
                    self.configuration.unlink()

    def _attach(self) -> Link:
        cards, software = self._reader.attach(self.name), self._reader.attach(self.name)
        self._ports = [cards, software]
        return CcidLink(cards, software, self._clock, self._spec.slots)
