"""`tla ssv serve` as a process, and a reader that takes every call and answers none."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.serving import PATIENCE, wait_for
from tests.integration.simulator import ROOT, command, environment


class ServerProcess:
    """A running `tla ssv serve`: its socket, and the events that it told so far."""

    def __init__(self, path: Path, *arguments: str | Path) -> None:
        self.path = path
        self.events: list[dict[str, Any]] = []
        self.said: list[str] = []
        self.process = subprocess.Popen(
            command("ssv", "serve", "--socket", path, "--json", *arguments),
            cwd=ROOT,
            env=environment() | {"TLA_GALSS": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self.events.append(json.loads(line))
            except ValueError:
                self.said.append(line)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a kind."""
        return [each for each in self.events if each["event"] == kind]

    def wait_for(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many events of a kind were told, and return those."""
        wait_for(lambda: len(self.of(kind)) >= count or self.process.poll() is not None)
        found = self.of(kind)
        assert len(found) >= count, "".join(self.said)
        return found

    def end(self, with_signal: int = signal.SIGTERM) -> int:
        """End it by a signal, and return its exit code."""
        self.process.send_signal(with_signal)
        code = self.process.wait(PATIENCE)
        self._listening.join(PATIENCE)
        return code


@contextmanager
def server_process(path: Path, *arguments: str | Path) -> Iterator[ServerProcess]:
    """A server that listens when the block starts, and is gone when it ends."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    server = ServerProcess(path, *arguments)
    try:
        server.wait_for("listening")
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
        assert server.process.stdout is not None
        server._listening.join(PATIENCE)
        server.process.stdout.close()


class SilentReader:
    """A reader on a TCP port that takes what is sent and says nothing, until it is let go."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listening.getsockname()[1]}"
        self._taken: list[socket.socket] = []

    def taken(self) -> None:
        """Wait until somebody has connected and sent something."""
        self._listening.settimeout(PATIENCE)
        connected, _ = self._listening.accept()
        connected.settimeout(PATIENCE)
        assert connected.recv(1)
        self._taken.append(connected)

    def let_go(self) -> None:
        """Hang up on everybody."""
        for each in self._taken:
            each.close()
        self._taken = []

    def close(self) -> None:
        """Hang up, and take no more."""
        self.let_go()
        self._listening.close()


@contextmanager
def silent_reader() -> Iterator[SilentReader]:
    """A silent reader for the time of a block."""
    reader = SilentReader()
    try:
        yield reader
    finally:
        reader.close()


def program_command(path: Path, name: str, *inputs: str) -> subprocess.Popen[bytes]:
    """Start a program of its own that calls one function, and return it."""
    return subprocess.Popen(
        command("ssv", "call", name, *inputs, "--socket", path),
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
