"""Reading `galss.ini` and `io_comm.ini` together, section by section."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from tla_sim.host.transport.galss.checked_values import CheckedValues, is_number
from tla_sim.host.transport.galss.codes import GalssCode, code_of_key, code_of_section
from tla_sim.host.transport.galss.ini import Ini, Section, parse_ini
from tla_sim.host.transport.galss.naming import Naming
from tla_sim.host.transport.galss.protocols import Protocols
from tla_sim.host.transport.galss.resources import Channel, ChannelKind, Configuration, GalssReader
from tla_sim.protocol.sentence import Sentence

SLOWEST: Final = 50
FASTEST: Final = 115_200
"""The limits of a serial channel's speed, in bits per second."""

LINE: Final = "1,8,0,0"
"""The rest of a serial channel's Caracteristiques: stop bits, data bits, parity and flow control."""

_PARTS: Final = (
    (re.compile(r"CANAL\d+", re.ASCII), "NbCanaux"),
    (re.compile(r"CANAL\d+\.PAD\d+", re.ASCII), "NbPAD"),
    (re.compile(r"CANAL\d+\.PAD\d+\.LAD\d+", re.ASCII), "NbLAD"),
)


def configuration(galss: bytes, io_comm: bytes = b"") -> Configuration:
    """Read both files.

    Raises nothing: `problems` holds those of `galss.ini`, `port_problems` those of the other.
    """
    ini = parse_ini(galss, lambda section, key: code_of_key(key) if key else code_of_section(section))
    ports = parse_ini(io_comm, lambda _section, _key: GalssCode.PORT)
    found = Configuration(problems=ini.problems, port_problems=ports.problems)
    if not ini.unread:
        _Walk(CheckedValues(ini, ini.problems), ports, found).all()
    found.problems.sort(key=lambda each: each.line)
    return found


class _Walk:
    """A walk from section to section as the counts lead, which takes what is right."""

    def __init__(self, values: CheckedValues, ports: Ini, found: Configuration) -> None:
        self._values = values
        self._ports = ports
        self._found = found
        self._naming = Naming(values)
        self._protocols = Protocols(values)
        self._seen: set[str] = set()

    def all(self) -> None:
        """Fill the configuration."""
        config = self._values.ini.sections.get("CONFIG")
        if config is None:
            text, action = Sentence("There is no section [CONFIG]"), Sentence("Add [CONFIG] with NbCanaux=1")
            self._values.mistake(1, text, action, GalssCode.CONFIG)
            return
        for number, section in self._parts("CANAL", config, "NbCanaux"):
            self._found.channels.append(self._channel(number, section))
        self._protocols.check()
        self._tell_uncounted()

    def _parts(self, stem: str, told_by: Section, key: str) -> list[tuple[int, Section]]:
        """Return the sections that a count leads to, each with its number."""
        count = self._values.count(told_by, key, 1)
        names = {number: f"{stem}{number}" for number in range(1, count + 1)}
        if not count:
            # Without a count any of these may be counted: none is reported as superfluous.
            self._seen.update(each for each in self._values.ini.sections if each.startswith(stem.upper()))
        found = [(number, self._values.find_counted(name, told_by, key)) for number, name in names.items()]
        self._seen.update(name.upper() for name in names.values())
        return [(number, section) for number, section in found if section is not None]

    def _channel(self, number: int, section: Section) -> Channel:
        kind = self._values.number(section, "TCanal", 0, 255)
        protocol = self._protocols.take(section, number, kind)
        return replace(self._channel_of_kind(number, section, kind), protocol=protocol)

    def _channel_of_kind(self, number: int, section: Section, kind: int | None) -> Channel:
        if kind == ChannelKind.PCSC:
            slot, slot_line = self._slot(section)
            return Channel(number, kind, self._readers(section), section.line, slot=slot, slot_line=slot_line)
        if kind != ChannelKind.SERIAL:
            if kind is not None:
                text = Sentence(
                    "TCanal={kind} of [{section}] is neither a serial port (1) nor PC/SC (3)",
                    kind=kind,
                    section=section.name,
                )
                self._values.remark(
                    self._values.line(section, "TCanal"), text, Sentence("Its readers have no URL here")
                )
            return Channel(number, kind, self._readers(section), section.line)
        com = self._values.number(section, "Index", 1, 255)
        baud = self._baud(section)
        readers = self._readers(section)
        device, line = ("", 0) if com is None else self._device(com)
        return Channel(number, kind, readers, section.line, com, baud, device, line)

    def _readers(self, section: Section) -> tuple[GalssReader, ...]:
        return tuple(
            GalssReader(
                self._values.number(inner, "PAD", 0, 255),
                tuple(
                    self._naming.resource(innermost)
                    for _, innermost in self._parts(f"{inner.name}.LAD", inner, "NbLAD")
                ),
                inner.line,
            )
            for _, inner in self._parts(f"{section.name}.PAD", section, "NbPAD")
        )

    def _slot(self, section: Section) -> tuple[str, int]:
        """Return the name of a PC/SC slot and its line.

        Index only counts the channels of one kind, so it is not used.
        """
        self._values.number(section, "Index", 0, 255)
        value = self._values.value(section, "Caracteristiques")
        if value is None:
            return "", 0
        if not value.text:
            text, action = Sentence("Caracteristiques is empty"), Sentence("Write the name of the PC/SC slot")
            self._values.mistake(value.line, text, action, GalssCode.PORT)
        return value.text, value.line

    def _device(self, com: int) -> tuple[str, int]:
        mapped = self._ports.sections.get("MAP_DEVICE")
        value = None if mapped is None else mapped.values.get(f"com{com}")
        if value is None or not value.text:
            return f"/dev/ttyS{com - 1}", 0 if value is None else value.line
        return value.text, value.line

    def _baud(self, section: Section) -> int | None:
        value = self._values.value(section, "Caracteristiques")
        if value is None:
            return None
        speed, _, rest = value.text.partition(";")[0].partition(",")
        speed, rest = speed.strip(), "".join(rest.split())
        if not (is_number(speed) and SLOWEST <= int(speed) <= FASTEST):
            text = Sentence("Caracteristiques={value} does not begin with a speed", value=value.text[:40])
            self._values.mistake(value.line, text, f"Write 9600,{LINE}", GalssCode.PORT)
            return None
        if rest != LINE:
            text = Sentence(
                "Caracteristiques={value} is not a speed and {line}; it is read as that",
                value=value.text[:40],
                line=LINE,
            )
            self._values.remark(
                value.line, text, Sentence("Write {speed},{line}", speed=speed, line=LINE), GalssCode.PORT
            )
        return int(speed)

    def _tell_uncounted(self) -> None:
        for name, section in self._values.ini.sections.items():
            parent = name.rpartition(".")[0]
            if name in self._seen or (parent and parent not in self._seen):
                continue
            for pattern, key in _PARTS:
                if pattern.fullmatch(name):
                    text = Sentence(
                        "The section [{section}] is not counted by {key}", section=section.name, key=key
                    )
                    self._values.remark(
                        section.line, text, Sentence("Correct {key}, or delete the section", key=key)
                    )
