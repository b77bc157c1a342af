"""Capturing an interface for Wireshark: into its pipe, until it or the other end has enough."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.capture.extcap.interfaces import PCSC, READER, SERIAL
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.live.capture_file import write_all


class NoSuchInterface(TlaError):
    """The interface is not one of ours, or is gone."""

    category = Category.BAD_INPUT


@dataclass(frozen=True)
class Wish:
    """What Wireshark wants: an interface, the pipe to write to, and what was set for it."""

    interface: str
    fifo: Path
    levels: Sequence[str] = ()
    peer: str = ""
    baud: int = 9_600
    edc: str = "crc"
    socket: str = ""


def capture(wish: Wish, stop: int) -> None:
    """Capture until the other end ends, Wireshark closes its pipe, or `stop` has something to read.

    Raises TlaError, OSError.
    """
    if wish.interface.startswith(READER):
        _capture_reader(wish, stop)
    elif wish.interface.startswith(SERIAL):
        _capture_serial(wish, stop)
    elif wish.interface.startswith(PCSC):
        _capture_pcsc(wish, stop)
    else:
        raise NoSuchInterface("{interface} is not an interface of tla-sim", interface=wish.interface)


def _capture_reader(wish: Wish, stop: int) -> None:
    from tla_sim.tools.capture.live.finding import find_running
    from tla_sim.tools.capture.live.following import connect, follow

    levels = [_level(each) for each in wish.levels]
    running = find_running(wish.interface.removeprefix(READER))
    with connect(running.path, levels) as connection:
        fifo = os.open(wish.fifo, os.O_WRONLY | os.O_CLOEXEC)
        try:
            follow(connection, lambda blocks: write_all(fifo, blocks), fifo, stop)
        finally:
            os.close(fifo)


def _capture_serial(wish: Wish, stop: int) -> None:
    from tla_sim.protocol.t1.block import Edc
    from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
    from tla_sim.tools.capture.serial_tap import tap_serial

    device = unquote(wish.interface.removeprefix(SERIAL))
    fifo = os.open(wish.fifo, os.O_WRONLY | os.O_CLOEXEC)
    try:
        tracer = PcapngTracer(lambda blocks: write_all(fifo, blocks))
        tap_serial(wish.peer, device, tracer, link=device, baud=wish.baud, edc=Edc(wish.edc), stop=stop)
    finally:
        os.close(fifo)


def _capture_pcsc(wish: Wish, stop: int) -> None:
    from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
    from tla_sim.tools.capture.pcsc_proxy import PcscProxy

    slot = unquote(wish.interface.removeprefix(PCSC))
    fifo = os.open(wish.fifo, os.O_WRONLY | os.O_CLOEXEC)
    try:
        tracer = PcapngTracer(lambda blocks: write_all(fifo, blocks))
        with PcscProxy(Path(wish.socket), tracer, lambda name: name == slot) as proxy:
            proxy.run(stop, fifo)
    finally:
        os.close(fifo)


def _level(text: str) -> Level:
    try:
        return Level(text)
    except ValueError:
        raise NoSuchInterface("There is no level {text}", text=text) from None
