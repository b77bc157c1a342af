"""Checks that the ports and PC/SC slots named in the files exist, and which line to change if not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.ini import Problem
from tla_sim.host.transport.galss.resources import ChannelKind, Configuration
from tla_sim.host.transport.pcsc import find_slots, reader_of
from tla_sim.protocol.sentence import Sentence


def check_ports(found: Configuration, exists: Callable[[str], bool], present: Sequence[str]) -> list[Problem]:
    """Return a problem for each channel whose port does not exist: the line of `io_comm.ini` to change, and
    to what.

    The line is 0 where that file does not map the port yet. `present` lists this machine's serial ports. A
    reader that moved is expected on a port of the same kind (/dev/ttyUSB1 for /dev/ttyUSB0) before any other.
    """
    serial = [channel for channel in found.channels if channel.device]
    used = [channel.device for channel in serial]
    free = [port for port in present if port not in used]
    problems = []
    for channel in serial:
        if exists(channel.device):
            continue
        alike = [port for port in free if _kind(port) == _kind(channel.device)]
        port = next(iter(alike or free), "")
        free = [other for other in free if other != port]
        place = f"{channel.port}={port or 'DEVICE'}"
        where = place if channel.device_line else Sentence("{place} into [MAP_DEVICE]", place=place)
        found_again = alike or (port and not channel.device_line)
        problems.append(
            Problem(
                channel.device_line,
                Sentence(
                    "COM{com} is {device}, which does not exist", com=channel.com, device=channel.device
                ),
                Sentence("Write {where}", where=where)
                if found_again
                else Sentence(
                    "Plug the reader in, then look again; if it has moved, write {where}", where=where
                ),
                code=GalssCode.PORT,
            )
        )
    return problems


def check_slots(found: Configuration, present: Sequence[str]) -> list[Problem]:
    """Return a problem for each channel whose PC/SC slot does not exist: the line of `galss.ini` to change,
    and to what.

    `present` lists the names of PC/SC's slots; another slot of the same reader is suggested before others.
    """
    named = [channel for channel in found.channels if channel.kind == ChannelKind.PCSC and channel.slot]
    taken = [slot for channel in named for slot in find_slots(present, channel.slot)]
    free = [slot for slot in present if slot not in taken]
    problems = []
    for channel in named:
        if find_slots(present, channel.slot):
            continue
        alike = [slot for slot in free if reader_of(slot) == reader_of(channel.slot)]
        slot = next(iter(alike or free), "")
        free = [other for other in free if other != slot]
        text = Sentence(
            "PC/SC has no slot {slot}, which is that of [CANAL{number}]",
            slot=channel.slot[:60],
            number=channel.number,
        )
        action = Sentence("Plug the reader in, then look again")
        if alike:
            action = Sentence("Write Caracteristiques={slot}", slot=slot)
        elif slot:
            action = Sentence(
                "Plug the reader in, then look again; if it is another one, write Caracteristiques={slot}",
                slot=slot,
            )
        problems.append(Problem(channel.slot_line, text, action, code=GalssCode.PORT))
    return problems


def _kind(device: str) -> str:
    """Return a port's name without its number."""
    return device.rstrip("0123456789")
