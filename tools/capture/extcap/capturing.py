"""Capturing an interface for Wireshark: into its pipe, until it or the other end has enough."""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.capture.extcap.interfaces import PCSC, READER, SERIAL
from tla_sim.tools.capture.level import Level
from tla_sim.tools.capture.live.capture_file import write_all

_LOOK_SECONDS: Final = 0.05
"""Between two looks whether somebody reads the pipe."""


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
    # The pipe comes first, as for the taps: Wireshark waits for good on one that nobody opened.
    with _opened(wish.fifo, stop) as fifo:
        if fifo < 0:
            return
        running = find_running(wish.interface.removeprefix(READER))
        with connect(running.path, levels) as connection:
            follow(connection, lambda blocks: write_all(fifo, blocks), fifo, stop)


def _capture_serial(wish: Wish, stop: int) -> None:
    from tla_sim.protocol.t1.block import Edc
    from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
    from tla_sim.tools.capture.serial_tap import open_ends, tap_ends

    device = unquote(wish.interface.removeprefix(SERIAL))
    with _opened(wish.fifo, stop) as fifo:
        if fifo >= 0:
            tracer = PcapngTracer(lambda blocks: write_all(fifo, blocks))
            with open_ends(wish.peer, device, wish.baud) as ends:
                tap_ends(ends, tracer, link=device, baud=wish.baud, edc=Edc(wish.edc), stop=stop)


def _capture_pcsc(wish: Wish, stop: int) -> None:
    from tla_sim.tools.capture.pcapng_tracer import PcapngTracer
    from tla_sim.tools.capture.pcsc_proxy import PcscProxy

    slot = unquote(wish.interface.removeprefix(PCSC))
    with _opened(wish.fifo, stop) as fifo:
        if fifo >= 0:
            tracer = PcapngTracer(lambda blocks: write_all(fifo, blocks))
            with PcscProxy(Path(wish.socket), tracer, lambda name: name == slot) as proxy:
                proxy.run(stop, fifo)


@contextmanager
def _opened(path: Path, stop: int) -> Iterator[int]:
    """Give the pipe once somebody reads it, -1 if `stop` has something to read before. Raises OSError."""
    fifo = -1
    while fifo < 0:
        try:
            # Waiting inside of open() could not be ended by a signal: Python would go on with it.
            fifo = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if select.select([stop], [], [], _LOOK_SECONDS)[0]:
                break
    try:
        if fifo >= 0:
            os.set_blocking(fifo, True)
        yield fifo
    finally:
        if fifo >= 0:
            os.close(fifo)


def _level(text: str) -> Level:
    try:
        return Level(text)
    except ValueError:
        raise NoSuchInterface("There is no level {text}", text=text) from None
