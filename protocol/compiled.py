"""A construct structure compiled for speed, without what compiling loses.

Compiled construct 2.10 reads short without complaint where bytes are missing, and raises struct.error
instead of its own errors. So the structure is parsed from its bytes and one byte more, and must end exactly
at theirs. Source: construct's compiled code.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from construct import Construct, ConstructError, Container, Struct, Tell

_END: Final = "end_"
_PARSING: Final = Container(_parsing=True, _building=False, _sizing=False, _params=None)
_BUILDING: Final = Container(_parsing=False, _building=True, _sizing=False, _params=None)


class Ill(Exception):
    """The bytes do not follow the structure, or the values do not fit it. The text says why."""


class Compiled:
    """A Struct of named parts that must fill its bytes exactly; compiled on first use."""

    def __init__(self, *parts: Construct) -> None:
        self._struct = Struct(*parts, _END / Tell)
        self._functions: tuple[Callable[..., Any], Callable[..., Any]] | None = None

    def _compiled(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The generated functions themselves: construct's own way to them costs as much as they do."""
        if self._functions is None:
            codec = self._struct.compile()
            self._functions = codec.parsefunc, codec.buildfunc
        return self._functions

    def parse(self, raw: bytes) -> Any:
        """The container of `raw`. Raises Ill on missing or trailing bytes, or undeclared values."""
        container = self.parse_prefix(raw)
        end = container[_END]
        if end != len(raw):
            raise Ill(f"{len(raw) - end} bytes too many")
        return container

    def parse_prefix(self, raw: bytes) -> Any:
        """The container at the beginning of `raw`; its item `end_` says where it ends. Raises Ill."""
        parse, _ = self._functions or self._compiled()
        try:
            container = parse(BytesIO(raw + b"\0"), _PARSING)
        except (ConstructError, struct.error, UnicodeDecodeError) as error:
            raise Ill(_reason(error)) from None
        if container[_END] > len(raw):
            raise Ill("bytes are missing")
        return container

    def build(self, fields: dict[str, Any]) -> bytes:
        """The bytes of the fields. Raises Ill for a value that does not fit."""
        _, build = self._functions or self._compiled()
        stream = BytesIO()
        try:
            build(fields, stream, _BUILDING)
        except (ConstructError, struct.error, ValueError, TypeError, OverflowError, KeyError) as error:
            raise Ill(_reason(error)) from None
        return stream.getvalue()


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
