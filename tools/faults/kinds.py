"""Every kind of fault, declared once: where it strikes, what it does, what its number and value mean.

Source: what goes wrong in the field (editors' and doctors' notices), and what littlefs and SQLite test with;
names and counting are Project-defined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from random import Random
from typing import Final, NamedTuple

from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.board.flash_tear import Tear

MAX_NUMBER: Final = 2**32


class Where(Enum):
    """The part that a fault strikes."""

    FLASH = "flash"
    LINE = "line"
    PS = "ps"
    VITALE = "vitale"
    READER = "reader"
    HOST = "host"

    # Enum's own hashes the name each time, and both are looked up several times per command.
    __hash__ = object.__hash__


class Counted(Enum):
    """The thing that the number after `@` counts, from 0; NOTHING: no number, the fault is always present."""

    NOTHING = "nothing"
    OPERATIONS = Sentence("programs and erases of the flash")
    BYTES = Sentence("bytes put on the line, either way")
    BLOCKS = Sentence("pieces put on the line, either way")
    APDUS = Sentence("commands to the cards of this slot")
    CARD_WRITES = Sentence("writes of a card's memory, of either slot")
    REQUESTS = Sentence("commands and keys that the reader takes")
    LEDGER_WRITES = Sentence("writes of the ledger")
    EXCHANGES = Sentence("commands that the host sends")

    __hash__ = object.__hash__


TEARS: Final[Mapping[str, Tear]] = {tear.name.lower().replace("_", "-"): tear for tear in Tear}
"""The models of a torn write, by their names in a plan."""


_TORN_SO: Final[Mapping[Tear, str]] = {
    Tear.NOTHING: Sentence("nothing of it is written"),
    Tear.PREFIX_37: Sentence("the first 37% of it is written"),
    Tear.PREFIX_50: Sentence("the first half of it is written"),
    Tear.PREFIX_99: Sentence("the first 99% of it is written"),
    Tear.SUFFIX_50: Sentence("the second half of it is written"),
    Tear.HALF_BITS: Sentence("half of its bits are written"),
    Tear.LANDED: Sentence("all of it is written, but nobody is told"),
}
_TORN: Final = {name: _TORN_SO[tear] for name, tear in TEARS.items()}
_MOMENTS: Final = {"before": Sentence("before the write"), "after": Sentence("after the write")}


def _rate(text: str) -> bool:
    try:
        return 0 < float(text) <= 1
    except ValueError:
        return False


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:11]) < MAX_NUMBER


def _word(text: str) -> bool:
    return len(text) == 4 and not text.strip("0123456789abcdefABCDEF")


class FaultKind(NamedTuple):
    """One kind of fault. `values` checks the text after the colon, or holds all that it may be, with what
    each means; `usual` is its default and `draw` picks one at random; without `values` it takes no value."""

    where: Where
    what: str
    counted: Counted
    text: str
    values: Callable[[str], bool] | Mapping[str, str] | None = None
    usual: str = ""
    draw: Callable[[Random], str] | None = None

    @property
    def choices(self) -> Mapping[str, str]:
        """The values that there are, with what each means; empty where they cannot be listed."""
        return self.values if isinstance(self.values, Mapping) else {}

    def takes(self, value: str) -> bool:
        """Return whether the text after the colon is one of its values; "" is that there is none."""
        if self.values is None:
            return not value
        return value in self.values if isinstance(self.values, Mapping) else self.values(value)

    @property
    def name(self) -> str:
        """The name in a plan, such as `flash.cut`."""
        return f"{self.where.value}.{self.what}"


def _any_tear(chance: Random) -> str:
    return chance.choice(list(_TORN))


def _any_moment(chance: Random) -> str:
    return chance.choice(list(_MOMENTS))


_FLASH: Final = (
    FaultKind(
        Where.FLASH,
        "cut",
        Counted.OPERATIONS,
        Sentence("The power fails in the middle of a program or erase, torn as the value says."),
        _TORN,
        "nothing",
        _any_tear,
    ),
    FaultKind(
        Where.FLASH,
        "rot",
        Counted.OPERATIONS,
        Sentence("A written bit flips before this operation; the value chooses which."),
        _number,
        "0",
        lambda chance: str(chance.randrange(1 << 20)),
    ),
    FaultKind(
        Where.FLASH,
        "worn",
        Counted.OPERATIONS,
        Sentence("The sector of this operation is worn out from now on."),
    ),
    FaultKind(
        Where.FLASH,
        "full",
        Counted.OPERATIONS,
        Sentence("From this operation on, no sector can be erased, for as many erases as the value says."),
        _number,
        "40",
        lambda chance: str(chance.randint(1, 60)),
    ),
)

_LINE: Final = (
    FaultKind(
        Where.LINE,
        "bits",
        Counted.NOTHING,
        Sentence("Each bit flips with this probability."),
        _rate,
        "1e-4",
        lambda _: "1e-4",
    ),
    FaultKind(
        Where.LINE,
        "drop",
        Counted.NOTHING,
        Sentence("Each byte is lost with this probability."),
        _rate,
        "1e-4",
        lambda _: "1e-4",
    ),
    FaultKind(
        Where.LINE,
        "double",
        Counted.NOTHING,
        Sentence("Each byte arrives twice with this probability."),
        _rate,
        "1e-4",
        lambda _: "1e-4",
    ),
    FaultKind(
        Where.LINE,
        "late",
        Counted.BLOCKS,
        Sentence("This piece arrives late, by as many milliseconds as the value says."),
        _number,
        "500",
        lambda chance: str(chance.randint(1, 5_000)),
    ),
    FaultKind(
        Where.LINE, "break", Counted.BYTES, Sentence("From this byte on, the rest of its block is lost.")
    ),
    FaultKind(
        Where.LINE,
        "unplug",
        Counted.BYTES,
        Sentence("The cable comes out at this byte; it is back in for the next command."),
    ),
    FaultKind(
        Where.LINE,
        "forge",
        Counted.BLOCKS,
        Sentence("This block arrives with other content and a matching checksum; the value chooses the bit."),
        _number,
        "0",
        lambda chance: str(chance.randrange(1 << 20)),
    ),
)


def _of_card(where: Where) -> tuple[FaultKind, ...]:
    return (
        FaultKind(where, "pull", Counted.APDUS, Sentence("The card is pulled out at this command.")),
        FaultKind(
            where,
            "mute",
            Counted.APDUS,
            Sentence("The card stops answering until it is put in again."),
        ),
        FaultKind(
            where,
            "slow",
            Counted.APDUS,
            Sentence("The card takes that many milliseconds longer."),
            _number,
            "20000",
            lambda chance: str(chance.randint(100, 60_000)),
        ),
        FaultKind(
            where,
            "wrong",
            Counted.APDUS,
            Sentence("The card answers this status word and does nothing."),
            _word,
            "6F00",
            lambda chance: chance.choice(("6F00", "6A82", "6982", "9000", "6100", "6C10", "FFFF")),
        ),
        FaultKind(
            where,
            "forget",
            Counted.APDUS,
            Sentence("The card's contacts lose power for a moment: the code is lost (FF21)."),
        ),
    )


_READER: Final = (
    FaultKind(
        Where.READER,
        "reset",
        Counted.REQUESTS,
        Sentence("The reader resets itself as often as the value says, before it takes this command or key."),
        _number,
        "1",
        lambda chance: str(chance.randint(1, 5)),
    ),
    FaultKind(
        Where.READER,
        "flat",
        Counted.REQUESTS,
        Sentence("The battery is flat: the reader goes off, and its clock restarts at 2000-01-01."),
    ),
    FaultKind(
        Where.READER,
        "tear",
        Counted.CARD_WRITES,
        Sentence("All power fails before or after a card writes its memory, such as its retry counter."),
        _MOMENTS,
        "before",
        _any_moment,
    ),
)

_HOST: Final = (
    FaultKind(
        Where.HOST,
        "kill",
        Counted.LEDGER_WRITES,
        Sentence("The host's program is killed before or after this write of the ledger."),
        _MOMENTS,
        "before",
        _any_moment,
    ),
    FaultKind(
        Where.HOST,
        "full",
        Counted.LEDGER_WRITES,
        Sentence("The host's disk is full at this write and has room again afterwards."),
    ),
    FaultKind(
        Where.HOST,
        "twin",
        Counted.EXCHANGES,
        Sentence("A second program on another cable lists, erases and loads just before this command."),
    ),
)

KINDS: Final[Mapping[str, FaultKind]] = {
    kind.name: kind
    for kind in (*_FLASH, *_LINE, *_of_card(Where.PS), *_of_card(Where.VITALE), *_READER, *_HOST)
}
"""All kinds of fault by name."""
