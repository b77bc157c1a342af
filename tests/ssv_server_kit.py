"""A server on a socket in this process, for tests of its callers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tla_sim.host.ssv.server.listening import MAX_CONNECTIONS, Listener
from tla_sim.host.ssv.server.party import Observer
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl
from tla_sim.host.ssv.server.service import Service
from tla_sim.host.transport.base import Transport

PATIENCE = 60.0
"""Seconds after which a thread is taken to hang."""


def service_on(open_reader: Callable[[], Transport], folder: Path, sesam_ini: Path | None = None) -> Service:
    """A service with a reader that `open_reader` opens, and its ledger in a folder."""
    held = ReaderHeld(AtUrl("test:"), lambda _url: open_reader())
    return Service(held, folder / "ledger.db", sesam_ini)


@contextmanager
def serving(
    service: Service, path: Path, observer: Observer | None = None, most: int = MAX_CONNECTIONS
) -> Iterator[Listener]:
    """A listener that serves from a thread until the block ends."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with Listener(path, service.welcome, service.held, observer, most=most) as listener:
        thread = threading.Thread(target=listener.run, daemon=True)
        thread.start()
        try:
            yield listener
        finally:
            listener.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the server does not end"
