"""`tla` as separate processes: a simulator that serves, and commands that talk to it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.serving import wait_for

ROOT = Path(__file__).parents[2]
_PATIENCE = 60.0


def environment() -> dict[str, str]:
    """This process' environment with the test code, and without whatever the developer has set."""
    return {**os.environ, "TLA_CODE": "1234", "TLA_READER": "", "TLA_LEDGER": "", "COLUMNS": "200"}


def command(*arguments: str | Path) -> list[str]:
    """The command line of a `tla` process."""
    return [sys.executable, "-m", "tla_sim.tools.cli.entry", *map(str, arguments)]


def tla(*arguments: str | Path, expect: int = 0, lines: str | None = None) -> str:
    """Run `tla` to its end, `lines` on its standard input; its output, errors after it."""
    done = subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment(),
        input=lines,
        stdin=subprocess.DEVNULL if lines is None else None,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == expect, f"tla {arguments} ended with {done.returncode}:\n{output}"
    return output


@dataclass
class Simulator:
    """A running `tla sim`: what it printed so far, and where it is reached."""

    process: subprocess.Popen[str]
    printed: list[str] = field(default_factory=list)

    @property
    def urls(self) -> list[str]:
        """The `--reader` of each link, in the order of the links."""
        return [
            shlex.split(line.partition("--reader ")[2])[0] for line in self.printed if "--reader " in line
        ]

    @property
    def output(self) -> str:
        """All it printed."""
        return "\n".join(self.printed)

    def listen(self) -> None:
        """Take in what it prints, to the end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line.rstrip("\n"))

    def say(self, *lines: str) -> None:
        """Give it script lines."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def wait_for(self, text: str) -> None:
        """Wait until it printed this."""
        wait_for(lambda: text in self.output or self.process.poll() is not None, _PATIENCE)
        assert text in self.output, self.output


@contextmanager
def simulator(
    state: Path,
    *links: str,
    arguments: tuple[str | Path, ...] = (),
    stop: int = signal.SIGTERM,
    expect: int = 0,
) -> Iterator[Simulator]:
    """`tla sim` on a state directory, serving when the block starts, ended by a signal and in good order."""
    options = [part for link in links for part in ("--link", link)]
    process = subprocess.Popen(
        command("sim", "--state", state, *options, *arguments),
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Simulator(process)
    listening = threading.Thread(target=running.listen, daemon=True)
    listening.start()
    try:
        running.wait_for("ATTENTE ORDRE")
        yield running
        assert process.poll() is None, running.output
        process.send_signal(stop)
        assert process.wait(_PATIENCE) == expect, running.output
        listening.join(_PATIENCE)
        assert running.printed[-1] == "Switched off."
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
