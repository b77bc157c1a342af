"""The session of one link: who is authenticated on it, and which load is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tla_sim.protocol.code_channel import CodeChannelEnd
    from tla_sim.protocol.documents.document_id import DocumentId

AUTHENTICATION_IDLE_MS: Final = 600_000
"""A verified code porteur is forgotten after ten minutes without a command on its link (Project-defined)."""

HOLD_IDLE_MS: Final = 30_000
"""After thirty seconds without a command a link no longer keeps others out (Project-defined)."""


@dataclass(frozen=True)
class OpenLoad:
    """The load that `open_load` named on this link."""

    owner: str
    load_id: bytes
    count: int


@dataclass
class Session:
    """One link's session. Slot insertions are numbered from 1; 0 stands for none.

    `verified_insertion` is the insertion of the PS card whose code was verified on this link. `given` has the
    digests of the documents unloaded with that card, `last_given` the names of those in the last answer.
    """

    name: str
    last_ms: int = 0
    verified_insertion: int = 0
    channel: CodeChannelEnd | None = None
    channel_insertion: int = 0
    load: OpenLoad | None = None
    given: dict[DocumentId, bytes] = field(default_factory=dict)
    last_given: tuple[DocumentId, ...] = ()

    def reset(self) -> None:
        """Forget everything that another host on this link could take advantage of."""
        self.reset_authentication()
        self.load = None

    def reset_authentication(self) -> None:
        """Forget the verified code, the key for the next one, and what was unloaded."""
        self.verified_insertion = 0
        self.channel = None
        self.given.clear()
        self.last_given = ()

    def note_command(self, now_ms: int) -> None:
        """Note the time of a command; drop an authentication that was idle for too long."""
        if now_ms - self.last_ms > AUTHENTICATION_IDLE_MS:
            self.reset_authentication()
        self.last_ms = now_ms

    def holds(self, now_ms: int) -> bool:
        """Return whether this link keeps others out: it loads or is authenticated, and was used recently."""
        busy = self.load is not None or self.verified_insertion != 0
        return busy and now_ms - self.last_ms <= HOLD_IDLE_MS
