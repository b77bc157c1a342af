"""Wire formats declared once, as the fields of a frozen dataclass or NamedTuple.

    @dataclass(frozen=True)
    class ClockValue:
        moment: int = u64("milliseconds since 1970-01-01 00:00, reader local time")

    CLOCK_VALUE = Record(ClockValue)

A NamedTuple is a record, too; its fields are declared in their annotations, since a default would be a value:

    class Place(NamedTuple):
        page: Annotated[int, u16("page")]
        line: Annotated[int, u8("line on the page")]

`Record` compiles a codec from the fields on first use, and turns every failure into a CodecError. Tests and
benches compare it with the construct Struct of the same fields. Source: Project-defined.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, get_type_hints

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.wire.forms import Blob, Differs, Fixed, Flag, Form, Holds, Many, Number
from tla_sim.protocol.wire.straight import Build, Misfit, Parse, compile_straight

if TYPE_CHECKING:
    from construct import Construct

T = TypeVar("T")
_KEY: Final = "wire"
_U8, _U16, _U32, _U64 = Number(1), Number(2), Number(4), Number(8)
_ILL: Final = (ValueError, struct.error, TypeError, AttributeError)
"""What the compiled codec raises for bytes or values that do not fit."""


@dataclass(frozen=True)
class WireField:
    """How one field travels: its form, what it means, and its form in words.

    `enum` is the enumeration of an enumerated field, `holds` what a field's bytes or number stand for,
    `differs` how it may differ from run to run. Generators and the reference pages read all of it.
    """

    form: Form
    doc: str
    shape: str
    enum: type[IntEnum] | None = None
    holds: Holds | None = None
    differs: Differs | None = None

    @property
    def nested(self) -> Record[Any] | None:
        """The Record of each element, for a field that holds records."""
        item = self.form.item if isinstance(self.form, Many) else None
        return item if isinstance(item, Record) else None


def _field(
    form: Form,
    doc: str,
    shape: str,
    enum: type[IntEnum] | None = None,
    holds: Holds | None = None,
    differs: Differs | None = None,
) -> Any:
    return dataclasses.field(metadata={_KEY: WireField(form, doc, shape, enum, holds, differs)})


def u8(doc: str, differs: Differs | None = None) -> Any:
    """Declare an unsigned byte."""
    return _field(_U8, doc, "u8", differs=differs)


def u16(doc: str, holds: Holds | None = None, differs: Differs | None = None) -> Any:
    """Declare an unsigned 16-bit number, high byte first."""
    return _field(_U16, doc, "u16", holds=holds, differs=differs)


def u32(doc: str, holds: Holds | None = None, differs: Differs | None = None) -> Any:
    """Declare an unsigned 32-bit number, high byte first."""
    return _field(_U32, doc, "u32", holds=holds, differs=differs)


def u64(doc: str, holds: Holds | None = None, differs: Differs | None = None) -> Any:
    """Declare an unsigned 64-bit number, high byte first."""
    return _field(_U64, doc, "u64", holds=holds, differs=differs)


def u16_little(doc: str) -> Any:
    """Declare an unsigned 16-bit number, low byte first."""
    return _field(Number(2, little=True), doc, "u16, low byte first")


def u32_little(doc: str) -> Any:
    """Declare an unsigned 32-bit number, low byte first."""
    return _field(Number(4, little=True), doc, "u32, low byte first")


def boolean(doc: str) -> Any:
    """Declare a byte that is 0 or 1."""
    return _field(Flag(), doc, "flag")


def fixed(size: int, doc: str, differs: Differs | None = None) -> Any:
    """Declare exactly `size` bytes."""
    return _field(Fixed(size), doc, f"{size} bytes", differs=differs)


def blob8(doc: str, differs: Differs | None = None) -> Any:
    """Declare 0..255 bytes behind a one-byte length."""
    return _field(Blob(_U8), doc, "u8 length, bytes", differs=differs)


def blob16(doc: str, holds: Holds | None = None, differs: Differs | None = None) -> Any:
    """Declare 0..65,535 bytes behind a two-byte length."""
    return _field(Blob(_U16), doc, "u16 length, bytes", holds=holds, differs=differs)


def blob32(doc: str) -> Any:
    """Declare 0..4,294,967,295 bytes behind a four-byte length."""
    return _field(Blob(_U32), doc, "u32 length, bytes")


def string(doc: str, differs: Differs | None = None) -> Any:
    """Declare a UTF-8 text of 0..255 bytes behind a one-byte length."""
    return _field(Blob(_U8, is_text=True), doc, "u8 length, UTF-8", differs=differs)


def choice(enum: type[IntEnum], doc: str) -> Any:
    """Declare one byte that must be a member of `enum`; any other value is a CodecError."""
    return _field(_U8, doc, "u8", enum)


def blobs(doc: str, holds: Holds | None = None) -> Any:
    """Declare up to 255 blobs, each of 0..65,535 bytes: a count byte, then each behind its length."""
    return _field(Many(_U8, Blob(_U16)), doc, "u8 count of (u16 length, bytes)", holds=holds)


def blobs32(doc: str) -> Any:
    """Declare up to 65,535 blobs, each of 0..4,294,967,295 bytes: a count, then each behind its length."""
    return _field(Many(_U16, Blob(_U32)), doc, "u16 count of (u32 length, bytes)")


def records(type_: type[Any], doc: str) -> Any:
    """Declare up to 65,535 records of a type declared with these same functions."""
    return _field(Many(_U16, Record(type_)), doc, f"u16 count of {type_.__name__}")


def _read_declarations(type_: type[Any]) -> dict[str, WireField]:
    """Return the declarations of a dataclass by field, or those in the annotations of a NamedTuple."""
    if dataclasses.is_dataclass(type_):
        return {field.name: field.metadata[_KEY] for field in dataclasses.fields(type_)}
    hints = get_type_hints(type_, include_extras=True)
    return {name: hints[name].__metadata__[0].metadata[_KEY] for name in type_._fields}


class Record(Generic[T]):
    """The codec of one frozen dataclass or NamedTuple whose fields are declared with the functions above."""

    def __init__(self, type_: type[T]) -> None:
        self.type = type_
        self.fields: Mapping[str, WireField] = _read_declarations(type_)

    def __repr__(self) -> str:
        return f"Record({self.type.__name__})"

    @cached_property
    def functions(self) -> tuple[Parse, Build]:
        """The functions that parse a value at an offset and build one; their exceptions are not wrapped."""
        return compile_straight(self.type, self.fields)

    def construct(self, library: Any) -> Construct:
        """Return the Struct for the same bytes, made with `library`, the module `construct`."""
        return library.Struct(*(name / field.form.construct(library) for name, field in self.fields.items()))

    def for_construct(self, value: T) -> dict[str, Any]:
        """Return the mapping from which that Struct builds the same bytes."""
        plain = {name: getattr(value, name) for name in self.fields}
        for name, field in self.fields.items():
            if field.nested is not None:
                plain[name] = [field.nested.for_construct(each) for each in plain[name]]
        return plain

    def parse(self, raw: bytes) -> T:
        """Return the value that `raw` holds. Raises CodecError on missing, trailing or undeclared bytes."""
        if not self.fields:
            if raw:
                raise CodecError("{type} carries no data", "Send none", type=self.type.__name__)
            return self.type()
        value, end = self.parse_prefix(raw)
        if end != len(raw):
            raise self._ill(Misfit(f"{len(raw) - end} bytes too many"))
        return value

    def parse_prefix(self, raw: bytes, at: int = 0) -> tuple[T, int]:
        """Return the value at offset `at`, and the offset where it ends. Raises CodecError."""
        try:
            return self.functions[0](raw, at)
        except _ILL as error:
            raise self._ill(error) from None

    def _ill(self, error: Exception) -> CodecError:
        return CodecError(
            "These bytes are not a valid {type}: {reason}",
            "Check them",
            type=self.type.__name__,
            reason=str(error),
        )

    def build(self, value: T) -> bytes:
        """Return the bytes of `value`. Raises CodecError when a field does not fit its declaration."""
        try:
            return self.functions[1](value)
        except _ILL as error:
            raise CodecError(
                "This {type} cannot be encoded: {reason}",
                "Check its fields",
                type=self.type.__name__,
                reason=str(error),
            ) from None
