"""Traces of the calls of SSV and GALSS: as text, or for Wireshark."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Protocol

from tla_sim.host.ssv.frames import parse_answer
from tla_sim.host.ssv.server.party import CallDone
from tla_sim.host.transport.base import Transport
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.capture.locked_tracer import LockedTracer
from tla_sim.tools.capture.trace_file import SUFFIX, ForeignFile
from tla_sim.tools.capture.transport_tap import TracedTransport
from tla_sim.tools.cli.ssv_view import blanked, meaning, zone_lines, zones_of
from tla_sim.tools.cli.trace_option import TraceWish, open_trace
from tla_sim.tools.language import localise

_GONE: Final = Sentence("the program is gone")
_TITLE: Final = b"Calls of SSV and GALSS, by tla ssv serve\n"
"""The first line of a trace as text, which tells it from files of other kinds."""


class CallTrace(Protocol):
    """Takes down the calls of programs, and the exchanges with the reader if it can."""

    def call(self, done: CallDone) -> None:
        """Take down a call, codes porteur blanked. Raises OSError."""

    def tap(self, transport: Transport) -> Transport:
        """Return a transport whose exchanges are taken down, too."""


@contextmanager
def open_call_trace(wish: TraceWish) -> Iterator[CallTrace]:
    """Open a trace to append to, readable by its owner only. Raises ForeignFile, OSError."""
    # TLA_TRACE names one file for all verbs, which is none of text.
    if wish.append or wish.path.suffix.lower() == SUFFIX:
        with open_trace(TraceWish(wish.path, append=True)) as file:
            yield PacketTrace(LockedTracer(file.tracer))
        return
    with _open_text(wish.path) as text:
        yield TextTrace(text)


class TextTrace:
    """The calls as text, with their zones decoded."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def call(self, done: CallDone) -> None:
        """Write the lines of a call."""
        self._file.write(_lines(done))

    def tap(self, transport: Transport) -> Transport:
        """Return the transport as it is."""
        return transport


class PacketTrace:
    """The zones of the calls, and the exchanges with the reader, as packets. Any thread may call it."""

    def __init__(self, tracer: LockedTracer) -> None:
        self._tracer = tracer

    def call(self, done: CallDone) -> None:
        """Write a packet for each zone of a call, and an empty one for a call without any."""
        code, outputs = _outputs(done)
        link = f"{done.peer.name} ({done.peer.process})"
        ended_ns = time.time_ns()
        started_ns = ended_ns - int(done.seconds * 1_000_000_000)
        for name, zone in zones_of(done.function.inputs, done.values):
            self._tracer.zone(link, zone, False, f"{done.function.name}: {name}", started_ns)
        answered = f"{done.function.name}: {code:04X} {meaning(code)}"
        out = dict(zones_of(done.function.outputs, outputs)) or {"": b""}
        for name, zone in out.items():
            self._tracer.zone(link, zone, True, f"{answered}, {name}" if name else answered, ended_ns)

    def tap(self, transport: Transport) -> Transport:
        """Return the transport with a tap on it."""
        return TracedTransport(transport, self._tracer)


def _open_text(path: Path) -> IO[str]:
    from tla_sim.host.regular_file import open_regular

    handle = open_regular(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    start = os.pread(handle, len(_TITLE), 0)
    if start not in (b"", _TITLE):
        os.close(handle)
        raise ForeignFile("{path} is a file of another kind", "Name a new file for the trace", path=path)
    os.fchmod(handle, 0o600)
    if not start:
        os.write(handle, _TITLE)
    return os.fdopen(handle, "a", encoding="utf-8", buffering=1)


def _outputs(done: CallDone) -> tuple[int, dict[str, object]]:
    try:
        code, outputs = parse_answer(done.function, done.answer)
    except CodecError:
        return int.from_bytes(done.answer[:2], "big"), {}
    return code, outputs


def _lines(done: CallDone) -> str:
    code, outputs = _outputs(done)
    moment = time.strftime("%Y-%m-%d %H:%M:%S")
    lines = [
        f"{moment} {done.peer.name} ({done.peer.process}) {done.function.name}: {code:04X} {meaning(code)}, "
        f"{done.seconds * 1000:.1f} ms"
    ]
    if done.reason:
        lines.append("  " + localise(done.reason))
    if not done.heard:
        lines.append("  " + localise(_GONE))
    for parameters, values in ((done.function.inputs, done.values), (done.function.outputs, outputs)):
        zones = dict(zones_of(parameters, values))
        for name, value in blanked(parameters, values).items():
            if isinstance(value, str | int):
                lines.append(f"  {name} = {value}")
        for name, zone in zones.items():
            lines.append(f"  {name}:")
            lines += [f"    {line}" for line in zone_lines(zone)]
    return "".join(f"{line}\n" for line in lines)
