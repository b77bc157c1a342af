"""tla trace follow: the capture of a running reader, into a pipe or a file."""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.capture.level import Level
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.output import note
from tla_sim.tools.cli.standard_streams import silence

if TYPE_CHECKING:
    from tla_sim.tools.capture.live.finding import Running


def follow_running(
    url: Annotated[
        str,
        typer.Argument(
            metavar="[URL]",
            show_default=False,
            help="The running reader: a URL that it printed, state:DIR, the address of its page, or its name "
            "in `tla readers`. Default: the only one.",
        ),
    ] = "",
    level: Annotated[
        list[Level] | None,
        typer.Option(
            "--level",
            show_default=False,
            help="What travels below the APDUs, too. May be given several times.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            show_default=False,
            help="Write to FILE.pcapng instead. It contains health data, but no code porteur.",
        ),
    ] = None,
) -> None:
    """Write what happens at a running reader as pcapng, live: pipe it into `wireshark -k -i -`.

    It ends with the reader, with Ctrl-C, or when nobody reads any more.
    """
    from tla_sim.tools.capture.live.capture_file import open_capture, write_all, write_blocks
    from tla_sim.tools.capture.live.finding import find_running
    from tla_sim.tools.capture.trace_file import SUFFIX

    if out is None and sys.stdout.isatty():
        raise UsageProblem(
            "A capture is not for a terminal", "Pipe it, as in: | wireshark -k -i -; or give --out FILE"
        )
    if out is not None and out.suffix.lower() != SUFFIX:
        raise UsageProblem("{path} is not named as a capture", "Name a file that ends in .pcapng", path=out)
    running = find_running(url)
    handle = sys.stdout.fileno() if out is None else open_capture(out)
    write = write_all if out is None else write_blocks
    try:
        _follow(running, level or (), handle, lambda blocks: write(handle, blocks))
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        silence()
    except OSError as error:
        if out is not None and error.filename is None:
            error.filename = str(out)
        raise
    finally:
        if out is not None:
            os.close(handle)


def _follow(running: Running, levels: Sequence[Level], handle: int, write: Callable[[bytes], object]) -> None:
    from tla_sim.tools.capture.live.following import connect, follow

    # A script that runs this in the background cannot press Ctrl-C: shells ignore SIGINT there.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with connect(running.path, levels) as connection:
        note(Sentence("Following {name} until it ends, or Ctrl-C.", name=running.name))
        piped = stat.S_ISFIFO(os.fstat(handle).st_mode)
        follow(connection, write, handle if piped else -1)
