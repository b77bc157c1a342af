"""The kinds of values in a practice file: how each is written, checked and kept.

A `Shape` goes into an annotation. It converts a JSON value to the value kept, or says what it expected.
Amounts and coefficients are kept as whole hundredths and never pass through a float. Project-defined.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from tla_sim.host.practice.day import DAY_FORM, DAY_PATTERN, read_day
from tla_sim.host.practice.nir import PATTERN, begins_like_no_other, is_nir
from tla_sim.host.practice.problem import Unfit
from tla_sim.host.strict_json import JsonNumber
from tla_sim.protocol.birth_date import ISO_PATTERN, BirthDate
from tla_sim.protocol.names import compose_name, find_undrawable, spell_in_ascii
from tla_sim.protocol.sentence import Sentence

_SHOWN_STRANGERS: Final = 5
EXPECTED: Final = "expected"
"""The type of a Shape's or Listing's validation errors, whose context has what was expected as `phrase`."""


def _error(expected: str) -> PydanticCustomError:
    return PydanticCustomError(EXPECTED, "{phrase}", {"phrase": expected})


def _as_kept(value: Any) -> object:
    return value


@dataclass(frozen=True, eq=False)
class Shape:
    """One kind of scalar.

    `convert` raises `ValueError` or `TypeError` for a value that it does not take, and `Unfit` where it can
    say more than `expected`. `write` gives the JSON value that a kept value is read from.
    """

    expected: Sentence
    convert: Callable[[Any], object]
    schema: JsonSchemaValue
    write: Callable[[Any], object] = _as_kept

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: object) -> object:
            try:
                return self.read(value)
            except Unfit as unfit:
                raise _error(str(unfit)) from None

        return core_schema.no_info_plain_validator_function(validate)

    def read(self, value: object) -> object:
        """Return the value to keep. Raises `Unfit` with what was expected."""
        try:
            return self.convert(value)
        except Unfit:
            raise
        except (ValueError, TypeError):
            raise Unfit(self.expected) from None

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"description": self.expected, **self.schema}


@dataclass(frozen=True)
class Listing:
    """A list of `least` to `most` items; a longer one is refused before any item is read."""

    least: int
    most: int

    @property
    def expected(self) -> Sentence:
        """What is expected, as a phrase."""
        return Sentence("a list of {least} to {most} items", least=self.least, most=self.most)

    def check(self, value: object) -> tuple[object, ...]:
        """Return the items. Raises `PydanticCustomError` when their number is wrong."""
        if isinstance(value, list | tuple) and self.least <= len(value) <= self.most:
            return tuple(value)
        raise _error(self.expected)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "minItems": self.least, "maxItems": self.most}


def _matching(pattern: str, expected: Sentence) -> Shape:
    fits = re.compile(pattern).fullmatch

    def convert(value: Any) -> str:
        if not fits(value):
            raise ValueError
        return str(value)

    return Shape(expected, convert, {"type": "string", "pattern": f"^({pattern})$"})


def _printable(least: int, most: int) -> Shape:
    def convert(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError
        name = compose_name(value)
        if not least <= len(name) <= most or not name.isprintable() or name != name.strip():
            raise ValueError
        foreign = find_undrawable(name)
        if foreign:
            raise Unfit(
                Sentence("Latin letters: no reader or care sheet can show {foreign}", foreign=_show(foreign))
            )
        if name and not spell_in_ascii(name).strip():
            raise Unfit(Sentence("a letter or a digit"))
        return name

    expected = Sentence(
        "a text of {least} to {most} printable characters, no blank at either end", least=least, most=most
    )
    return Shape(expected, convert, {"type": "string", "minLength": least, "maxLength": most})


def _show(foreign: str) -> str:
    return ", ".join(foreign[:_SHOWN_STRANGERS]) + (", …" if len(foreign) > _SHOWN_STRANGERS else "")


def _whole(least: int, most: int) -> Shape:
    def convert(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError
        return value

    return Shape(
        Sentence("a whole number from {least} to {most}", least=least, most=most),
        convert,
        {"type": "integer", "minimum": least, "maximum": most},
    )


_HUNDREDTHS: Final = re.compile(r"(\d{1,7})(?:\.(\d{1,2}))?", re.ASCII)


def _hundredths(value: Any) -> int:
    if type(value) is int:
        value = str(value) if 0 <= value < 10**7 else ""
    elif isinstance(value, JsonNumber):
        value = value.text
    match = _HUNDREDTHS.fullmatch(value)
    if match is None:
        raise ValueError
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def _write_hundredths(kept: int) -> str:
    return f"{kept // 100}.{kept % 100:02}"


_DECIMAL_SCHEMA: Final[JsonSchemaValue] = {
    "anyOf": [
        {"type": "string", "pattern": r"^\d{1,7}(\.\d{1,2})?$"},
        {"type": "number", "minimum": 0, "multipleOf": 0.01},
    ]
}

_CCAM_CODE: Final = re.compile(r"[A-Z]{4}[0-9]{3}", re.ASCII)
_MODIFIERS: Final = re.compile(r"[A-Z0-9]{0,4}", re.ASCII)
_ONE_OF_THESE: Final = frozenset("FPSU")
"""Modifiers for the hour and the day of an act, which exclude each other (CCAM, article III-2)."""


def is_ccam_code(value: object) -> bool:
    """Return whether a value is written as a CCAM code: four capitals and three digits."""
    return isinstance(value, str) and _CCAM_CODE.fullmatch(value) is not None


def _modifiers(value: Any) -> str:
    if not _MODIFIERS.fullmatch(value):
        raise ValueError
    if len(frozenset(value)) < len(value):
        raise Unfit(Sentence("each modifier once"))
    if len(_ONE_OF_THESE.intersection(value)) > 1:
        raise Unfit(Sentence("one of the modifiers F, P, S and U, which exclude each other"))
    return str(value)


def _nir(value: Any) -> str:
    if begins_like_no_other(value):
        raise Unfit(
            Sentence("51, 52, 61 or 62 (a passing migrant) or 555555 (agricultural scheme) to begin with")
        )
    if not is_nir(value):
        raise ValueError
    return str(value)


Name = Annotated[str, _printable(1, 60)]
Label = Annotated[str, _printable(0, 60)]
ShortCode = Annotated[str, _matching(r"[0-9A-Z]{0,2}", Sentence("a code of at most 2 letters or digits"))]
Code3 = Annotated[str, _matching(r"[0-9A-Z]{0,3}", Sentence("a code of at most 3 letters or digits"))]
Code4 = Annotated[str, _matching(r"[0-9A-Z]{0,4}", Sentence("a code of at most 4 letters or digits"))]
Code10 = Annotated[str, _matching(r"[0-9A-Z]{0,10}", Sentence("a code of at most 10 letters or digits"))]
Civility = Annotated[str, _printable(0, 10)]
StaffCard = Annotated[str, _matching(r"cpe|cpf", Sentence("a card, 'cpe' or 'cpf'"))]
Reference = Annotated[
    str, _matching(r"[0-9A-Za-z._-]{1,30}", Sentence("a name of 1 to 30 letters, digits, . _ or -"))
]
Serial = Annotated[
    str, _matching(r"[0-9A-Z]{1,20}", Sentence("a serial number of 1 to 20 capitals or digits"))
]
Identifier = Annotated[str, _matching(r"[0-9A-Z/.-]{1,30}", Sentence("1 to 30 capitals, digits, / . or -"))]
OptionalId = Annotated[
    str, _matching(r"[0-9A-Z/.-]{0,20}", Sentence("at most 20 capitals, digits, / . or -"))
]
Rpps = Annotated[str, _matching(r"[0-9]{11}", Sentence("an RPPS number of 11 digits"))]
BillingNumber = Annotated[str, _matching(r"[0-9]{8,9}", Sentence("a billing number of 8 or 9 digits"))]
OptionalBilling = Annotated[str, _matching(r"([0-9]{8,9})?", Sentence("a billing number of 8 or 9 digits"))]
BillingKey = Annotated[str, _matching(r"[0-9]", Sentence("a key of one digit"))]
OptionalKey = Annotated[str, _matching(r"[0-9]?", Sentence("a key of one digit"))]
InvoiceNumber = Annotated[str, _matching(r"[0-9]{9}", Sentence("an invoice number of 9 digits"))]
HeldNumber = Annotated[str, _matching(r"[0-9]{1,9}", Sentence("an invoice number of at most 9 digits"))]
"""The number of an invoice held by a ledger or a reader, where other programs may write fewer digits."""

HeldOwner = Annotated[str, _matching(r"[0-9]{1,9}", Sentence("a billing number of at most 9 digits"))]
Nir = Annotated[
    str,
    Shape(
        Sentence("a NIR of 13 characters (Corsica 2A or 2B)"),
        _nir,
        {"type": "string", "pattern": f"^({PATTERN})$"},
    ),
]
NirKey = Annotated[str, _matching(r"[0-9]{2}", Sentence("a key of two digits"))]
Regime = Annotated[str, _matching(r"[0-9]{2}", Sentence("a regime of 2 digits"))]
Fund = Annotated[str, _matching(r"[0-9]{3}", Sentence("a fund of 3 digits"))]
Centre = Annotated[str, _matching(r"[0-9]{4}", Sentence("a centre of 4 digits"))]
OptionalCentre = Annotated[str, _matching(r"([0-9]{4})?", Sentence("a centre of 4 digits"))]
ComputingCentre = Annotated[str, _matching(r"([0-9]{3})?", Sentence("a computing centre of 3 digits"))]
BirthRank = Annotated[str, _matching(r"[1-9]", Sentence("a birth rank, '1' to '9'"))]
Quality = Annotated[str, _matching(r"[0-9]{1,2}", Sentence("a quality of 1 or 2 digits"))]
AldCode = Annotated[str, _matching(r"[0-9A-Z]?", Sentence("an ALD code of one character"))]
Nature = Annotated[str, _matching(r"[0-9]{2}", Sentence("a nature of insurance of 2 digits, such as '10'"))]
Exoneration = Annotated[str, _matching(r"[0-9]?", Sentence("an exemption code of one digit"))]
ActCode = Annotated[str, _matching(r"[A-Z][A-Z0-9]{0,4}", Sentence("a key letter such as 'AMI'"))]
CcamCode = Annotated[
    str,
    _matching(
        _CCAM_CODE.pattern, Sentence("a CCAM code of four capitals and three digits such as 'DEQP003'")
    ),
]
Activity = Annotated[str, _matching(r"[1-5]", Sentence("an activity, '1' to '5'"))]
Phase = Annotated[str, _matching(r"[0-3]", Sentence("a phase of the act, '0' to '3'"))]
Modifiers = Annotated[
    str,
    Shape(
        Sentence("at most four modifiers of the CCAM, a capital or digit each, such as 'FM'"),
        _modifiers,
        {"type": "string", "pattern": f"^{_MODIFIERS.pattern}$"},
    ),
]
Association = Annotated[str, _matching(r"[1-5]?", Sentence("an association code, '1' to '5'"))]
AccidentNumber = Annotated[str, _matching(r"[0-9]{0,9}", Sentence("an accident number of at most 9 digits"))]
Logical = Annotated[int, _whole(0, 99)]
Position = Annotated[int, _whole(1, 19)]
Quantity = Annotated[int, _whole(1, 99)]
Percent = Annotated[int, _whole(0, 100)]
Amount = Annotated[
    int,
    Shape(
        Sentence('an amount in euros, none negative, such as "156.20"'),
        _hundredths,
        _DECIMAL_SCHEMA,
        _write_hundredths,
    ),
]
Coefficient = Annotated[
    int, Shape(Sentence("a coefficient such as 4.5"), _hundredths, _DECIMAL_SCHEMA, _write_hundredths)
]
Day = Annotated[
    date,
    Shape(DAY_FORM, read_day, {"type": "string", "pattern": DAY_PATTERN}, date.isoformat),
]
BirthDay = Annotated[
    BirthDate,
    Shape(
        Sentence(
            "a birth date written YYYY-MM-DD, of 1800 or later, month and day as on the card,"
            " whatever the calendar says"
        ),
        BirthDate.of_iso,
        {"type": "string", "pattern": ISO_PATTERN},
        attrgetter("iso"),
    ),
]
