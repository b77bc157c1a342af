"""A construct structure compiled for speed, that must fill its bytes exactly.

Compiled construct 2.10 reads short without complaint where bytes are missing, and raises struct.error
instead of its own errors; both are put right here. Source: construct's compiled code.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from construct import Construct, Struct

Parse = Callable[[bytes, int], tuple[dict[str, Any], int]]
Build = Callable[[Mapping[str, Any]], bytes]
Declare = Callable[[Any], Any]
"""Makes a construct, or several, of the library that it is given."""

_END: Final = "end_"


class Ill(Exception):
    """The bytes do not follow the structure, or the values do not fit it. The text says why."""


class Misfit(Exception):
    """The bytes or values do not fit the declaration. The text says why."""


def the_library() -> Any:
    """construct, loaded when something is first read or written: declaring takes none of it."""
    import construct

    return construct


class Compiled:
    """A Struct of named parts that must fill its bytes exactly; `declare` makes them of construct.

    Made on first use: straight code where the parts allow it, else construct's compiled code.
    """

    def __init__(self, declare: Callable[[Any], Iterable[Construct]]) -> None:
        self._declare = declare
        self._functions: tuple[Parse, Build] | None = None

    def _make(self) -> tuple[Parse, Build]:
        from tla_sim.protocol.wire.straight import NotStraight, straight

        construct = the_library()
        parts = tuple(self._declare(construct))
        try:
            self._functions = straight(construct.Struct(*parts))
        except NotStraight:
            self._functions = _construct_code(construct.Struct(*parts, _END / construct.Tell))
        return self._functions

    def parse(self, raw: bytes) -> dict[str, Any]:
        """The fields of `raw`. Raises Ill on missing or trailing bytes, or undeclared values."""
        fields, end = self.parse_prefix(raw, 0)
        if end != len(raw):
            raise Ill(f"{len(raw) - end} bytes too many")
        return fields

    def parse_prefix(self, raw: bytes, at: int = 0) -> tuple[dict[str, Any], int]:
        """The fields from offset `at` on, and where they end. Raises Ill."""
        parse, _ = self._functions or self._make()
        try:
            return parse(raw, at)
        except (Misfit, the_library().ConstructError, struct.error, UnicodeDecodeError) as error:
            raise Ill(_reason(error)) from None

    def build(self, fields: Mapping[str, Any]) -> bytes:
        """The bytes of the fields. Raises Ill for a value that does not fit."""
        _, build = self._functions or self._make()
        try:
            return build(fields)
        except (*_UNFIT, the_library().ConstructError) as error:
            raise Ill(_reason(error)) from None


_UNFIT: Final = (
    *(Misfit, struct.error),
    *(ValueError, TypeError, AttributeError, OverflowError, KeyError),
)


def _construct_code(declaration: Struct) -> tuple[Parse, Build]:
    """Construct's compiled code, without its way there and with a check of what it reads short."""
    from construct import Container

    codec = declaration.compile()
    parsing = Container(_parsing=True, _building=False, _sizing=False, _params=None)
    building = Container(_parsing=False, _building=True, _sizing=False, _params=None)

    def parse(raw: bytes, at: int) -> tuple[dict[str, Any], int]:
        container = codec.parsefunc(BytesIO(raw[at:] + b"\0"), parsing)
        end = at + container.pop(_END)
        if end > len(raw):
            raise Misfit("bytes are missing")
        return container, end

    def build(fields: Mapping[str, Any]) -> bytes:
        stream = BytesIO()
        codec.buildfunc(fields, stream, building)
        return stream.getvalue()

    return parse, build


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
