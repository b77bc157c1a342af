"""The forms in which a field travels. The construct Struct and our own codec are both derived from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from construct import Construct

    from tla_sim.protocol.wire.record import Record


class Holds(Enum):
    """What the bytes or the number of a field stand for, where a reader of traces can be told more."""

    GROUPS = "SSV groups"
    DOCUMENT = "an FSE, a DRE or an invoice"
    SIGNATURE_BLOCK = "a signature block"
    MOMENT = "a moment of the reader"
    STATUS = "a status word"
    CAPABILITIES = "a mask of capabilities"


class Differs(Enum):
    """How a field may differ between two runs of one flow, and the flow be the same all the same."""

    BY_RUN = "a key, a counter, a signature and the like, or what is computed from fields beside it"
    BY_BATCH = "a size or position that follows from how much goes into one exchange"
    ADDS_UP = "a count of which each batch gives its part"


_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}


@dataclass(frozen=True)
class Number:
    """An unsigned number of 1, 2, 4 or 8 bytes, high byte first unless `little`."""

    size: int
    little: bool = False

    @property
    def code(self) -> str:
        """Its format character in `struct`."""
        return _CODES[self.size]

    def construct(self, library: Any) -> Construct:
        """Return what construct reads and writes it with."""
        return getattr(library, f"Int{8 * self.size}u{'l' if self.little else 'b'}")


@dataclass(frozen=True)
class Flag:
    """A byte: 0 is false, anything else true."""

    def construct(self, library: Any) -> Construct:
        """Return what construct reads and writes it with."""
        return library.Flag


@dataclass(frozen=True)
class Fixed:
    """Exactly `size` bytes."""

    size: int

    def construct(self, library: Any) -> Construct:
        """Return what construct reads and writes it with."""
        return library.Bytes(self.size)


@dataclass(frozen=True)
class Blob:
    """Bytes, or UTF-8 text, behind their length."""

    length: Number
    is_text: bool = False

    def construct(self, library: Any) -> Construct:
        """Return what construct reads and writes it with."""
        length = self.length.construct(library)
        if self.is_text:
            return library.PascalString(length, "utf8")
        return library.Prefixed(length, library.GreedyBytes)


@dataclass(frozen=True)
class Many:
    """Blobs or records behind their count."""

    count: Number
    item: Blob | Record[Any]

    def construct(self, library: Any) -> Construct:
        """Return what construct reads and writes it with."""
        return library.PrefixedArray(self.count.construct(library), self.item.construct(library))


Form = Number | Flag | Fixed | Blob | Many
