"""Values given by a user or a program, under the same rules as practice files. Project-defined."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, cast, get_args

from tla_sim.host.practice.day import read_day
from tla_sim.host.practice.fields import HeldNumber, HeldOwner, InvoiceNumber, Shape
from tla_sim.host.practice.problem import BadValue, Unfit, phrase
from tla_sim.protocol.sentence import Sentence

_FRENCH: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def new_number(value: str, where: str) -> str:
    """Check and return the number of an invoice to be made; errors call the argument `where`.

    Raises `BadValue`.
    """
    return cast(str, _given(value, InvoiceNumber, where))


def held_number(value: str, where: str) -> str:
    """Check and return the number of an invoice that exists already. Raises `BadValue`."""
    return cast(str, _given(value, HeldNumber, where))


def held_owner(value: str, where: str) -> str:
    """Check and return the billing number of an existing invoice's owner. Raises `BadValue`."""
    return cast(str, _given(value, HeldOwner, where))


def given_day(value: str, where: str) -> date:
    """Return a day given as `2019-03-05` or `05/03/2019`. Raises `BadValue`."""
    french = _FRENCH.fullmatch(value)
    iso = f"{french[3]}-{french[2]:0>2}-{french[1]:0>2}" if french else value
    if not _ISO.fullmatch(iso):
        raise BadValue(where, phrase(value), Sentence("a day such as 2019-03-05 or 05/03/2019"))
    try:
        return read_day(iso)
    except Unfit as unfit:
        raise BadValue(where, phrase(value), str(unfit)) from None


def _given(value: object, kind: Any, where: str) -> object:
    (shape,) = (each for each in get_args(kind) if isinstance(each, Shape))
    try:
        return shape.read(value)
    except Unfit as unfit:
        raise BadValue(where, phrase(value), str(unfit)) from None
