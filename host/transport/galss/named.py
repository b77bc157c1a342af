"""Readers by their GALSS resource name: `galss:NAME[?file=PATH]`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote

from tla_sim.host.transport import open_transport
from tla_sim.host.transport.base import BadUrl, Transport
from tla_sim.host.transport.galss.configuration import Configuration, configuration
from tla_sim.host.transport.galss.ini import MAX_INI_BYTES
from tla_sim.host.whole_file import FileUnusable, read_start
from tla_sim.protocol.errors import Category, LinkError, TlaError

VARIABLE: Final = "TLA_GALSS"
PORTS: Final = "io_comm.ini"
PLACES: Final = (Path("galss.ini"), Path("/etc/galss.ini"))


class GalssUnreadable(TlaError):
    """galss.ini is missing, cannot be read, or contradicts itself."""

    category = Category.BAD_INPUT

    ssv = 0x8001


class UnknownResource(LinkError):
    """No reader of galss.ini has this name."""

    ssv = 0xF101


def read_configuration(path: Path, ports: Path | None = None) -> Configuration:
    """Both files: `galss.ini`, and `io_comm.ini` beside it unless named. Raises GalssUnreadable."""
    beside = ports or path.parent / PORTS
    io_comm = _read(beside) if ports is not None or beside.exists() else b""
    return configuration(_read(path), io_comm)


def open_galss(url: str) -> Transport:
    """The transport behind `galss:NAME`, opened. Raises as `resolve` and `open_transport`."""
    return open_transport(resolve(url))


def resolve(url: str) -> str:
    """The URL behind `galss:NAME`.

    The file is the one of `?file=`, else of TLA_GALSS, else ./galss.ini, else /etc/galss.ini. Raises BadUrl,
    GalssUnreadable also for a file with mistakes, UnknownResource.
    """
    head, question, query = url.partition("?")
    name = unquote(head.partition(":")[2])
    options = parse_qs(query)
    if not name or (question and list(options) != ["file"]):
        raise BadUrl(f"'{url}' names no reader of galss.ini", "Write galss:NAME or galss:NAME?file=PATH")
    path = _path(options.get("file", [""])[0])
    found = read_configuration(path)
    for file, problems in ((path, found.problems), (path.parent / PORTS, found.port_problems)):
        for problem in problems:
            if not problem.remark:
                raise GalssUnreadable(f"{file} line {problem.line}: {problem.text}", problem.action)
    channel = found.find(name)
    if channel is None:
        known = ", ".join(found.names) or "none"
        raise UnknownResource(f"{path} has no resource {name}", f"It has {known}")
    return channel.url


def _path(named: str) -> Path:
    if named or os.environ.get(VARIABLE):
        return Path(named or os.environ[VARIABLE])
    for path in PLACES:
        if path.exists():
            return path
    raise GalssUnreadable(
        "There is no galss.ini here or in /etc", f"Name it with ?file=PATH or in {VARIABLE}"
    )


def _read(path: Path) -> bytes:
    try:
        return read_start(path, MAX_INI_BYTES + 1)
    except FileUnusable as error:
        raise GalssUnreadable(error.message, "Check the path and its permissions") from None
