"""tla trace pcsc: start a program, and hear what it exchanges with PC/SC slots."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note

if TYPE_CHECKING:
    from tla_sim.tools.capture.tracer import Tracer


def tap_program(
    program: Annotated[
        list[str],
        typer.Argument(metavar="-- PROGRAM [ARG]...", help="The program to start, and its arguments."),
    ],
    slot: Annotated[
        str,
        typer.Option(
            "--slot",
            metavar="NAME",
            show_default=False,
            help="Hear only slots with this in their name. Default: all.",
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            show_default=False,
            help="Write what is heard to FILE.pcapng, and show nothing. It contains health data, but no code "
            "porteur.",
        ),
    ] = None,
) -> None:
    """Start a program, and show what it and its children exchange with PC/SC slots. Exit with its exit code.

    Nothing needs to be installed: the program finds a socket that passes everything on to the PC/SC service.
    """
    from tla_sim.protocol.t1.block import Edc
    from tla_sim.tools.capture.pcsc_proxy import PcscProxy, service_socket
    from tla_sim.tools.capture.trace_file import SUFFIX, TraceFile
    from tla_sim.tools.cli.tap_teller import TapTeller

    if out is not None and out.suffix.lower() != SUFFIX:
        raise UsageProblem("{path} is not named as a capture", "Name a file that ends in .pcapng", path=out)
    if not service_socket().exists():
        note(Sentence("No PC/SC service has its socket at {path}.", path=service_socket()))
    wanted = slot.casefold()
    with ExitStack() as held:
        file = None
        tracer: Tracer = TapTeller(Edc.CRC)
        if out is not None:
            file = TraceFile(out)
            held.callback(file.close)
            tracer = file.tracer
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="tla-pcsc-")))
        proxy = held.enter_context(
            PcscProxy(folder / "tap" / "socket", tracer, lambda name: wanted in name.casefold())
        )
        with _started(program, proxy.path) as (process, ended):
            proxy.run(ended)
        code = process.wait()
    if file is not None and file.failed is not None:
        note(Sentence("The trace lacks exchanges: {reason}", reason=file.failed.strerror or ""))
    raise typer.Exit(code if code >= 0 else 128 - code)


@contextmanager
def _started(program: list[str], socket: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the program, and give a descriptor that can be read once it has ended."""
    from tla_sim.host.transport.pcsc import SOCKET_VARIABLE

    try:
        process = subprocess.Popen(program, env={**os.environ, SOCKET_VARIABLE: str(socket)})
    except OSError as error:
        raise UsageProblem(
            "{program} cannot be started: {reason}",
            "Name a program that is installed",
            program=program[0],
            reason=error.strerror or error,
        ) from None
    ended = os.pidfd_open(process.pid)
    # Ctrl-C in the terminal reaches the program, too; it decides.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    before_term = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        yield process, ended
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, before_term)
        os.close(ended)
