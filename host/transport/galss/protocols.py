"""The protocols of galss.ini, [PROTOCOLE0] and so on, each with its library (NomLib) and its times (Config).

Source: public files, in which NomLib is libpssinlux.so, PSSINW32.DLL, PSSINW64.DLL or pssinosx.framework for
serial ports, and PCSCW64.DLL or pcscosx.framework for PC/SC, whose section also lists its channels
(ListeCanaux). The library itself is not looked for: only the GALSS loads it.
"""

from __future__ import annotations

import re
from typing import Final

from tla_sim.host.transport.galss.checked_values import CheckedValues, are_numbers
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.ini import Section
from tla_sim.host.transport.galss.resources import ChannelKind
from tla_sim.protocol.sentence import Sentence

LINUX_LIBRARY: Final = "libpssinlux.so"
"""The library of serial ports under Linux."""

_KNOWN: Final = (0, 1)


class Protocols:
    """A check of the protocol that each channel names, then of the protocols named."""

    def __init__(self, values: CheckedValues) -> None:
        self._values = values
        self._users: dict[int, list[tuple[int, int | None]]] = {}

    def take(self, section: Section, number: int, kind: int | None) -> int | None:
        """Return the number of a channel's protocol, which must exist; note the channel's number and kind
        under it."""
        protocol = self._values.number(section, "Protocole", 0, 255, GalssCode.PROTOCOL)
        if protocol is None:
            return None
        self._users.setdefault(protocol, []).append((number, kind))
        if f"PROTOCOLE{protocol}" not in self._values.ini.sections:
            code = GalssCode.LIBRARY if protocol in _KNOWN else GalssCode.PROTOCOL
            self._values.mistake(
                self._values.line(section, "Protocole"),
                Sentence("There is no section [PROTOCOLE{protocol}]", protocol=protocol),
                Sentence("Add it, or correct Protocole"),
                code,
            )
        return protocol

    def check(self) -> None:
        """Check the sections of all protocols."""
        for name, section in self._values.ini.sections.items():
            match = re.fullmatch(r"PROTOCOLE([0-9]{1,3})", name)
            if match is not None:
                self._check(section, self._users.get(int(match[1]), []))

    def _check(self, section: Section, users: list[tuple[int, int | None]]) -> None:
        serial = any(kind == ChannelKind.SERIAL for _, kind in users)
        library = section.values.get("nomlib")
        if library is None or not library.text:
            line = section.line if library is None else library.line
            said = Sentence("[{section}] names no library (NomLib)", section=section.name)
            action = Sentence("Write NomLib= and the library of the protocol")
            if serial:
                action = Sentence(
                    "Write NomLib= and the library of the protocol, under Linux {linux_library}",
                    linux_library=LINUX_LIBRARY,
                )
            if users:
                self._values.mistake(line, said, action, GalssCode.LIBRARY)
            else:
                self._values.remark(line, said, action, GalssCode.LIBRARY)
        if serial:
            self._check_times(section)
        self._check_list(section, users)

    def _check_times(self, section: Section) -> None:
        config, start = section.values.get("config"), section.values.get("tempoinit")
        if config is None:
            self._values.value(section, "Config")
        for key, value in (("Config", config), ("TempoInit", start)):
            if value is not None and not are_numbers(value.text):
                said = Sentence(
                    "{key}={value} is not a list of numbers separated by commas",
                    key=key,
                    value=value.text[:40],
                )
                self._values.mistake(
                    value.line,
                    said,
                    Sentence("Write three numbers behind {key}=", key=key),
                    GalssCode.PROTOCOL_START,
                )

    def _check_list(self, section: Section, users: list[tuple[int, int | None]]) -> None:
        value = section.values.get("listecanaux")
        if value is None:
            return
        listed = [each.strip() for each in value.text.split(",")]
        for number, _ in users:
            if str(number) not in listed:
                self._values.remark(
                    value.line,
                    Sentence(
                        "ListeCanaux does not list channel {number}, which has this protocol", number=number
                    ),
                    Sentence("Write ListeCanaux={each}", each=",".join((str(each) for each, _ in users))),
                )
