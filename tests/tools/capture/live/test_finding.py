"""Running readers are listed, and found by every URL that they print."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.capture.live.kit import ME
from tla_sim.tools.capture.live import finding
from tla_sim.tools.capture.live.announcement import Announcement
from tla_sim.tools.capture.live.finding import (
    NoRunningReader,
    Running,
    SeveralRunningReaders,
    find_running,
    list_running,
    means,
)
from tla_sim.tools.capture.live.listening import listen

WEB = Announcement("reader-1", "tla web", 12, (), "", "http://127.0.0.1:8080/v1/readers/reader-1")


@contextmanager
def answering(folder: Path, *answers: bytes) -> Iterator[list[Path]]:
    """Sockets in the folder that answer everybody with these."""

    def answer(listener: socket.socket, said: bytes) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            # One that only looks whether somebody listens is gone again.
            with connection, suppress(OSError):
                connection.recv(4_096)
                connection.sendall(said)

    with ExitStack() as stack:
        paths = []
        for said in answers:
            listener, path = listen(folder)
            paths.append(path)
            thread = threading.Thread(target=answer, args=(listener, said), daemon=True)
            thread.start()
            stack.callback(thread.join, 5)
            stack.callback(listener.close)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
        yield paths


def test_running_readers_are_listed(folder: Path) -> None:
    with answering(folder, ME.line(), WEB.line()) as paths:
        assert list_running(folder) == [Running(paths[0], ME), Running(paths[1], WEB)]


def test_what_answers_nonsense_or_nothing_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PATIENCE", 0.05)
    silent, _ = listen(folder)
    with silent, answering(folder, b"HTTP/1.1 400\r\n", b"", ME.line()) as paths:
        assert [each.path for each in list_running(folder)] == [paths[2]]


def test_the_dead_are_left_out_and_swept(folder: Path) -> None:
    with answering(folder, ME.line()) as (path,):
        dead, gone = listen(folder)
        dead.close()
        assert [each.path for each in list_running(folder)] == [path]
        assert not gone.exists()
        assert path.exists()


def test_the_only_one_needs_no_url(folder: Path) -> None:
    with answering(folder, ME.line()):
        assert find_running("", folder).announcement == ME


def test_without_any_it_says_so(folder: Path) -> None:
    with pytest.raises(NoRunningReader, match="No simulated reader runs"):
        find_running("", folder)
    with answering(folder, ME.line()), pytest.raises(NoRunningReader, match="socket://localhost:1"):
        find_running("socket://localhost:1", folder)


def test_several_are_listed(folder: Path) -> None:
    with answering(folder, ME.line(), WEB.line()):
        with pytest.raises(SeveralRunningReaders) as told:
            find_running("", folder)
        assert [each.name for each in told.value.running] == ["reader", "reader-1"]
        assert "serial:/tmp/tla" in str(told.value)
        assert find_running("reader-1", folder).announcement == WEB


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("reader", True),
        ("4711-1", True),
        ("serial:/tmp/tla", True),
        ("serial:/tmp/../tmp/tla?baud=9600", True),
        ("SERIAL:/tmp/tla", True),
        ("serial:/tmp/other", False),
        ("socket://127.0.0.1:4000", True),
        ("socket://localhost:4000", True),
        ("socket://localhost:4001", False),
        ("socket://192.0.2.1:4000", False),
        ("socket://[", False),
        ("state:/var/lib/reader", True),
        ("state:/var/lib/../lib/reader", True),
        ("state:/var/lib/other", False),
        ("pcsc:", True),
        ("pcsc:0", True),
        ("http://127.0.0.1:8080/", False),
        ("other", False),
        ("", False),
    ],
)
def test_a_reader_is_meant_by_what_it_prints(url: str, meant: bool) -> None:
    running = Running(
        Path("/run/4711-1.sock"),
        replace(ME, urls=("serial:/tmp/tla?edc=lrc", "socket://127.0.0.1:4000", "pcsc:")),
    )
    assert means(url, running) is meant


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080/", True),
        ("http://localhost:8080/#reader-1", True),
        ("http://127.0.0.1:8080/v1/readers/reader-1", True),
        ("http://127.0.0.1:8080/v1/readers/reader-2", False),
        ("http://127.0.0.1:8081/", False),
        ("serial:/tmp/tla", False),
        ("pcsc:", False),
        ("state:/var", False),
    ],
)
def test_a_reader_of_the_bench_is_meant_by_its_address(url: str, meant: bool) -> None:
    assert means(url, Running(Path("/run/12-1.sock"), WEB)) is meant
