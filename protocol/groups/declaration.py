"""The declaration of SSV groups as typed values.

A message is a sequence of groups. A group has a number and fields numbered from 1, each a short text, and may
occur several times. Each known group is a frozen dataclass whose fields give their number, kind and maximum
length. They are in the modules beside this one; `tla_sim.protocol.groups.dictionary` has all of them.

Source: groups, their numbers and meaning are those of the public SSV 4.03 headers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum, StrEnum
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Final, NamedTuple, TypeVar, dataclass_transform

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.line import GroupData, decode_groups, encode_groups
from tla_sim.protocol.sentence import Sentence

_REMEMBERED: Final = 512


class Source(Enum):
    """The source of a group or field."""

    SSV = Sentence("public SSV 4.03 headers")
    PROJECT = "Project-defined"


class Kind(StrEnum):
    """What a field's text holds."""

    TEXT = "text"
    DIGITS = "digits"
    DATE = Sentence("date, YYYYMMDD")
    BIRTH = Sentence("birth date, YYYYMMDD, month and day any two digits")
    MOMENT = Sentence("date and time, YYYYMMDDHHMMSS")
    CENTS = Sentence("amount in euro cents")
    NUMBER = Sentence("whole number")
    FLAG = "flag, 0 or 1"


class Field(NamedTuple):
    """The declaration of one field: number from 1, name, French label, kind, most characters, source."""

    number: int
    name: str
    label: str
    kind: Kind
    max_length: int
    required: bool
    source: Source


@dataclass(frozen=True)
class GroupDeclaration:
    """The declaration of one group: number, French name, fields by number, source."""

    number: int
    name: str
    fields: tuple[Field, ...]
    source: Source
    type: type[Group]

    @cached_property
    def readers(self) -> tuple[tuple[int, str, int, bool, Callable[[str], Any] | None], ...]:
        """Position from 0, name, most characters, whether required, and conversion from text, by field."""
        return tuple(
            (field.number - 1, field.name, field.max_length, field.required, _FROM_TEXT[field.kind])
            for field in self.fields
        )

    @cached_property
    def writers(self) -> tuple[tuple[int, str, int, Callable[[Any], str]], ...]:
        """Position from 0, name, most characters and conversion to text, by field."""
        return tuple(
            (field.number - 1, field.name, field.max_length, _TO_TEXT[field.kind]) for field in self.fields
        )


def _digits(text: str) -> str:
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError("digits only")
    return text


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("0 or 1")
    return text == "1"


def _number(text: str) -> int:
    if not (text.isascii() and (text.isdigit() or (text[:1] == "-" and text[1:].isdigit()))):
        raise ValueError("a whole number")
    return int(text)


def _date(text: str) -> date:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError("YYYYMMDD")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _moment(text: str) -> datetime:
    if len(text) != 14 or not (text.isascii() and text.isdigit()):
        raise ValueError("YYYYMMDDHHMMSS")
    day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    return datetime.combine(day, time(int(text[8:10]), int(text[10:12]), int(text[12:])))


_FROM_TEXT: Final[dict[Kind, Callable[[str], Any] | None]] = {
    Kind.TEXT: None,
    Kind.DIGITS: _digits,
    Kind.DATE: _date,
    Kind.BIRTH: BirthDate.of_digits,
    Kind.MOMENT: _moment,
    Kind.CENTS: _number,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
}
_TO_TEXT: Final[dict[Kind, Callable[[Any], str]]] = {
    Kind.TEXT: str,
    Kind.DIGITS: _digits,
    # strftime does not pad years below 1000 on every system.
    Kind.DATE: lambda value: f"{value:%Y%m%d}" if value.year > 999 else f"{value.year:04}{value:%m%d}",
    Kind.BIRTH: BirthDate.of_digits,
    Kind.MOMENT: lambda value: f"{value.year:04}{value:%m%d%H%M%S}",
    Kind.CENTS: str,
    Kind.NUMBER: str,
    Kind.FLAG: lambda value: "1" if value else "0",
}
_EMPTY: Final[dict[Kind, Any]] = {
    Kind.TEXT: "",
    Kind.DIGITS: "",
    Kind.DATE: None,
    Kind.BIRTH: None,
    Kind.MOMENT: None,
    Kind.CENTS: 0,
    Kind.NUMBER: 0,
    Kind.FLAG: False,
}


def _declare(
    kind: Kind, label: str, max_length: int, number: int | None, required: bool, source: Source | None
) -> Any:
    metadata = {"kind": kind, "label": label, "max": max_length, "number": number}
    metadata |= {"required": required, "source": source}
    if required:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=_EMPTY[kind], metadata=metadata)


def text(
    label: str,
    max_length: int = 60,
    *,
    n: int | None = None,
    required: bool = False,
    source: Source | None = None,
) -> Any:
    """Declare a text field of at most `max_length` characters; `n` is its number, by default the next."""
    return _declare(Kind.TEXT, label, max_length, n, required, source)


def digits(
    label: str, max_length: int, *, n: int | None = None, required: bool = False, source: Source | None = None
) -> Any:
    """Declare a field of decimal digits kept as text (leading zeros matter)."""
    return _declare(Kind.DIGITS, label, max_length, n, required, source)


def day(label: str, *, n: int | None = None, required: bool = False, source: Source | None = None) -> Any:
    """Declare a date field."""
    return _declare(Kind.DATE, label, 8, n, required, source)


def birth(label: str, *, n: int | None = None, source: Source | None = None) -> Any:
    """Declare a required birth date, which need not be a day of the calendar."""
    return _declare(Kind.BIRTH, label, 8, n, True, source)


def moment(label: str, *, n: int | None = None, required: bool = False, source: Source | None = None) -> Any:
    """Declare a date-and-time field, reader local time, to the second."""
    return _declare(Kind.MOMENT, label, 14, n, required, source)


def cents(label: str, *, n: int | None = None, required: bool = False, source: Source | None = None) -> Any:
    """Declare an amount field in euro cents."""
    return _declare(Kind.CENTS, label, 12, n, required, source)


def number(label: str, *, n: int | None = None, required: bool = False, source: Source | None = None) -> Any:
    """Declare a whole-number field."""
    return _declare(Kind.NUMBER, label, 12, n, required, source)


def flag(label: str, *, n: int | None = None, source: Source | None = None) -> Any:
    """Declare a yes/no field."""
    return _declare(Kind.FLAG, label, 1, n, False, source)


DECLARED: Final[dict[int, GroupDeclaration]] = {}
"""The groups declared in the modules imported so far, by number. `DICTIONARY` has all of them."""

G = TypeVar("G", bound="Group")


class Group:
    """The base of typed groups: frozen dataclasses declared with `@group(number, name)`."""

    DECLARATION: ClassVar[GroupDeclaration]

    def to_data(self) -> GroupData:
        """Return the group as texts, one for each number up to its last field.

        Raises CodecError if a value does not fit its field.
        """
        declaration = self.DECLARATION
        texts = [""] * declaration.fields[-1].number
        for position, name, longest, to_text in declaration.writers:
            value = getattr(self, name)
            if value is None:
                continue
            try:
                written = to_text(value)
            except (ValueError, AttributeError):
                raise _field_error(declaration, position, "") from None
            if len(written) > longest:
                raise _field_error(
                    declaration, position, Sentence("at most {longest} characters expected", longest=longest)
                )
            texts[position] = written
        return GroupData(declaration.number, tuple(texts))

    @classmethod
    def from_data(cls: type[G], data: GroupData) -> G:
        """Return the typed group of these texts.

        Raises CodecError, which names the group, the field and what is expected.
        """
        declaration = cls.DECLARATION
        texts = data.fields
        if data.number != declaration.number:
            raise CodecError(
                "Group {number} found where {expected} is expected",
                "Check the order",
                number=data.number,
                expected=declaration.number,
            )
        present = len(texts)
        if present > declaration.fields[-1].number:
            raise CodecError(
                "Group {number} has {present} fields, more than declared",
                "Check its version",
                number=data.number,
                present=present,
            )
        values: dict[str, Any] = {}
        for position, name, longest, required, from_text in declaration.readers:
            written = texts[position] if position < present else ""
            if not written:
                if required:
                    raise _field_error(declaration, position, Sentence("it must not be empty"))
                continue
            if len(written) > longest:
                raise _field_error(
                    declaration, position, Sentence("at most {longest} characters expected", longest=longest)
                )
            if from_text is None:
                values[name] = written
                continue
            try:
                values[name] = from_text(written)
            except ValueError:
                raise _field_error(declaration, position, "") from None
        return cls(**values)


def _field_error(declaration: GroupDeclaration, position: int, expected: str) -> CodecError:
    field = next(field for field in declaration.fields if field.number == position + 1)
    expected = expected or Sentence("{kind} expected", kind=field.kind.value)
    return CodecError(
        "Group {number} field {field} ({label}): {expected}",
        "Correct the field",
        number=declaration.number,
        field=field.number,
        label=field.label,
        expected=expected,
    )


@dataclass_transform(frozen_default=True, kw_only_default=True)
def group(number_: int, name: str, source: Source = Source.SSV) -> Callable[[type[G]], type[G]]:
    """Return the decorator that declares a group: it makes the class a frozen dataclass in DECLARED.

    The decorator raises ValueError for a number declared twice or fields out of order.
    """

    def declare(cls: type[G]) -> type[G]:
        made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        fields: list[Field] = []
        following = 1
        for spec in dataclasses.fields(made):  # type: ignore[arg-type]
            meta = spec.metadata
            position = meta["number"] or following
            if position < following:
                raise ValueError(f"group {number_}: field {spec.name} out of order")
            following = position + 1
            fields.append(
                Field(
                    position,
                    spec.name,
                    meta["label"],
                    meta["kind"],
                    meta["max"],
                    meta["required"],
                    meta["source"] or source,
                )
            )
        if number_ in DECLARED:
            raise ValueError(f"group {number_} is declared twice")
        made.DECLARATION = GroupDeclaration(number_, name, tuple(fields), source, made)
        DECLARED[number_] = made.DECLARATION
        return made

    return declare


def encode_typed(groups: Sequence[Group]) -> bytes:
    """Return the bytes of typed groups. Raises CodecError like `Group.to_data`."""
    return encode_groups(group.to_data() for group in groups)


def decode_typed(raw: bytes) -> tuple[Group, ...]:
    """Return the typed groups in these bytes. Raises CodecError for an undeclared group or a bad field."""
    return tuple([_to_group(data) for data in decode_groups(raw)])


@lru_cache(_REMEMBERED)
def _to_group(data: GroupData) -> Group:
    """Return the typed group of these texts."""
    # Cached, since the invoices of one owner or patient share most of their groups, and groups are immutable.
    declaration = DECLARED.get(data.number) or _every_group().get(data.number)
    if declaration is None:
        raise CodecError(
            "Group {number} is not in the dictionary", "Check the sender's version", number=data.number
        )
    return declaration.type.from_data(data)


def _every_group() -> dict[int, GroupDeclaration]:
    """Return the whole dictionary."""
    # Imported here, since it imports this module; needed only for a group whose module nothing has imported.
    from tla_sim.protocol.groups import dictionary

    return dictionary.DICTIONARY
