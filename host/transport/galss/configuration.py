"""What `galss.ini` and `io_comm.ini` say together: channels, the readers on them, and the readers' names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from tla_sim.host.transport.galss.ini import Ini, Problem, Section, Value, parse_ini

MAX_NAME: Final = 8
MAX_COUNT: Final = 32
SERIAL_CHANNEL: Final = 1
SLOWEST: Final = 50
FASTEST: Final = 115_200
"""Bits a second that a serial channel may have."""

_MAX_DIGITS: Final = 9


@dataclass(frozen=True)
class Resource:
    """A logical device of a reader: its LAD, and the name and aliases that programs call it by."""

    lad: int
    name: str
    aliases: tuple[str, ...]
    line: int

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called."""
        return self.name, *self.aliases


@dataclass(frozen=True)
class GalssReader:
    """A reader on a channel: its physical address, and its logical devices."""

    pad: int
    resources: tuple[Resource, ...]
    line: int


@dataclass(frozen=True)
class Channel:
    """A serial channel: COM number, speed, readers; the device behind the COM number and where that is said.

    `device_line` is the line of `io_comm.ini` that maps the port, 0 where none does.
    """

    number: int
    com: int
    baud: int
    readers: tuple[GalssReader, ...]
    line: int
    device: str
    device_line: int

    @property
    def url(self) -> str:
        """The URL of the reader on this channel."""
        return f"serial:{quote(self.device)}?baud={self.baud}"


@dataclass
class Configuration:
    """All channels, and what is wrong in either file."""

    channels: list[Channel] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    port_problems: list[Problem] = field(default_factory=list)

    def find(self, name: str) -> Channel | None:
        """The channel of the reader that has a logical device of this name, in any case of letters."""
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
        """Whether nothing in the files keeps them from being used."""
        return all(each.remark for each in (*self.problems, *self.port_problems))


def configuration(galss: bytes, io_comm: bytes = b"") -> Configuration:
    """Read both files. Raises nothing: `problems` are those of `galss.ini`, `port_problems` of the other."""
    ini, ports = parse_ini(galss), parse_ini(io_comm)
    found = Configuration(problems=ini.problems, port_problems=ports.problems)
    _Reader(ini, ports, found).read()
    found.problems.sort(key=lambda each: each.line)
    return found


def check_ports(found: Configuration, exists: Callable[[str], bool], present: Sequence[str]) -> list[Problem]:
    """For each channel whose port is not there: which line of `io_comm.ini` to change, and to what.

    `present` are the serial ports this machine has; a reader that moved is looked for on one of the same kind
    (/dev/ttyUSB1 for /dev/ttyUSB0) before any other.
    """
    used = [channel.device for channel in found.channels]
    free = [port for port in present if port not in used]
    problems = []
    for channel in found.channels:
        if exists(channel.device):
            continue
        alike = [port for port in free if _kind(port) == _kind(channel.device)]
        port = next(iter(alike or free), "")
        free = [other for other in free if other != port]
        place = f"COM{channel.com}={port or 'DEVICE'}"
        where = place if channel.device_line else f"{place} into [MAP_DEVICE]"
        found_again = alike or (port and not channel.device_line)
        problems.append(
            Problem(
                channel.device_line or 1,
                f"COM{channel.com} is {channel.device}, which does not exist",
                f"Write {where}"
                if found_again
                else f"Plug the reader in, then look again; if it has moved, write {where}",
            )
        )
    return problems


def _kind(device: str) -> str:
    """A port's name without its number."""
    return device.rstrip("0123456789")


def sample(device: str, baud: int) -> tuple[str, str]:
    """Both files for one reader on a port: `galss.ini`, `io_comm.ini`."""
    names = (("CPS", 1), ("Log_SV", 0), ("Vitale", 2))
    lads = "".join(
        f"\n[CANAL1.PAD1.LAD{place}]\nLAD={lad}\nNomLAD={name}\nNbAlias=0\n"
        for place, (name, lad) in enumerate(names, 1)
    )
    galss = (
        "; Written by tla galss write\n[PROTOCOLE0]\nConfig=1000,20,15000\n\n[CONFIG]\nNbCanaux=1\n\n"
        "[CANAL1]\n"
        f"TCanal={SERIAL_CHANNEL}\nIndex=1\nProtocole=0\nCaracteristiques={baud},1,8,0,0\nNbPAD=1\n\n"
        f"[CANAL1.PAD1]\nPAD=2\nNbLAD={len(names)}\n{lads}"
    )
    return galss, f"; Written by tla galss write\n[MAP_DEVICE]\nCOM1={device}\n"


class _Reader:
    """Walks the sections, noting what is wrong and taking what is right."""

    def __init__(self, ini: Ini, ports: Ini, found: Configuration) -> None:
        self._ini = ini
        self._ports = ports
        self._found = found
        self._names: dict[str, int] = {}

    def read(self) -> None:
        """Fill the configuration."""
        config = self._ini.sections.get("CONFIG")
        if config is None and self._ini.unread:
            return
        if config is None:
            self._problem(1, "There is no section [CONFIG]", "Add [CONFIG] with NbCanaux=1")
            return
        for number in range(1, self._number(config, "NbCanaux", 1, MAX_COUNT) + 1):
            section = self._section(f"CANAL{number}", config, "NbCanaux")
            if section is not None:
                self._channel(number, section)

    def _channel(self, number: int, section: Section) -> None:
        kind = self._number(section, "TCanal", 0, 255)
        if kind != SERIAL_CHANNEL:
            self._problem(
                section.line, f"[{section.name}] is no serial channel", "It is passed over", remark=True
            )
            return
        com = self._number(section, "Index", 1, 255)
        protocol = self._number(section, "Protocole", 0, 255)
        if f"PROTOCOLE{protocol}" not in self._ini.sections:
            line = self._line(section, "Protocole")
            self._problem(line, f"There is no section [PROTOCOLE{protocol}]", "Add it, or correct Protocole")
        readers = []
        for place in range(1, self._number(section, "NbPAD", 1, MAX_COUNT) + 1):
            inner = self._section(f"{section.name}.PAD{place}", section, "NbPAD")
            if inner is not None:
                readers.append(self._reader(inner))
        device, line = self._device(com)
        channel = Channel(number, com, self._baud(section), tuple(readers), section.line, device, line)
        self._found.channels.append(channel)

    def _reader(self, section: Section) -> GalssReader:
        pad = self._number(section, "PAD", 0, 255)
        resources = []
        for place in range(1, self._number(section, "NbLAD", 1, MAX_COUNT) + 1):
            inner = self._section(f"{section.name}.LAD{place}", section, "NbLAD")
            if inner is not None:
                resources.append(self._resource(inner))
        return GalssReader(pad, tuple(resources), section.line)

    def _resource(self, section: Section) -> Resource:
        lad = self._number(section, "LAD", 0, 255)
        name = self._name(section, "NomLAD")
        count = self._number(section, "NbAlias", 0, MAX_COUNT) if "nbalias" in section.values else 0
        aliases = tuple(self._name(section, f"Alias{place}") for place in range(1, count + 1))
        return Resource(lad, name, aliases, section.line)

    def _device(self, com: int) -> tuple[str, int]:
        mapped = self._ports.sections.get("MAP_DEVICE")
        value = None if mapped is None else mapped.values.get(f"com{com}")
        if value is None or not value.text:
            return f"/dev/ttyS{max(com - 1, 0)}", 0 if value is None else value.line
        return value.text, value.line

    def _baud(self, section: Section) -> int:
        value = self._value(section, "Caracteristiques")
        text = value.text.partition(",")[0].strip()
        if not (_is_number(text) and SLOWEST <= int(text) <= FASTEST):
            self._problem(
                value.line, f"Caracteristiques={value.text[:40]} begins with no speed", "Write 9600,1,8,0,0"
            )
            return 9600
        return int(text)

    def _name(self, section: Section, key: str) -> str:
        value = self._value(section, key)
        name = value.text
        if not name:
            self._problem(value.line, f"{key} is empty", f"Give a name of at most {MAX_NAME} characters")
        elif len(name) > MAX_NAME:
            self._problem(
                value.line, f"{key}={name[:40]} has more than {MAX_NAME} characters", "Shorten the name"
            )
        elif name.lower() in self._names:
            known = self._names[name.lower()]
            self._problem(value.line, f"The name {name} stands on line {known} already", "Give another name")
        self._names.setdefault(name.lower(), value.line)
        return name

    def _number(self, section: Section, key: str, least: int, most: int) -> int:
        value = self._value(section, key)
        text = value.text
        if not (_is_number(text) and least <= int(text) <= most):
            self._problem(
                value.line, f"{key}={text[:40]} is no number from {least} to {most}", f"Correct {key}"
            )
            return least
        return int(text)

    def _value(self, section: Section, key: str) -> Value:
        value = section.values.get(key.lower())
        if value is None:
            self._problem(section.line, f"[{section.name}] has no {key}", f"Add {key}= to it")
            return Value(_DEFAULTS.get(key, "1"), section.line)
        return value

    def _section(self, name: str, told_by: Section, count: str) -> Section | None:
        section = self._ini.sections.get(name.upper())
        if section is None:
            line = self._line(told_by, count)
            self._problem(
                line, f"{count} counts a section [{name}] that is not there", f"Add it, or correct {count}"
            )
        return section

    def _line(self, section: Section, key: str) -> int:
        value = section.values.get(key.lower())
        return section.line if value is None else value.line

    def _problem(self, line: int, text: str, action: str, remark: bool = False) -> None:
        self._found.problems.append(Problem(line, text, action, remark))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


_DEFAULTS: Final = {"Caracteristiques": "9600,1,8,0,0", "PAD": "0", "Protocole": "0", "NomLAD": ""}
