"""The option --reader: opening the reader that a verb talks to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.output import note
from tla_sim.tools.cli.progress_bar import traffic
from tla_sim.tools.cli.trace_option import TraceWish, check_levels, open_trace

if TYPE_CHECKING:
    from tla_sim.host.client import ReaderClient
    from tla_sim.host.transport import Transport
    from tla_sim.tools.capture.level import Level
    from tla_sim.tools.capture.tracer import Tracer

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


def default_reader() -> str:
    """Return the URL of the reader in the user's data directory."""
    import platformdirs

    return f"state:{quote(str(platformdirs.user_data_path(APPLICATION) / 'reader'))}"


@contextmanager
def open_reader(
    url: str, trace: TraceWish | None, levels: Sequence[Level] | None = None
) -> Iterator[ReaderClient]:
    """Open the reader at a URL, the default reader if it is empty, and record its exchanges in `trace`.

    What travels below them is recorded, too, if it is of `levels`.

    Raises BadUrl, LinkError, for `state:` as `tla_sim.tools.simulator.state_transport.open_state`, and
    ForeignFile when `trace` is a file of another kind.
    """
    from tla_sim.host.client import ReaderClient

    check_levels(levels, trace)
    with ExitStack() as stack:
        transport: Transport = stack.enter_context(open_url(url or default_reader()))
        transport.watch(traffic.moved)
        if trace is not None:
            # Only now: a reader that cannot be opened costs nobody the trace that was in the file.
            tracer = stack.enter_context(open_trace(trace)).tracer
            transport, missing = tap_transport(stack, transport, tracer, levels or ())
            for level in missing:
                note(Sentence("{url} carries nothing of level {level}", url=transport.url, level=level.value))
        yield ReaderClient(transport, os.urandom)


def tap_transport(
    stack: ExitStack, transport: Transport, tracer: Tracer, levels: Sequence[Level] = ()
) -> tuple[Transport, list[Level]]:
    """Return the transport with a tap on it, and on what travels below its exchanges until the stack ends.

    Return also the levels of which it carries nothing.
    """
    from tla_sim.tools.capture.levels.listening import listen_to
    from tla_sim.tools.capture.transport_tap import TracedTransport

    missing = []
    for level in levels:
        end = listen_to(transport, tracer, transport.url, level)
        if end is None:
            missing.append(level)
        else:
            stack.callback(end)
    return TracedTransport(transport, tracer), missing


def open_url(url: str) -> Transport:
    """Open the transport at a URL. Raises BadUrl, LinkError, and for `state:` as `open_state` beside it."""
    from tla_sim.host.transport import open_transport, register

    if url.partition(":")[0].lower() == _STATE:
        from tla_sim.tools.simulator.state_transport import open_state

        # Registered here, it is found without searching the entry points of all installed packages.
        register(_STATE, open_state)
    return open_transport(url)
