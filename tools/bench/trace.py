"""Traces: what writing one adds to a served APDU, how fast they are converted, and in what memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tla_sim.host.transport import open_transport
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.bench.dispatch import measure_in_turns
from tla_sim.tools.bench.report import Figure
from tla_sim.tools.bench.stage import Stage
from tla_sim.tools.capture.conversion import convert, convert_file
from tla_sim.tools.capture.reader_tap import ReaderTap
from tla_sim.tools.capture.reading import Read, ReadExchange
from tla_sim.tools.capture.trace_file import TraceFile

_IDENTIFY: Final = bytes.fromhex("8010000000")
_NS: Final = 1_551_772_800_000_000_000
_LIMIT_US: Final = 5.0
_BURST: Final = 500
_BURSTS: Final = 60
_TURNS: Final = 3
_RECORDS: Final = 100_000
_MANY: Final = 1_000_000
_LIMIT_A_SECOND: Final = 100_000
_LIMIT_MIB: Final = 100
_CONVERTING: Final = """
import sys
from pathlib import Path
from tla_sim.tools.capture.conversion import convert_file
convert_file(Path(sys.argv[1]), Path(sys.argv[2]))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
_KINDS: Final = (
    (Lad.LOG_SV, _IDENTIFY, bytes(60) + b"\x90\x00"),
    (Lad.PS, bytes.fromhex("00B0000000"), bytes(200) + b"\x90\x00"),
    (Lad.LOG_SV, bytes.fromhex("8017000000"), bytes(8) + b"\x90\x00"),
)
"""What the converted traces hold, in turns: a command of Log_SV, a card's with more data, a short one."""


def measure() -> list[Figure]:
    """Measure all of it against the limits that issue and users set."""
    in_memory, over_tcp = _added_in_memory(), _added_over_tcp()
    limit = f"a limit of {_LIMIT_US:g} µs"
    return [
        Figure("a served APDU, traced: more, in memory", in_memory, "µs", limit, _LIMIT_US, 1, True),
        Figure("a served APDU, traced: more, over tcp", over_tcp, "µs", limit, _LIMIT_US, 1, True),
        *_conversions(),
        _memory(),
    ]


def _added_in_memory() -> float:
    """Return the microseconds that a trace on disk adds to an exchange."""
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as folder:
        plain, traced = Stage(0).reader, Stage(0).reader
        file = TraceFile(Path(folder) / "trace.pcapng")
        tap = ReaderTap(traced, time.time_ns)
        tap.add(file.tracer)
        took = measure_in_turns(_exchange(plain), _exchange(traced))
        tap.close()
        file.close()
    return took[1] - took[0]


def _exchange(reader: Reader) -> Callable[[], object]:
    port = reader.attach("bench")

    def exchange() -> bytes | None:
        port.begin(Lad.LOG_SV, _IDENTIFY)
        return port.poll()

    return exchange


def _added_over_tcp() -> float:
    """Return the same of `tla sim` on a TCP port, in processor time of its process.

    Two of them are asked in turns, so that a machine that is busy or slow for a while is so for both.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tla-bench-"))
        plain = stack.enter_context(_served())
        traced = stack.enter_context(_served("--trace", f"{folder}/trace.pcapng"))
        best = [float("inf")] * 2
        for _ in range(_BURSTS):
            for position, ask in enumerate((plain, traced)):
                best[position] = min(best[position], ask())
    return best[1] - best[0]


@contextmanager
def _served(*options: str) -> Iterator[Callable[[], float]]:
    """Yield what asks a reader of its own a burst of commands. It returns the microseconds that each took."""
    command = [sys.executable, "-m", "tla_sim.tools.cli.entry", "sim", "--seed", "1", "--link", "tcp:0"]
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as state:
        started = subprocess.Popen(
            [*command, "--state", state, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with started as reader:
            assert reader.stdout is not None
            assert reader.stdin is not None
            url = next(word for line in reader.stdout for word in line.split() if word.startswith("socket:"))
            with open_transport(url) as transport:

                def ask() -> float:
                    before = _processor_seconds(reader.pid)
                    for _ in range(_BURST):
                        transport.transmit(_IDENTIFY)
                    return (_processor_seconds(reader.pid) - before) / _BURST * 1e6

                yield ask
            reader.terminate()


def _processor_seconds(process: int) -> float:
    """Return the processor time of another process, which clock_getcpuclockid of libc numbers so on Linux."""
    return time.clock_gettime((~process << 3) | 2)


def _conversions() -> Iterator[Figure]:
    """Yield how many records are converted in a second of processor time, both ways."""
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as folder:
        records, capture = Path(folder) / "a.trace", Path(folder) / "a.pcapng"
        with records.open("wb") as out:
            convert(_made(_RECORDS), out, to_pcapng=False)
        there, back = _best(records, capture), _best(capture, records)
    limit = f"a limit of {_LIMIT_A_SECOND:,}"
    for name, rate in (
        ("converting to pcapng", _RECORDS / there),
        ("converting from pcapng", 2 * _RECORDS / back),
    ):
        yield Figure(name, rate, "records/s", limit, _LIMIT_A_SECOND, 1, False)


def _best(source: Path, target: Path) -> float:
    best = float("inf")
    for _ in range(_TURNS):
        start = time.process_time()
        convert_file(source, target)
        best = min(best, time.process_time() - start)
    return best


def _memory() -> Figure:
    """Return the memory that a process takes at most to convert a million exchanges, there and back."""
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as folder:
        records, capture = Path(folder) / "a.trace", Path(folder) / "a.pcapng"
        with records.open("wb") as out:
            convert(_made(_MANY), out, to_pcapng=False)
        most = max(_converting_mib(records, capture), _converting_mib(capture, records))
    name = f"converting {_MANY:,} APDUs, there and back"
    return Figure(name, most, "MiB", f"a limit of {_LIMIT_MIB} MiB", _LIMIT_MIB, 1, True)


def _converting_mib(source: Path, target: Path) -> float:
    # A child's ru_maxrss would begin with that of this process.
    done = subprocess.run(
        [sys.executable, "-c", _CONVERTING, source, target], check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1024


def _made(count: int) -> Iterator[Read]:
    for at in range(count):
        lad, command, response = _KINDS[at % len(_KINDS)]
        ns = _NS + at * 1_000_000
        yield ReadExchange("", lad, command, response, ns, ns)
