"""The interface of every transport to a reader."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.log_sv_atr import LOG_SV_ATR

if TYPE_CHECKING:
    from tla_sim.protocol.framing import Framing, Overheard


class BadUrl(TlaError, ValueError):
    """A reader's URL cannot be opened as it is written."""

    category = Category.BAD_INPUT


class Transport(Protocol):
    """A way to a reader: one command APDU out, one response APDU back.

    A transport must not be shared between threads. After a `LinkError` it may be used again, with a new
    session.
    """

    @property
    def url(self) -> str:
        """The URL that it was opened with."""

    @property
    def baud(self) -> int | None:
        """The line's speed in bits per second, `None` where transfer time is negligible."""
        return None

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Send a command APDU (4 to 65,544 bytes) to `lad` and return the response APDU (2 to 65,538 bytes).

        Raises `LinkError` when the exchange failed; the reader may or may not have carried out the command.
        """

    def answer_to_reset(self, lad: Lad) -> bytes:
        """Return the answer to reset of an addressee as far as it is known without asking; else empty.

        Log_SV's is the same for every reader.
        """
        return LOG_SV_ATR if lad is Lad.LOG_SV else b""

    def watch(self, moved: Callable[[int], None]) -> None:  # noqa: ARG002
        """Call `moved` with the number of bytes each time some cross the line, if the line is slow enough to
        matter."""
        return

    @property
    def framing(self) -> Framing | None:
        """How the bytes are framed that `overhear` reports, `None` where there are none to hear."""
        return None

    def overhear(self, heard: Overheard) -> None:  # noqa: ARG002
        """Call `heard` with all bytes that cross the line, as they are: they may hold codes in clear."""
        return

    def close(self) -> None:
        """End the session with the reader and release the port. May be called twice."""

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
"""A function that opens the URLs of a scheme. Raises `BadUrl`, `PortUnavailable`."""
