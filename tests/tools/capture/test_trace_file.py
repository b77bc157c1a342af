"""A trace on disk belongs to one writer at a time, and stays readable whatever happens."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tla_sim.protocol.lad import Lad
from tla_sim.tools.capture.live.capture_file import open_capture, write_blocks
from tla_sim.tools.capture.pcapng import packet, read_packets
from tla_sim.tools.capture.reading import read_exchanges
from tla_sim.tools.capture.trace_file import TraceFile, TraceInUse

NS = 1_551_776_400_000_000_000
IDENTIFY = bytes.fromhex("8010000000")
NAMES = pytest.mark.parametrize("name", ["a.pcapng", "a.trace"])


def write(file: TraceFile, count: int = 1) -> None:
    for _ in range(count):
        file.tracer.command("a", Lad.LOG_SV, IDENTIFY, NS)
        file.tracer.answer("a", Lad.LOG_SV, bytes(100) + b"\x90\x00", NS)


def exchanges(path: Path) -> int:
    with path.open("rb") as stream:
        return len(list(read_exchanges(stream)))


@NAMES
def test_a_trace_that_another_writes_is_not_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    file = TraceFile(path)
    write(file)
    with pytest.raises(TraceInUse):
        TraceFile(path)
    write(file)
    file.close()
    assert exchanges(path) == 2
    TraceFile(path).close()
    assert exchanges(path) == 0


def test_what_follows_a_reader_does_not_replace_a_trace_in_use(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    os.close(open_capture(path))
    file = TraceFile(path)
    with pytest.raises(TraceInUse):
        open_capture(path)
    file.close()


@NAMES
def test_programs_that_append_at_once_lose_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    files = [TraceFile(path, append=True) for _ in range(3)]
    assert [file.path == path for file in files] == [True, False, False]
    for file in files:
        write(file, 2)
    for file in files:
        file.close()
        assert exchanges(file.path) == 2
        assert file.path.suffix == path.suffix
    later = TraceFile(path, append=True)
    write(later)
    later.close()
    assert exchanges(path) == 3


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Let no file grow beyond an odd number of bytes, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_001, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


@NAMES
@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_leaves_a_readable_file_of_what_came_before(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    file = TraceFile(path)
    write(file, 100)
    file.close()
    assert file.failed is not None
    assert 10 < exchanges(path) < 100


@NAMES
@pytest.mark.parametrize("ns", [-1, 1 << 64, 1 << 90])
def test_a_clock_beyond_what_a_trace_can_tell_does_not_end_the_round(
    tmp_path: Path, name: str, ns: int
) -> None:
    path = tmp_path / name
    file = TraceFile(path)
    file.tracer.command("a", Lad.LOG_SV, IDENTIFY, ns)
    file.tracer.answer("a", Lad.LOG_SV, b"\x90\x00", ns)
    file.close()
    assert exchanges(path) == 1


@NAMES
def test_a_late_trace_replaces_an_older_one_with_its_first_packet(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for count in (2, 0, 1):
        file = TraceFile(path, late=True)
        write(file, count)
        file.close()
        assert exchanges(path) == (count or 2)


@NAMES
def test_a_late_trace_is_appended_to_as_any(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for count in (1, 2, 0, 1):
        file = TraceFile(path, append=True, late=True)
        write(file, count)
        file.close()
    assert exchanges(path) == 4


def write_for_good(handle: int, blocks: bytes) -> None:
    while True:
        write_blocks(handle, blocks)


@pytest.mark.usefixtures("small_disk")
def test_a_followed_capture_on_a_full_disk_has_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    file = TraceFile(path)
    write(file, 2)
    file.close()
    blocks = b"".join(packet(0, NS, b"", bytes(100), b"") for _ in range(10))
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.lseek(handle, 0, os.SEEK_END)
    with pytest.raises(OSError, match="File too large"):
        write_for_good(handle, blocks)
    os.close(handle)
    with path.open("rb") as stream:
        assert len(list(read_packets(stream))) > 20
