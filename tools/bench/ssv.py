"""SSV in a C program: what a call costs by itself, from the program to the server and back, without card and
line."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tla_sim.host.ssv.build import build
from tla_sim.host.ssv.place import VARIABLE
from tla_sim.tools.bench.report import Figure

_PROGRAM: Final = Path(__file__).with_name("ssv_calls.c")
_CALLS: Final = 20_000
_CALL_US: Final = 150.0
_ECHOES: Final = 12
"""A call runs Python on one side: at most as many times a bare echo, which is two system calls a side."""


def measure() -> list[Figure]:
    """Measure a call against its budget and against a bare echo on a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as folder:
        call, echo = _microseconds(Path(folder))
    return [
        Figure("SSV call, program to server and back", call, "µs", "a budget of 150 µs", _CALL_US, 1, True),
        Figure("SSV call, program to server and back", call, "µs", "a bare socket echo", echo, _ECHOES, True),
    ]


def _microseconds(folder: Path) -> tuple[float, float]:
    """Build the libraries and the program, serve a null reader, and return what the program prints."""
    program, socket = folder / "ssv_calls", folder / "s" / "socket"
    built = build(folder)
    lib = built.folder / "lib"
    places = (f"-I{built.folder / 'include'}", f"-L{lib}", f"-Wl,-rpath,{lib}")
    command: list[str | Path] = [
        "cc",
        "-std=c11",
        "-O2",
        *places,
        _PROGRAM,
        "-o",
        program,
        "-lssvlux",
        "-lsgdlux",
    ]
    subprocess.run(command, check=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "tla_sim.tools.bench.ssv_subject", socket], stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()
        environment = {**os.environ, VARIABLE: str(socket)}
        done = subprocess.run(
            [program, str(_CALLS)], env=environment, check=True, capture_output=True, text=True
        )
    finally:
        server.terminate()
        server.wait()
    call, echo = (float(each) / 1e3 for each in done.stdout.split())
    return call, echo
