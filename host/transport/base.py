"""What every way to a reader offers."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.lad import Lad


class BadUrl(TlaError, ValueError):
    """A reader's URL that nothing can be opened with."""

    category = Category.BAD_INPUT


class Transport(Protocol):
    """A way to a reader: one APDU there, one back.

    Not for several threads at once. After a LinkError the transport may be used again; it starts afresh.
    """

    @property
    def url(self) -> str:
        """What it was opened with."""

    @property
    def baud(self) -> int | None:
        """The speed of its line in bits per second, `None` where bytes take no time worth counting."""
        return None

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Send a command APDU (4..65,544 bytes) to `lad`; the response APDU (2..65,538 bytes).

        Raises a LinkError when the exchange failed; the command may then have been carried out or not.
        """

    def watch(self, moved: Callable[[int], None]) -> None:  # noqa: ARG002
        """Have `moved` told of bytes as they go over the line, where that takes time worth watching."""
        return

    def close(self) -> None:
        """End the session with the reader and give the way free. May be called twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


Opener = Callable[[str], Transport]
"""What opens the URLs of a scheme. Raises BadUrl, PortUnavailable."""
