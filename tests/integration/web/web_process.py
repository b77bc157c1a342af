"""`tla web` as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import httpx

from tests.integration.simulator import ROOT, command, environment

_PATIENCE = 60.0


@dataclass
class WebProcess:
    """A running `tla web`: its base URL, and a client for its API."""

    process: subprocess.Popen[str]
    url: str
    api: httpx.Client

    @property
    def port(self) -> int:
        """The TCP port it listens on."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of an answer under /v1, or `None` when it has none. Fails on a refusal."""
        answer = self.api.request(method, f"/v1{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    @property
    def readers(self) -> list[str]:
        """The names of its readers."""
        return [each["name"] for each in self.ask("GET", "/readers")["readers"]]

    def make_reader(self, name: str, seed: int = 1, **more: str) -> None:
        """Make a reader in memory; those of one seed have the same serial number."""
        self.ask("POST", "/readers", {"name": name, "seed": seed, **more})

    def lines(self, reader: str) -> list[str]:
        """Return the four lines of a reader's screen, without their blanks at both ends."""
        shown: dict[str, Any] = self.ask("GET", f"/readers/{reader}/screen")
        return [line.strip() for line in shown["lines"]]

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(_PATIENCE)


@contextmanager
def serving(*arguments: str | Path, port: int = 0) -> Iterator[WebProcess]:
    """Serve until the block ends, unless the block killed it; then it must end in good order."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
        process = subprocess.Popen(
            command("web", "--json", "--port", str(port), *arguments),
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
        try:
            url = _announced(process, complaints)
            with httpx.Client(base_url=url, timeout=_PATIENCE) as api:
                yield WebProcess(process, url, api)
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(_PATIENCE)
                assert process.returncode == 0, _written(complaints)
                assert "Traceback" not in _written(complaints), _written(complaints)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _announced(process: subprocess.Popen[str], complaints: IO[str]) -> str:
    """Return the URL that it announces, without a slash at its end."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, _written(complaints)
    event: dict[str, str] = json.loads(line)
    assert event["event"] == "serving", line
    return event["url"].rstrip("/")


def _written(complaints: IO[str]) -> str:
    complaints.seek(0)
    return complaints.read()
