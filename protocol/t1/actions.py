"""The settings of a T=1 link, and the actions that it asks its owner to carry out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from tla_sim.protocol.errors import LinkError
from tla_sim.protocol.t1.block import MAX_IFS, Edc

MAX_MESSAGE: Final = 65_544
"""The longest command APDU: 4 header bytes, 3 of Lc, 65,535 of data, 2 of Le."""
BITS_PER_BYTE: Final = 10
"""8N1: a start bit, eight data bits, a stop bit."""


class Role(Enum):
    """Which end of the link this is; only the workstation starts exchanges, times out and resynchronises."""

    WORKSTATION = "workstation"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How one link behaves. The two ends must agree on `edc` only. Times are milliseconds.

    `baud` is the line's speed (8N1): every wait grows by the time that its bytes take on the line. `None` is
    a line that takes no time, such as TCP. `character_wait` is the longest gap inside a block, `fault_wait`
    the silence that ends bad bytes of unknown length, `block_wait` the longest silence before an answer,
    `longest_wait` what one exchange may take beyond its own line time, however often the reader asks for more
    time. After `attempts` silences in a row, or four times as many bad blocks, the workstation
    resynchronises; after as many again it gives up. A reader heard before may only be stopped for a while,
    and a resynchronisation would end its session: it is first asked less and less often, for `patience` of
    silence. `announces_ifs` says whether this end offers its `ifs` before it first sends; a card that stated
    it in its answer to reset need not.
    Source: ISO/IEC 7816-3 §11.4 and §11.6.3; values Project-defined.
    """

    edc: Edc = Edc.CRC
    baud: int | None = 9600
    character_wait: int = 200
    fault_wait: int = 25
    block_wait: int = 1_600
    longest_wait: int = 300_000
    patience: int = 45_000
    longest_message: int = MAX_MESSAGE
    ifs: int = MAX_IFS
    attempts: int = 3
    announces_ifs: bool = True

    def line_time(self, size: int) -> int:
        """Return the milliseconds that this many bytes take on the line, rounded up."""
        return 0 if self.baud is None else -(-size * BITS_PER_BYTE * 1000 // self.baud)


@dataclass(frozen=True, slots=True)
class SendBytes:
    """Put these bytes on the line now."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A whole message arrived. For the reader it is a command to answer; for the workstation, the answer."""

    nad: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitExtended:
    """The reader asked for `multiplier` block waiting times more, and the workstation granted them."""

    multiplier: int


@dataclass(frozen=True, slots=True)
class Resynchronised:
    """Both ends start afresh. The reader forgets its command and any code verified over this link."""


@dataclass(frozen=True, slots=True)
class Aborted:
    """The exchange was given up by agreement (S(ABORT)). The reader drops the command it was working on."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The exchange ended without an answer; the command may or may not have been carried out."""

    error: LinkError


Action = SendBytes | MessageReceived | WaitExtended | Resynchronised | Aborted | Failed


def reverse_nad(nad: int) -> int:
    """Return the NAD of the answer: source and destination swapped."""
    return (nad & 0x0F) << 4 | nad >> 4
