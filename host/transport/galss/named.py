"""Readers by their GALSS resource name: `galss:NAME[?file=PATH]`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote

from tla_sim.host.transport import open_transport
from tla_sim.host.transport.base import BadUrl, Transport
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.ini import MAX_INI_BYTES
from tla_sim.host.transport.galss.resources import Channel, ChannelKind, Configuration
from tla_sim.host.transport.pcsc import find_slots, list_slots
from tla_sim.host.whole_file import FileUnusable, read_start
from tla_sim.protocol.errors import Category, LinkError, PortUnavailable, TlaError
from tla_sim.protocol.sentence import Sentence

VARIABLE: Final = "TLA_GALSS"
PORTS: Final = "io_comm.ini"
PLACES: Final = (Path("galss.ini"), Path("/etc/galss.ini"))


class GalssUnreadable(TlaError):
    """galss.ini is missing, cannot be read, or contradicts itself."""

    category = Category.BAD_INPUT

    def __init__(self, message: str, action: str, code: GalssCode = GalssCode.FILE) -> None:
        super().__init__(message, action)
        self.ssv = code


class SlotMissing(PortUnavailable):
    """PC/SC does not have the slot that galss.ini names."""


class UnknownResource(LinkError):
    """No reader of galss.ini has this name."""

    ssv = 0xF101


def read_configuration(path: Path, ports: Path | None = None) -> Configuration:
    """Read `galss.ini`, and `io_comm.ini` beside it unless another is named. Raises `GalssUnreadable`."""
    beside = ports or path.parent / PORTS
    io_comm = _read(beside) if ports is not None or beside.exists() else b""
    return configuration(_read(path), io_comm)


def read_usable(path: Path) -> Configuration:
    """Read both files as `read_configuration`. Raises `GalssUnreadable` also for the first mistake in them,
    with its code.
    """
    found = read_configuration(path)
    for file, problems in ((path, found.problems), (path.parent / PORTS, found.port_problems)):
        for problem in problems:
            if not problem.remark:
                raise GalssUnreadable(
                    Sentence(
                        "{file} line {line}: {problem}", file=file, line=problem.line, problem=problem.text
                    ),
                    problem.action,
                    problem.code or GalssCode.FILE,
                )
    return found


def open_galss(url: str) -> Transport:
    """Open the transport behind `galss:NAME` and return it.

    Raises as `resolve` and `open_transport`, and `SlotMissing`.
    """
    path, channel = _channel(url)
    try:
        return open_transport(channel.url)
    except PortUnavailable:
        if channel.kind == ChannelKind.PCSC:
            _tell_missing_slot(path, channel)
        raise


def resolve(url: str) -> str:
    """Return the URL behind `galss:NAME`: of a serial port, or of the PC/SC reader with the named slot.

    The file is that of `?file=`, else of TLA_GALSS, else ./galss.ini, else /etc/galss.ini. Raises `BadUrl`,
    `UnknownResource`, and `GalssUnreadable`, also for a file with mistakes.
    """
    return _channel(url)[1].url


def _channel(url: str) -> tuple[Path, Channel]:
    head, question, query = url.partition("?")
    name = unquote(head.partition(":")[2])
    options = parse_qs(query)
    if not name or (question and list(options) != ["file"]):
        raise BadUrl(
            "'{url}' names no reader of galss.ini", "Write galss:NAME or galss:NAME?file=PATH", url=url
        )
    path = _path(options.get("file", [""])[0])
    found = read_usable(path)
    channel = found.find(name)
    if channel is None:
        known = ", ".join(found.names) or Sentence("no resource")
        raise UnknownResource(
            "{path} has no resource {name}", "It has {known}", path=path, name=name, known=known
        )
    if not channel.url:
        raise GalssUnreadable(
            Sentence(
                "{path} line {line}: {name} is on a channel that is neither a serial port nor PC/SC",
                path=path,
                line=channel.line,
                name=name,
            ),
            Sentence("Name the reader by a URL of its own"),
            GalssCode.CHANNEL_KIND,
        )
    return path, channel


def _tell_missing_slot(path: Path, channel: Channel) -> None:
    slots = list_slots()
    if find_slots([slot.name for slot in slots], channel.slot):
        return
    running = [slot for slot in slots if slot.runs_log_sv]
    seen = ", ".join(slot.name for slot in slots) or Sentence("no slot")
    action = Sentence("Plug the reader in, then look again")
    if running:
        action = Sentence(
            "Use pcsc:{number}, or name there a slot of {reader}",
            number=running[0].number,
            reader=running[0].reader,
        )
    raise SlotMissing(
        "{path} line {line}: PC/SC has no slot {slot} (it has: {seen})",
        action,
        path=path,
        line=channel.slot_line,
        slot=channel.slot,
        seen=seen,
    )


def _path(named: str) -> Path:
    if named or os.environ.get(VARIABLE):
        return Path(named or os.environ[VARIABLE])
    for path in PLACES:
        if path.exists():
            return path
    raise GalssUnreadable(
        "There is no galss.ini here or in /etc",
        Sentence("Name it with ?file=PATH or in {variable}", variable=VARIABLE),
    )


def _read(path: Path) -> bytes:
    try:
        return read_start(path, MAX_INI_BYTES + 1)
    except FileUnusable as error:
        raise GalssUnreadable(error.message, "Check the path and its permissions") from None
