"""A simulated reader served by `tla sim` in a process of its own: for software that opens a real port."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import TlaError

_READY: Final = "ATTENTE ORDRE"
_SERVING: Final = "Serving "
_URL: Final = "--reader "
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0


class NotServed(TlaError):
    """`tla sim` ended instead of serving."""


class ServedReader:
    """A reader that serves in real time. `urls` has the URL of each link that a host opens by URL."""

    def __init__(
        self, process: subprocess.Popen[str], directory: Path, image: Callable[[str], bytes]
    ) -> None:
        self._process = process
        self._directory = directory
        self._image = image
        self._printed: list[str] = []
        self._changed = threading.Condition()
        self._said = 0
        threading.Thread(target=self._listen, daemon=True).start()
        self.wait_for(_READY)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._printed.append(line.rstrip("\n"))
                self._changed.notify_all()
        self._process.wait()
        with self._changed:
            self._changed.notify_all()

    @property
    def urls(self) -> tuple[str, ...]:
        """What to open, in the order of the links."""
        told = [line.partition(_URL)[2] for line in self._printed if line.startswith(_SERVING)]
        return tuple(shlex.split(url)[0] for url in told if url)

    @property
    def printed(self) -> str:
        """What it printed so far: its screens, and what script lines did."""
        return "\n".join(self._printed)

    def wait_for(self, text: str) -> None:
        """Wait until it has printed this. Raises NotServed when it ends first, or takes a minute."""

        def over() -> bool:
            return text in self.printed or self._process.poll() is not None

        with self._changed:
            self._changed.wait_for(over, _START_SECONDS)
        if text not in self.printed:
            raise NotServed(f"The reader does not say {text}, but: {self.printed[-300:]}", "Check the links")

    def say(self, *lines: str) -> None:
        """Have it carry out lines of the visit script (docs/how-to/visit-script.md). Raises NotServed."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in (*lines, "screen")))
        self._process.stdin.flush()
        self._said += len(lines) + 1
        self.wait_for(f"\n{self._said}: screen")

    def insert_ps(self, name: str) -> None:
        """Put the PS card of this last name in, the one before out."""
        self._insert("cps", name)

    def insert_vitale(self, name: str) -> None:
        """Put the Vitale of this last name in, the one before out."""
        self._insert("vitale", name)

    def _insert(self, slot: str, name: str) -> None:
        path = self._directory / f"{slot}.card"
        path.write_bytes(self._image(name))
        self.say(f"insert {slot} {shlex.quote(str(path))}")

    def press(self, *keys: str) -> None:
        """Press keys by their legends."""
        self.say(*(f"press {key}" for key in keys))


@contextmanager
def served(
    directory: Path, links: Sequence[str], image: Callable[[str], bytes], plan: str = ""
) -> Iterator[ServedReader]:
    """A reader served on links as `tla sim --link` takes them until the block ends; its state in `directory`.

    `image` gives the card file of a holder's last name, `plan` the faults. Raises NotServed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "tla_sim.tools.cli.entry",
        "--lang",
        "en",
        "sim",
        "--state",
        str(directory / "reader"),
    ]
    command += [part for link in links for part in ("--link", link)]
    command += ["--faults", plan] if plan else []
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield ServedReader(process, directory, image)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
