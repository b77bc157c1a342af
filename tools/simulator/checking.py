"""Checking a reader by the published versions: on a cable, or in a state directory by a copy of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tla_sim.host.client import ReaderClient
from tla_sim.host.park import park
from tla_sim.host.park.limits import DEFAULT_DRIFT_MS
from tla_sim.host.park.verdict import Checked, Standard
from tla_sim.host.transport import open_transport
from tla_sim.protocol.errors import PortUnavailable
from tla_sim.tools.simulator.kept_reader import wall_clock_ms
from tla_sim.tools.simulator.releases import releases
from tla_sim.tools.simulator.state_directory import NotAStateDirectory
from tla_sim.tools.simulator.state_transport import SCHEME, look_at_state


def check_reader(url: str, *, drift_ms: int = DEFAULT_DRIFT_MS) -> Checked:
    """Read the reader at a URL and judge it by the published versions; returns what was found.

    What goes wrong is a finding, never raised. Nothing is written to the reader. `drift_ms` is how far its
    clock may be off.

        >>> str(tla_sim.check_reader("state:reader").reading.version)
        '1.40'
        >>> tla_sim.check_reader("state:nowhere").verdict.name
        'UNREACHABLE'
    """
    return park.check_reader(url, open_to_look, Standard(releases(), drift_ms=drift_ms), wall_clock_ms)


@contextmanager
def open_to_look(url: str) -> Iterator[ReaderClient]:
    """A client of the reader at a URL; of a state directory a copy, for even switching one on writes its
    flash.

    Raises BadUrl, LinkError, and PortUnavailable for a directory without a reader.
    """
    if not is_state(url):
        with open_transport(url) as transport:
            yield ReaderClient(transport, os.urandom)
        return
    try:
        copied = look_at_state(url)
    except NotAStateDirectory as error:
        raise PortUnavailable(error.message, error.action) from None
    with copied:
        yield ReaderClient(copied, os.urandom)


def is_state(url: str) -> bool:
    """Whether a URL names a state directory."""
    return url.partition(":")[0].lower() == SCHEME
