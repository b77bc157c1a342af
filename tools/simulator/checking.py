"""Checking a reader by the published versions: on a cable, or in a state directory by a copy of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tla_sim.host.client import ReaderClient
from tla_sim.host.park import park
from tla_sim.host.park.limits import DEFAULT_DRIFT_MS
from tla_sim.host.park.verdict import Checked, Standard
from tla_sim.host.transport import Transport, open_transport
from tla_sim.protocol.errors import PortUnavailable
from tla_sim.tools.simulator.kept_reader import wall_clock_ms
from tla_sim.tools.simulator.releases import releases
from tla_sim.tools.simulator.state_directory import NotAStateDirectory
from tla_sim.tools.simulator.state_transport import SCHEME, look_at_state


def check_reader(url: str, *, drift_ms: int = DEFAULT_DRIFT_MS) -> Checked:
    """Read the reader at a URL and compare it with the published versions. Return the result.

    A failure is part of the result and is never raised. Nothing is written to the reader. `drift_ms` is the
    tolerated error of its clock, in milliseconds.

        >>> str(tla_sim.check_reader("state:reader").reading.version)
        '1.40'
        >>> tla_sim.check_reader("state:nowhere").verdict.name
        'UNREACHABLE'
    """
    return park.check_reader(url, open_to_look, Standard(releases(), drift_ms=drift_ms), wall_clock_ms)


def _untapped(transport: Transport) -> Transport:
    return transport


@contextmanager
def open_to_look(url: str, tap: Callable[[Transport], Transport] = _untapped) -> Iterator[ReaderClient]:
    """Open a client of the reader at a URL; it speaks through what `tap` makes of the transport.

    A state directory is opened as a copy, because even switching a reader on writes to its flash. Raises
    BadUrl, LinkError, and PortUnavailable for a directory without a reader.
    """
    if not is_state(url):
        with open_transport(url) as transport:
            yield ReaderClient(tap(transport), os.urandom)
        return
    try:
        copied = look_at_state(url)
    except NotAStateDirectory as error:
        raise PortUnavailable(error.message, error.action) from None
    with copied:
        yield ReaderClient(tap(copied), os.urandom)


def is_state(url: str) -> bool:
    """Return whether a URL names a state directory."""
    return url.partition(":")[0].lower() == SCHEME
