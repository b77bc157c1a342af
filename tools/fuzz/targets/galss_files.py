"""The GALSS's two files, `galss.ini` and `io_comm.ini`, joined by a line that occurs in neither.

Correct files must be read whole and without a mistake; a planted mistake must be reported with its code and
line; files with lines changed at random must be refused with sentences at most. The file's first line says
what was planted, so that a case repeats from its bytes alone.
"""

from __future__ import annotations

from typing import Final

from tla_sim.host.text_file import NotText, decode
from tla_sim.host.transport.galss.configuration import FASTEST, configuration
from tla_sim.host.transport.galss.resources import Channel, Configuration
from tla_sim.host.transport.galss.sample import sample
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Joined
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.targets.file_kind import FileKind
from tla_sim.tools.fuzz.targets.galss_writing import NOTHING, claim_of, field_file
from tla_sim.tools.judge.violation import Violation

_BETWEEN: Final = b"\n;----\n"
_PORTS: Final = b"[MAP_DEVICE]\nCOM1=/dev/ttyUSB0\n"
_NUMBERS: Final = (
    *("", "-1", "0", "1", "2", "32", "33", "255", "256", "1e3", "9600", "115201", "\u0663", "0x1"),
)
_LONG: Final = ("0" * 5_000 + "1", "1" * 5_000, "0000096001234", "9" * 10)
_TEXTS: Final = (
    "",
    "CPS",
    "cps",
    "Vitale",
    "123456789",
    "\xe9",
    "/dev/ttyUSB0",
    "a=b",
    "[X]",
    '"CPS"',
    "1 ; x",
)
_CODECS: Final = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850")
_ENDS: Final = ("\n", "\n", "\r\n", "\r")


def _good() -> tuple[bytes, ...]:
    found = []
    for device, baud in (("/dev/ttyUSB0", 9_600), ("/dev/ttyS3", 115_200)):
        galss, ports = sample(device, baud)
        found.append(galss.encode() + _BETWEEN + ports.encode())
    return tuple(found)


def _tweaked(chance: Chance) -> bytes:
    lines = field_file(chance).split("\n")
    if chance.below(3) == 0:
        _change(lines, chance)
    text = pick(chance, _ENDS).join(lines)
    return text.encode(pick(chance, _CODECS), "replace") + _BETWEEN + _PORTS


def _change(lines: list[str], chance: Chance) -> None:
    for _ in range(1 + chance.below(3)):
        at, other = chance.below(len(lines)), chance.below(len(lines))
        key, equals, _ = lines[at].partition("=")
        match chance.below(6):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case _ if equals:
                lines[at] = f"{key}={pick(chance, pick(chance, (_NUMBERS, _NUMBERS, _LONG, _TEXTS)))}"
            case _:
                pass


class _Unusable(TlaError):
    """The files have mistakes, all of them reported."""

    category = Category.BAD_INPUT


def _read(raw: bytes) -> None:
    galss, _, ports = raw.partition(_BETWEEN)
    found = configuration(galss, ports)
    for source, problems in ((galss, found.problems), (ports, found.port_problems)):
        last = source.count(b"\n") + source.count(b"\r") + 1
        for problem in problems:
            if not 1 <= problem.line <= last or not problem.text or not problem.action:
                raise Violation("form", "a mistake in galss.ini is told without its line or what to write")
            if problem.code is None and not problem.remark:
                raise Violation("form", "a mistake in galss.ini has no code")
    _judge_planted(galss, found)
    if not found.usable:
        raise _Unusable("The files have mistakes", "Correct them")
    for channel in found.channels:
        _judge(channel)
    for name in found.names:
        if found.find(name) is None:
            raise Violation("round trip", "a resource of galss.ini is not found by its name")


def _judge_planted(galss: bytes, found: Configuration) -> None:
    """Compare what was read with what the file claims."""
    try:
        claim = claim_of(decode(galss).text)
    except NotText:
        return
    if claim is None:
        return
    told, number = claim
    mistakes = {f"{each.code or 0:04X}:{each.line}" for each in found.problems if not each.remark}
    if told != NOTHING:
        if f"{told}:{number}" not in mistakes:
            raise Violation(
                "field",
                "a planted mistake is not told with its code and line",
                "{code}:{line}",
                code=told,
                line=number,
            )
    elif mistakes:
        raise Violation("field", "a right galss.ini has a mistake", Joined(", ", sorted(mistakes)))
    elif len(found.names) != int(number):
        raise Violation(
            "field",
            "a right galss.ini is not read whole",
            "{count} of {number}",
            count=len(found.names),
            number=number,
        )


def _judge(channel: Channel) -> None:
    lads = [each.lad for reader in channel.readers for each in reader.resources]
    numbers = (channel.kind, *(reader.pad for reader in channel.readers), *lads)
    if any(each is None or not 0 <= each <= 255 for each in numbers) or (channel.baud or 0) > FASTEST:
        raise Violation("form", "galss.ini is taken with a number out of its range")
    if channel.kind in (1, 3) and not channel.url:
        raise Violation("form", "a channel that is right has no URL")


KIND: Final = FileKind(_good, _read, _tweaked)
