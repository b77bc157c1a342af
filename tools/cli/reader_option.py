"""The options --reader and --trace: opening the reader that a verb talks to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final
from urllib.parse import quote

import typer

from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.progress_bar import traffic

if TYPE_CHECKING:
    from tla_sim.host.client import ReaderClient
    from tla_sim.host.transport import Transport
    from tla_sim.host.transport.tap import TappedExchange

APPLICATION: Final = "tla-sim"
_STATE: Final = "state"

ReaderOption = Annotated[
    str,
    typer.Option(
        "--reader",
        metavar="URL",
        envvar="TLA_READER",
        show_default=False,
        help="The reader: state:DIR (in this process), serial:DEVICE?baud=9600, "
        "socket://HOST:PORT, rfc2217://HOST:PORT, pcsc:NAME or galss:NAME (a name in "
        "galss.ini); tla readers lists them. Default: the state directory tla-sim/reader "
        "in the user's data directory.",
    ),
]
TraceOption = Annotated[
    Path | None,
    typer.Option(
        "--trace",
        metavar="FILE",
        show_default=False,
        help="Record every exchange in FILE, for `tla trace decode`. It contains health data, "
        "but no code porteur.",
    ),
]


def default_reader() -> str:
    """Return the URL of the reader in the user's data directory."""
    import platformdirs

    return f"state:{quote(str(platformdirs.user_data_path(APPLICATION) / 'reader'))}"


@contextmanager
def open_reader(url: str, trace: Path | None) -> Iterator[ReaderClient]:
    """Open the reader at a URL, the default reader if it is empty, and record its exchanges in `trace`.

    Raises BadUrl, LinkError, for `state:` as `tla_sim.tools.simulator.state_transport.open_state`, and
    UsageProblem when `trace` is a file of another kind.
    """
    from tla_sim.host.client import ReaderClient

    with ExitStack() as stack:
        file = None if trace is None else stack.enter_context(_new_trace(trace))
        transport: Transport = stack.enter_context(open_url(url or default_reader()))
        transport.watch(traffic.moved)
        if file is not None:
            from tla_sim.host.transport.tap import TapTransport

            transport = TapTransport(transport, lambda exchange: _record(file, exchange))
        yield ReaderClient(transport, os.urandom)


def open_url(url: str) -> Transport:
    """Open the transport at a URL. Raises BadUrl, LinkError, and for `state:` as `open_state` beside it."""
    from tla_sim.host.transport import open_transport, register

    if url.partition(":")[0].lower() == _STATE:
        from tla_sim.tools.simulator.state_transport import open_state

        # Registered here, it is found without searching the entry points of all installed packages.
        register(_STATE, open_state)
    return open_transport(url)


def _new_trace(path: Path) -> BinaryIO:
    """Open an empty trace, readable by its owner only. It replaces an older trace, but no other file."""
    from tla_sim.host.regular_file import open_regular
    from tla_sim.protocol.trace import MAGIC

    file = os.fdopen(open_regular(path, os.O_RDWR | os.O_CREAT), "r+b")
    try:
        start = file.read(len(MAGIC))
        if start not in (b"", MAGIC):
            raise UsageProblem("{path} is a file of another kind", "Name a new file for the trace", path=path)
        os.fchmod(file.fileno(), 0o600)
        file.seek(0)
        file.truncate()
        file.write(MAGIC)
        file.flush()
    except BaseException:
        file.close()
        raise
    return file


def _record(file: BinaryIO, exchange: TappedExchange) -> None:
    from tla_sim.protocol.trace import TraceRecord

    moment = int(exchange.started * 1000)
    record = TraceRecord(moment, exchange.lad, exchange.command, exchange.response or b"")
    file.write(record.build())
    file.flush()
