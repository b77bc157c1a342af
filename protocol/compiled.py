"""A construct structure compiled for speed, without what compiling loses.

Compiled construct 2.10 reads short without complaint where bytes are missing, and raises struct.error
instead of its own errors. So the structure is parsed from its bytes and one byte more, and must end exactly
at theirs. Source: construct's compiled code.
"""

from __future__ import annotations

import struct
from typing import Any

from construct import Construct, ConstructError, Struct, Tell

_END = "end_"


class Ill(Exception):
    """The bytes do not follow the structure, or the values do not fit it. The text says why."""


class Compiled:
    """A Struct of named parts that must fill its bytes exactly; compiled on first use."""

    def __init__(self, *parts: Construct) -> None:
        self._struct = Struct(*parts, _END / Tell)
        self._codec: Construct | None = None

    def _compiled(self) -> Construct:
        if self._codec is None:
            self._codec = self._struct.compile()
        return self._codec

    def parse(self, raw: bytes) -> Any:
        """The container of `raw`. Raises Ill on missing or trailing bytes, or undeclared values."""
        container = self.parse_prefix(raw)
        end = container[_END]
        if end != len(raw):
            raise Ill(f"{len(raw) - end} bytes too many")
        return container

    def parse_prefix(self, raw: bytes) -> Any:
        """The container at the beginning of `raw`; its item `end_` says where it ends. Raises Ill."""
        codec = self._codec or self._compiled()
        try:
            container = codec.parse(raw + b"\0")
        except (ConstructError, struct.error, UnicodeDecodeError) as error:
            raise Ill(_reason(error)) from None
        if container[_END] > len(raw):
            raise Ill("bytes are missing")
        return container

    def build(self, fields: dict[str, Any]) -> bytes:
        """The bytes of the fields. Raises Ill for a value that does not fit."""
        codec = self._codec or self._compiled()
        try:
            return bytes(codec.build(fields))
        except (ConstructError, struct.error, ValueError, TypeError, OverflowError, KeyError) as error:
            raise Ill(_reason(error)) from None


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
