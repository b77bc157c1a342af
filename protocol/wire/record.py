"""Binding of construct structures to frozen dataclasses and NamedTuples: a record is declared once, by type.

    @dataclass(frozen=True)
    class ClockValue:
        moment: int = u64("milliseconds since 1970-01-01 00:00, reader local time")

    CLOCK_VALUE = Record(ClockValue)

A NamedTuple is a record, too; its fields are declared in their annotations, since a default would be a value:

    class Place(NamedTuple):
        page: Annotated[int, u16("page")]
        line: Annotated[int, u8("line on the page")]

`Record` derives the construct Struct from the fields, compiles it on first use, and turns every failure
into a CodecError. Source: Project-defined.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, get_type_hints

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.wire.compiled import Compiled, Declare, Ill, the_library

if TYPE_CHECKING:
    from construct import Construct, Struct

T = TypeVar("T")
_KEY: Final = "wire"


@dataclass(frozen=True)
class WireField:
    """How one dataclass field travels: its construct, what it means, and conversions where needed.

    `declare` makes the construct of the library it is given: a field that nobody reads or writes loads none.
    `nested` is the Record of each element for a field that holds records; `enum` the enumeration of an
    enumerated field; generators and documentation read both.
    """

    declare: Declare
    doc: str
    shape: str
    decode: Callable[[Any], Any] | None = None
    encode: Callable[[Any], Any] | None = None
    nested: Record[Any] | None = None
    enum: type[IntEnum] | None = None

    @cached_property
    def construct(self) -> Construct:
        """The construct."""
        return self.declare(the_library())


def _field(wire: WireField) -> Any:
    return dataclasses.field(metadata={_KEY: wire})


def u8(doc: str) -> Any:
    """Declare an unsigned byte."""
    return _field(WireField(lambda c: c.Int8ub, doc, "u8"))


def u16(doc: str) -> Any:
    """Declare an unsigned 16-bit number, high byte first."""
    return _field(WireField(lambda c: c.Int16ub, doc, "u16"))


def u32(doc: str) -> Any:
    """Declare an unsigned 32-bit number, high byte first."""
    return _field(WireField(lambda c: c.Int32ub, doc, "u32"))


def u64(doc: str) -> Any:
    """Declare an unsigned 64-bit number, high byte first."""
    return _field(WireField(lambda c: c.Int64ub, doc, "u64"))


def boolean(doc: str) -> Any:
    """Declare a byte that is 0 or 1."""
    return _field(WireField(lambda c: c.Flag, doc, "flag"))


def fixed(size: int, doc: str) -> Any:
    """Declare exactly `size` bytes."""
    return _field(WireField(lambda c: c.Bytes(size), doc, f"{size} bytes"))


def blob8(doc: str) -> Any:
    """Declare 0..255 bytes behind a one-byte length."""
    return _field(WireField(lambda c: c.Prefixed(c.Int8ub, c.GreedyBytes), doc, "u8 length, bytes"))


def blob16(doc: str) -> Any:
    """Declare 0..65,535 bytes behind a two-byte length."""
    return _field(WireField(lambda c: c.Prefixed(c.Int16ub, c.GreedyBytes), doc, "u16 length, bytes"))


def string(doc: str) -> Any:
    """Declare a UTF-8 text of 0..255 bytes behind a one-byte length."""
    return _field(WireField(lambda c: c.PascalString(c.Int8ub, "utf8"), doc, "u8 length, UTF-8"))


def choice(enum: type[IntEnum], doc: str) -> Any:
    """Declare one byte that must be a member of `enum`; any other value is a CodecError."""
    return _field(WireField(lambda c: c.Int8ub, doc, "u8", decode=enum, encode=int, enum=enum))


def blobs(doc: str) -> Any:
    """Declare up to 255 blobs, each of 0..65,535 bytes: a count byte, then each behind its length."""
    return _field(
        WireField(
            lambda c: c.PrefixedArray(c.Int8ub, c.Prefixed(c.Int16ub, c.GreedyBytes)),
            doc,
            "u8 count of (u16 length, bytes)",
            decode=tuple,
            encode=list,
        )
    )


def records(type_: type[Any], doc: str) -> Any:
    """Declare up to 65,535 records of a type declared with these same functions."""
    nested = Record(type_)
    return _field(
        WireField(
            lambda c: c.PrefixedArray(c.Int16ub, nested.fields_struct),
            doc,
            f"u16 count of {type_.__name__}",
            decode=lambda rows: tuple(nested.from_container(row) for row in rows),
            encode=lambda values: [nested.to_mapping(value) for value in values],
            nested=nested,
        )
    )


def _declared(type_: type[Any]) -> dict[str, WireField]:
    """The declarations of a dataclass by field, or those in the annotations of a NamedTuple."""
    if dataclasses.is_dataclass(type_):
        return {field.name: field.metadata[_KEY] for field in dataclasses.fields(type_)}
    hints = get_type_hints(type_, include_extras=True)
    return {name: hints[name].__metadata__[0].metadata[_KEY] for name in type_._fields}


class Record(Generic[T]):
    """The codec of one frozen dataclass or NamedTuple whose fields are declared with the functions above."""

    def __init__(self, type_: type[T]) -> None:
        self.type = type_
        self.fields: Mapping[str, WireField] = _declared(type_)
        self._codec = Compiled(lambda _: self.fields_struct.subcons)
        self._decoders = [(name, wire.decode) for name, wire in self.fields.items()]
        self._encoders = [(name, wire.encode) for name, wire in self.fields.items()]

    def __repr__(self) -> str:
        return f"Record({self.type.__name__})"

    @cached_property
    def fields_struct(self) -> Struct:
        """The construct of all fields, one behind another."""
        return the_library().Struct(*(name / wire.construct for name, wire in self.fields.items()))

    def from_container(self, container: Mapping[str, Any]) -> T:
        """The dataclass of a parsed container. Raises ValueError for a value outside an enumeration."""
        return self.type(
            *[
                container[name] if decode is None else decode(container[name])
                for name, decode in self._decoders
            ]
        )

    def to_mapping(self, value: T) -> dict[str, Any]:
        """What construct builds from."""
        return {
            name: getattr(value, name) if encode is None else encode(getattr(value, name))
            for name, encode in self._encoders
        }

    def parse(self, raw: bytes) -> T:
        """The value in `raw`, whole. Raises CodecError on truncated, trailing or undeclared bytes."""
        if not self.fields:
            if raw:
                raise CodecError("{type} carries no data", "Send none", type=self.type.__name__)
            return self.type()
        try:
            return self.from_container(self._codec.parse(raw))
        except (Ill, ValueError) as error:
            raise CodecError(
                "These bytes are no {type}: {reason}",
                "Check them",
                type=self.type.__name__,
                reason=str(error),
            ) from None

    def build(self, value: T) -> bytes:
        """The bytes of `value`. Raises CodecError when a field does not fit its declaration."""
        if not self.fields:
            return b""
        try:
            return self._codec.build(self.to_mapping(value))
        except (Ill, ValueError, TypeError) as error:
            raise CodecError(
                "This {type} cannot be encoded: {reason}",
                "Check its fields",
                type=self.type.__name__,
                reason=str(error),
            ) from None
