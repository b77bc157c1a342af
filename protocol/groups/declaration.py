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
from enum import Enum, StrEnum
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Final, NamedTuple, TypeVar, dataclass_transform

from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.kinds import EMPTY, FROM_TEXT, TO_TEXT, Kind
from tla_sim.protocol.groups.line import GroupData, decode_groups, encode_groups
from tla_sim.protocol.sentence import Sentence

_REMEMBERED: Final = 512


class Source(Enum):
    """The source of a group or field."""

    SSV = Sentence("public SSV 4.03 headers")
    PROJECT = "Project-defined"


class Field(NamedTuple):
    """The declaration of one field: number from 1, name, French label, kind, longest value, source.

    `max_length` counts characters, those of the text on our line for dates, and bytes for `Kind.BINARY`.
    `zoned` says whether the field's memory zones have it, `later` whether it was added after cards had been
    issued: our line leaves it out at the end of a group while it is empty, so that former readers know the
    group. `values` are the published ones; others are accepted. `varies` says that two runs of one flow may
    differ in it: a moment of the reader, its serial number, a digest of what it signs.
    """

    number: int
    name: str
    label: str
    kind: Kind
    max_length: int
    required: bool
    source: Source
    zoned: bool
    later: bool
    values: type[StrEnum] | None
    varies: bool

    @property
    def line_length(self) -> int:
        """The most characters of its text on our line."""
        return 2 * self.max_length if self.kind is Kind.BINARY else self.max_length


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
            (field.number - 1, field.name, field.line_length, field.required, FROM_TEXT[field.kind])
            for field in self.fields
        )

    @cached_property
    def writers(self) -> tuple[tuple[int, str, int, Callable[[Any], str]], ...]:
        """Position from 0, name, most characters and conversion to text, by field."""
        return tuple(
            (field.number - 1, field.name, field.line_length, TO_TEXT[field.kind]) for field in self.fields
        )

    @cached_property
    def first_later(self) -> int:
        """How many fields our line always has."""
        return max(field.number for field in self.fields if not field.later)

    @cached_property
    def zone_count(self) -> int:
        """How many fields each occurrence has in a memory zone."""
        return max(field.number for field in self.fields if field.zoned)


def _declare(
    kind: Kind,
    label: str,
    max_length: int,
    number: int | None,
    required: bool,
    source: Source | None,
    *,
    zoned: bool = True,
    later: bool = False,
    values: type[StrEnum] | None = None,
    varies: bool = False,
) -> Any:
    metadata = {"kind": kind, "label": label, "max": max_length, "number": number}
    metadata |= {"required": required, "source": source, "zoned": zoned}
    metadata |= {"later": later, "values": values, "varies": varies}
    if required:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=EMPTY[kind], metadata=metadata)


def text(
    label: str,
    max_length: int = 60,
    *,
    n: int | None = None,
    required: bool = False,
    source: Source | None = None,
    later: bool = False,
    values: type[StrEnum] | None = None,
    varies: bool = False,
) -> Any:
    """Declare a text field of at most `max_length` characters; `n` is its number, by default the next."""
    return _declare(
        Kind.TEXT, label, max_length, n, required, source, later=later, values=values, varies=varies
    )


def digits(
    label: str, max_length: int, *, n: int | None = None, required: bool = False, source: Source | None = None
) -> Any:
    """Declare a field of decimal digits kept as text (leading zeros matter)."""
    return _declare(Kind.DIGITS, label, max_length, n, required, source)


def day(
    label: str,
    *,
    n: int | None = None,
    required: bool = False,
    source: Source | None = None,
    zoned: bool = True,
) -> Any:
    """Declare a date field; memory zones do not have it unless it is `zoned`."""
    return _declare(Kind.DATE, label, 8, n, required, source, zoned=zoned)


def birth(label: str, *, n: int | None = None, source: Source | None = None) -> Any:
    """Declare a required birth date, which need not be a day of the calendar."""
    return _declare(Kind.BIRTH, label, 8, n, True, source)


def moment(label: str, *, n: int | None = None, required: bool = False, source: Source | None = None) -> Any:
    """Declare a date-and-time field, reader local time, to the second."""
    return _declare(Kind.MOMENT, label, 14, n, required, source, varies=True)


def cents(label: str, *, n: int | None = None, required: bool = False, source: Source | None = None) -> Any:
    """Declare an amount field in euro cents."""
    return _declare(Kind.CENTS, label, 12, n, required, source)


def number(label: str, *, n: int | None = None, required: bool = False, source: Source | None = None) -> Any:
    """Declare a whole-number field."""
    return _declare(Kind.NUMBER, label, 12, n, required, source)


def flag(label: str, *, n: int | None = None, source: Source | None = None) -> Any:
    """Declare a yes/no field."""
    return _declare(Kind.FLAG, label, 1, n, False, source)


def byte(label: str, *, n: int | None = None, required: bool = False, source: Source | None = None) -> Any:
    """Declare a field of 0 to 255: decimal text on our line, the byte itself in a memory zone."""
    return _declare(Kind.BYTE, label, 3, n, required, source)


def binary(label: str, max_length: int, *, n: int | None = None, source: Source | None = None) -> Any:
    """Declare a field of at most `max_length` bytes: hexadecimal on our line, raw in a memory zone."""
    return _declare(Kind.BINARY, label, max_length, n, False, source)


DECLARED: Final[dict[int, GroupDeclaration]] = {}
"""The groups declared in the modules imported so far, by number. `DICTIONARY` has all of them."""

FORMER: Final[dict[tuple[int, int], GroupDeclaration]] = {}
"""The former forms of groups, by number and number of fields on our line."""

G = TypeVar("G", bound="Group")
F = TypeVar("F", bound="FormerGroup")


class Group:
    """The base of typed groups: frozen dataclasses declared with `@group(number, name)`."""

    DECLARATION: ClassVar[GroupDeclaration]

    def to_data(self) -> GroupData:
        """Return the group as texts, one for each number up to its last field, or the last before empty ones
        that were added later.

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
                raise field_error(declaration, position, "") from None
            if len(written) > longest:
                raise field_error(
                    declaration, position, Sentence("at most {longest} characters expected", longest=longest)
                )
            texts[position] = written
        while len(texts) > declaration.first_later and not texts[-1]:
            texts.pop()
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
                    raise field_error(declaration, position, Sentence("it must not be empty"))
                continue
            if len(written) > longest:
                raise field_error(
                    declaration, position, Sentence("at most {longest} characters expected", longest=longest)
                )
            if from_text is None:
                values[name] = written
                continue
            try:
                values[name] = from_text(written)
            except ValueError:
                raise field_error(declaration, position, "") from None
        return cls(**values)


class FormerGroup(Group):
    """The base of groups in a form that is read but no longer written, declared with `@former_group`."""

    @classmethod
    def renew(cls, groups: Sequence[Group]) -> tuple[Group, ...]:
        """Return a message with the groups of this former form, and those that go with it, in today's."""
        raise NotImplementedError


def field_error(
    declaration: GroupDeclaration, position: int, expected: str, error: type[CodecError] = CodecError
) -> CodecError:
    """Return the error that names group and field (position from 0) and says what is expected there."""
    field = next(field for field in declaration.fields if field.number == position + 1)
    expected = expected or Sentence("{kind} expected", kind=field.kind.value)
    return error(
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
        made = _declared(cls, number_, name, source)
        if number_ in DECLARED:
            raise ValueError(f"group {number_} is declared twice")
        DECLARED[number_] = made.DECLARATION
        return made

    return declare


@dataclass_transform(frozen_default=True, kw_only_default=True)
def former_group(number_: int, name: str) -> Callable[[type[F]], type[F]]:
    """Return the decorator that declares a former form of a group, Project-defined, in FORMER.

    `decode_typed` tells it from today's by its number of fields.
    """

    def declare(cls: type[F]) -> type[F]:
        made = _declared(cls, number_, name, Source.PROJECT)
        FORMER[number_, made.DECLARATION.fields[-1].number] = made.DECLARATION
        return made

    return declare


def _declared(cls: type[G], number_: int, name: str, source: Source) -> type[G]:
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
                meta["zoned"],
                meta["later"],
                meta["values"],
                meta["varies"],
            )
        )
    made.DECLARATION = GroupDeclaration(number_, name, tuple(fields), source, made)
    return made


def encode_typed(groups: Sequence[Group]) -> bytes:
    """Return the bytes of typed groups. Raises CodecError like `Group.to_data`."""
    return encode_groups(group.to_data() for group in groups)


def decode_typed(raw: bytes) -> tuple[Group, ...]:
    """Return the typed groups in these bytes, those in a former form in today's.

    Raises CodecError for an undeclared group or a bad field.
    """
    groups = tuple([_to_group(data) for data in decode_groups(raw)])
    while former := next((group for group in groups if isinstance(group, FormerGroup)), None):
        groups = former.renew(groups)
    return groups


@lru_cache(_REMEMBERED)
def _to_group(data: GroupData) -> Group:
    """Return the typed group of these texts."""
    # Cached, since the invoices of one owner or patient share most of their groups, and groups are immutable.
    declaration = find_declaration(data.number)
    if declaration is None:
        raise CodecError(
            "Group {number} is not in the dictionary", "Check the sender's version", number=data.number
        )
    former = FORMER.get((data.number, len(data.fields)))
    return (former or declaration).type.from_data(data)


def find_declaration(number: int) -> GroupDeclaration | None:
    """Return the declaration of the group with this number, `None` if the dictionary has none."""
    found = DECLARED.get(number)
    if found is None:
        # Imported here, since it imports this module; needed only for a group whose module nothing imported.
        from tla_sim.protocol.groups import dictionary

        found = dictionary.DICTIONARY.get(number)
    return found
