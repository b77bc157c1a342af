"""Serve a fake reader from a thread, for tests of real links."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fake_reader import Answer, FakeReader, echo
from tla_sim.reader_fw.serve import Server

PATIENCE = 120.0
"""Seconds after which another thread or process is taken to hang."""


@contextmanager
def served(*links: str, answer: Answer = echo) -> Iterator[tuple[Server, FakeReader]]:
    """Serve a reader on these links until the block ends. Raises the errors of the serving loop."""
    reader = FakeReader(answer)
    errors: list[BaseException] = []
    with Server(reader, reader.clock) as server:
        for link in links:
            server.open(link)

        def run() -> None:
            try:
                server.run()
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield server, reader
        finally:
            server.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the serving loop does not end"
            if errors:
                raise errors[0]


@contextmanager
def socat_pair(directory: Path) -> Iterator[tuple[Path, Path]]:
    """Provide two serial devices joined by a null-modem cable."""
    socat = shutil.which("socat")
    assert socat is not None, "these tests need socat: make test installs it"
    ends = directory / "modem-a", directory / "modem-b"
    process = subprocess.Popen([socat, *(f"pty,raw,echo=0,link={end}" for end in ends)])
    try:
        wait_for(lambda: all(end.exists() for end in ends))
        yield ends
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until a condition holds that another thread or process brings about, so in real time.

    The limit is much longer than any busy machine takes: it only ends what never happens.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.005)
