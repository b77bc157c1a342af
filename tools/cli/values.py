"""Values of options and arguments, converted without pydantic where that is simple.

typer passes every value to a pydantic adapter, even an omitted option or plain text, and importing pydantic
costs the start of a verb more than all the rest of typer. A value that does not simply fit is left to typer,
which says why.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args, get_origin

_DIGITS: Final = 18
"""Most digits of a number converted here; Python itself refuses thousands of digits."""


class _Misfit(Exception):
    """The value is left to typer."""


def take_plainly(parameter: Any) -> None:
    """Make a parameter of a command convert simple values by itself."""
    asked = parameter.get_runtime_param
    parameter.get_runtime_param = lambda: _Plain(asked)


class _Plain:
    """The stand-in for what typer asks to convert a parameter's value."""

    def __init__(self, otherwise: Callable[[], Any]) -> None:
        self._otherwise = otherwise

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the value for the command's function. Raises BadParameter, as typer does."""
        try:
            return _plain(value, param)
        except _Misfit:
            return self._otherwise().coerce(value, param=param, ctx=ctx)


def _plain(value: Any, param: Any) -> Any:
    kind = param.type_descriptor.annotation
    several = param.multiple or param.nargs == -1
    if value is None:
        return () if several else None
    if not several:
        return _one(value, kind, param)
    if get_origin(kind) is not list or not isinstance(value, list | tuple):
        raise _Misfit
    return [_one(each, get_args(kind)[0], param) for each in value]


def _one(value: Any, kind: Any, param: Any) -> Any:
    parser = param.type_descriptor.parameter_info.parser
    if parser is not None:
        return parser(value)
    if type(value) is kind or (kind is Path and isinstance(value, Path)):
        return value
    if not isinstance(value, str) or not isinstance(kind, type):
        raise _Misfit
    if kind is Path:
        return Path(value)
    if issubclass(kind, Enum):
        for member in kind:
            if member.value == value:
                return member
    plain = value.isascii() and value.isdigit() and len(value) <= _DIGITS
    if kind is int and plain and _in_range(int(value), param):
        return int(value)
    raise _Misfit


def _in_range(number: int, param: Any) -> bool:
    return (param.min is None or param.min <= number) and (param.max is None or number <= param.max)
