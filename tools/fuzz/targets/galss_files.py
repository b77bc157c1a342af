"""The GALSS's two files, `galss.ini` and `io_comm.ini`, joined by a line that stands in neither."""

from __future__ import annotations

from typing import Final

from tla_sim.host.transport.galss.configuration import Channel, configuration, sample
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.oracle import Violation
from tla_sim.tools.fuzz.targets.file_kind import FileKind

_FASTEST: Final = 115_200
_BETWEEN: Final = b"\n;----\n"
_NUMBERS: Final = (
    "",
    "-1",
    "0",
    "1",
    "2",
    "32",
    "33",
    "255",
    "256",
    "1e3",
    "9600",
    "115201",
    "\u0663",
    "0x1",
)
_LONG: Final = ("0" * 5_000 + "1", "1" * 5_000, "0000096001234", "9" * 10)
_TEXTS: Final = ("", "CPS", "cps", "Vitale", "123456789", "\xe9", "/dev/ttyUSB0", "a=b", "[X]")


def _good() -> tuple[bytes, ...]:
    found = []
    for device, baud in (("/dev/ttyUSB0", 9_600), ("/dev/ttyS3", 115_200)):
        galss, ports = sample(device, baud)
        found.append(galss.encode() + _BETWEEN + ports.encode())
    return tuple(found)


def _tweaked(chance: Chance) -> bytes:
    lines = pick(chance, _good()).decode().split("\n")
    for _ in range(1 + chance.below(3)):
        at, other = chance.below(len(lines)), chance.below(len(lines))
        key, equals, _ = lines[at].partition("=")
        match chance.below(6):
            case 0:
                lines[at : at + 1] = []
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case _ if equals:
                lines[at] = f"{key}={pick(chance, pick(chance, (_NUMBERS, _NUMBERS, _LONG, _TEXTS)))}"
            case _:
                pass
        lines = lines or [""]
    text = pick(chance, ("\n", "\n", "\r\n", "\r")).join(lines)
    return text.encode(pick(chance, ("utf-8", "utf-8", "utf-8-sig", "utf-16")))


class _Unusable(TlaError):
    """The files have mistakes, and every one was told."""


def _read(raw: bytes) -> None:
    galss, _, ports = raw.partition(_BETWEEN)
    found = configuration(galss, ports)
    for source, problems in ((galss, found.problems), (ports, found.port_problems)):
        last = source.count(b"\n") + source.count(b"\r") + 1
        for problem in problems:
            if not 1 <= problem.line <= last or not problem.text or not problem.action:
                raise Violation("form", "a mistake in galss.ini is told without its line or what to write")
    if not found.usable:
        raise _Unusable("The files have mistakes", "Correct them")
    for channel in found.channels:
        _judge(channel)
    for name in found.names:
        if found.find(name) is None:
            raise Violation("round trip", "a resource of galss.ini is not found by its name")


def _judge(channel: Channel) -> None:
    lads = [each.lad for reader in channel.readers for each in reader.resources]
    bytes_of_it = (channel.com, *(reader.pad for reader in channel.readers), *lads)
    if channel.baud > _FASTEST or any(each > 255 for each in bytes_of_it):
        raise Violation("form", "galss.ini is taken with a number out of its range")


KIND: Final = FileKind(_good, _read, _tweaked)
