"""Hypothesis strategies made from the declarations of `protocol`, for any tests.

    @given(requests(OPEN_LOAD))
    def test_something(request: LoadOpening) -> None: ...

Values shrink as usual. Needs hypothesis (`pip install 'tla-sim[fuzz]'`). Project-defined.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from hypothesis import strategies as st

from tla_sim.protocol.apdu import MAX_NE, CommandApdu
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA, Command
from tla_sim.protocol.t1.block import Block, Edc, Fault, Information, Ready, Supervision, Supervisory
from tla_sim.protocol.wire.record import Record, WireField
from tla_sim.tools.fuzz.grammar import NO_WORDS, Blob, Fixed, Lexicon, Many, Number, field_node
from tla_sim.tools.fuzz.mutation import FLAWS, Flaw, write

Q = TypeVar("Q")
_SMALL = 8


class DrawnChance:
    """Choices drawn by hypothesis, so that what a generator makes of them shrinks."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def below(self, limit: int) -> int:
        """Draw a number from 0 to `limit` - 1."""
        return self._draw(st.integers(0, limit - 1))

    def data(self, size: int) -> bytes:
        """Draw `size` bytes."""
        return self._draw(st.binary(min_size=size, max_size=size))


def values(record: Record[Q]) -> st.SearchStrategy[Q]:
    """Generate values of a declared record, every field within its declaration."""
    return st.builds(record.type, **{name: _field(name, wire) for name, wire in record.fields.items()})


def _field(name: str, wire: WireField) -> st.SearchStrategy[Any]:
    if wire.enum is not None:
        return st.sampled_from(list(wire.enum))
    if wire.nested is not None:
        return st.lists(values(wire.nested), max_size=_SMALL).map(tuple)
    match field_node(name, wire):
        case Number(_, _, (0, 1)):
            return st.booleans()
        case Number(_, size):
            return st.integers(0, 256**size - 1)
        case Fixed(_, size):
            return st.binary(min_size=size, max_size=size)
        case Blob(_, prefix, True):
            longest = 256**prefix - 1
            return st.text(max_size=64).filter(lambda text: _fits(text, longest))
        case Blob():
            return st.binary(max_size=64)
        case Many(_, _, Blob()):
            return st.lists(st.binary(max_size=64), max_size=_SMALL).map(tuple)
        case node:
            raise TypeError(f"no strategy for field {name}: {node}")


def _fits(text: str, longest: int) -> bool:
    try:
        return len(text.encode()) <= longest
    except UnicodeEncodeError:
        return False


@st.composite
def flawed(
    draw: st.DrawFn, record: Record[Any], flaws: Iterable[Flaw] = FLAWS, words: Lexicon = NO_WORDS
) -> bytes:
    """Generate bytes of a record with one of the flaws, by default also none."""
    return write(record, DrawnChance(draw), draw(st.sampled_from(list(flaws))), words)


def requests(command: Command[Q, Any]) -> st.SearchStrategy[Q]:
    """Generate requests of a command."""
    return values(command.request)


def responses(command: Command[Any, Q]) -> st.SearchStrategy[Q]:
    """Generate responses of a command."""
    return values(command.response)


def commands() -> st.SearchStrategy[Command[Any, Any]]:
    """Generate declared commands."""
    return st.sampled_from(list(COMMANDS))


@st.composite
def apdus(draw: st.DrawFn, flaws: Iterable[Flaw] = FLAWS, words: Lexicon = NO_WORDS) -> bytes:
    """Generate command APDUs to Log_SV whose data field has one of the flaws."""
    command = draw(commands())
    data = draw(flawed(command.request, flaws, words))
    return CommandApdu(CLA, command.ins, 0, 0, data[:65_535], draw(st.sampled_from((0, 256, MAX_NE)))).build()


def blocks(edc: Edc = Edc.CRC) -> st.SearchStrategy[bytes]:
    """Generate well-formed T=1 blocks with their error detection code."""
    nads, numbers = st.integers(0, 254), st.integers(0, 1)
    information = st.builds(Information, numbers, st.booleans())
    supervisory = st.builds(Supervisory, st.sampled_from(Supervision), st.booleans())
    return st.one_of(
        st.builds(Block, nads, information, st.binary(max_size=254)),
        st.builds(Block, nads, st.builds(Ready, numbers, st.sampled_from(Fault))),
        st.builds(Block, nads, supervisory, st.binary(min_size=1, max_size=1)).map(_fitting),
    ).map(lambda block: block.build(edc))


def _fitting(block: Block) -> Block:
    """Return an S-block with as many bytes of INF as its kind has."""
    size = block.control.inf_size if isinstance(block.control, Supervisory) else 0
    return Block(block.nad, block.control, block.inf[:size])
