"""One logical channel of a card: what is selected, what waits to be fetched, and its security environment.

ISO/IEC 7816-4 §5.1.1.2: what one command leaves for the next holds on its channel alone. The code
porteur, once verified, counts on every channel.
"""

from __future__ import annotations

from typing import NamedTuple

from tla_sim.reader_fw.cards.image import CardKey
from tla_sim.reader_fw.cards.key_use import KeyUse


class Chain(NamedTuple):
    """The commands of a chain so far: the header that all of them have, and their data."""

    ins: int
    p1: int
    p2: int
    data: bytes

    def __repr__(self) -> str:
        # Without the data, like a command.
        return f"Chain({self.ins:#04x}, {self.p1:#04x}, {self.p2:#04x}, {len(self.data)} bytes)"


class Channel:
    """The state of one logical channel since it was opened.

    `directory` and `file` are places in the card's list of files. `latency_ms` is the virtual time that the
    command under way takes.
    """

    __slots__ = ("chain", "directory", "file", "is_open", "keys", "latency_ms", "pending")

    def __init__(self, keys: tuple[CardKey, ...], raw: bool) -> None:
        self.keys = KeyUse(keys, raw)
        self.latency_ms = 0
        self.close()

    def open(self) -> None:
        """Open the channel, with the MF selected and nothing set."""
        self.close()
        self.is_open = True

    def close(self) -> None:
        """Close the channel, and forget all that was selected or set on it."""
        self.is_open = False
        self.directory = 0
        self.file: int | None = None
        self.pending = b""
        self.chain: Chain | None = None
        self.keys.forget()
