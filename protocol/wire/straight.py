"""Straight code from a construct declaration: what construct's own compiler makes, without its contexts.

Covers structures of numbers, flags, constants, bytes or texts whose length is fixed, stands before them or is
an earlier number, and counted arrays of all these. Parses and builds some five times faster than construct's
compiled code; whatever else a declaration holds is left to that. The layout is the declaration's: nothing is
described twice.
"""

from __future__ import annotations

import re
import struct
from typing import Any, Final

from construct import (
    Array,
    Bytes,
    Const,
    Flag,
    FocusedSeq,
    FormatField,
    GreedyBytes,
    Prefixed,
    Rebuild,
    Renamed,
    StringEncoded,
    Struct,
)

from tla_sim.protocol.wire.compiled import Build, Misfit, Parse

_ONLY: Final = "only"
_EARLIER: Final = re.compile(r"this\.(\w+)|this\['(\w+)'\]")


class NotStraight(Exception):
    """The declaration holds a part that straight code does not cover."""


def straight(declaration: Struct) -> tuple[Parse, Build]:
    """Functions that parse from an offset (fields, end) and build. They raise Misfit, struct.error, KeyError,
    TypeError, AttributeError or UnicodeError for what does not fit. Raises NotStraight.
    """
    writer = _Writer()
    for part in declaration.subcons:
        if not isinstance(part, Renamed) or not part.name.isidentifier():
            raise NotStraight(str(part))
        writer.part(part.name, part.subcon)
    return writer.functions()


class _Writer:
    """Writes the source of both functions, part by part."""

    def __init__(self) -> None:
        self._parse: list[str] = []
        self._build: list[str] = []
        self._numbers: list[tuple[str, str]] = []
        self._names: list[str] = []
        self._known: dict[str, Any] = {"Misfit": Misfit}

    def part(self, name: str, part: Any) -> None:
        """One named part."""
        self._names.append(name)
        if isinstance(part, FormatField):
            self._numbers.append((name, part.fmtstr))
            return
        self._flush()
        if isinstance(part, Const):
            self._constant(name, bytes(part.build(None)), part.value)
        elif isinstance(part, Bytes):
            self._bytes(name, self._length(part.length))
        elif part is Flag:
            self._take(name, "1")
            self._parse.append(f" v_{name} = v_{name} != b'\\0'")
            self._build.append(f" out += b'\\1' if f[{name!r}] else b'\\0'")
        elif isinstance(part, StringEncoded):
            self._prefixed(name, part.subcon, part.encoding)
        elif isinstance(part, FocusedSeq):
            self._array(name, part)
        else:
            self._prefixed(name, part, None)

    def functions(self) -> tuple[Parse, Build]:
        """The functions written so far."""
        self._flush()
        fields = ", ".join(f"{name!r}: v_{name}" for name in self._names)
        source = [
            "def parse(raw, at):",
            " size = len(raw)",
            *self._parse,
            f" return {{{fields}}}, at",
            "def build(f):",
            " out = bytearray()",
            *self._build,
            " return bytes(out)",
        ]
        exec(compile("\n".join(source), "<straight code>", "exec"), self._known)
        return self._known["parse"], self._known["build"]

    def _flush(self) -> None:
        """Numbers that stand side by side are unpacked together."""
        if not self._numbers:
            return
        orders = dict.fromkeys(code[0] for _, code in self._numbers if code[1:] != "B")
        if len(orders) > 1:
            raise NotStraight("the byte orders differ")
        codes = "".join(code[1:] for _, code in self._numbers)
        packed = struct.Struct("".join(orders) + codes if orders else f">{codes}")
        key = f"numbers_{len(self._known)}"
        self._known[f"{key}_unpack"], self._known[f"{key}_pack"] = packed.unpack_from, packed.pack
        names = [name for name, _ in self._numbers]
        self._parse.append(f" {', '.join(f'v_{name}' for name in names)}, = {key}_unpack(raw, at)")
        self._parse.append(f" at += {packed.size}")
        self._build.append(f" out += {key}_pack({', '.join(f'f[{name!r}]' for name in names)})")
        self._numbers = []

    def _length(self, length: Any) -> str:
        if isinstance(length, int):
            return str(length)
        found = _EARLIER.fullmatch(repr(length))
        name = (found[1] or found[2]) if found else ""
        if name not in self._names:
            raise NotStraight(repr(length))
        return f"v_{name}"

    def _take(self, name: str, length: str) -> None:
        self._parse += [
            f" end = at + {length}",
            " if end > size: raise Misfit('bytes are missing')",
            f" v_{name} = raw[at:end]",
            " at = end",
        ]

    def _bytes(self, name: str, length: str) -> None:
        self._take(name, length)
        expected = f"f[{length[2:]!r}]" if length.startswith("v_") else length
        self._build += [
            f" if len(f[{name!r}]) != {expected}: raise Misfit('{name} has another length')",
            f" out += f[{name!r}]",
        ]

    def _constant(self, name: str, content: bytes, value: Any) -> None:
        self._take(name, str(len(content)))
        self._parse += [
            f" if v_{name} != {content!r}: raise Misfit('{name} is another')",
            f" v_{name} = {value!r}",
        ]
        self._build.append(f" out += {content!r}")

    def _array(self, name: str, part: FocusedSeq) -> None:
        """A PrefixedArray, which construct makes of a count and an array of that count."""
        count, items = (each.subcon for each in part.subcons)
        if not (
            isinstance(count, Rebuild) and isinstance(count.subcon, FormatField) and isinstance(items, Array)
        ):
            raise NotStraight(str(part))
        alone = not isinstance(items.subcon, Struct)
        parse, build = straight(Struct(_ONLY / items.subcon) if alone else items.subcon)
        packed = struct.Struct(count.subcon.fmtstr)
        key = f"array_{len(self._known)}"
        self._known |= {
            f"{key}_unpack": packed.unpack_from,
            f"{key}_pack": packed.pack,
            f"{key}_parse": parse,
            f"{key}_build": build,
        }
        self._parse += [
            f" n, = {key}_unpack(raw, at)",
            f" at += {packed.size}",
            f" v_{name} = []",
            " for _ in range(n):",
            f"  item, at = {key}_parse(raw, at)",
            f"  v_{name}.append(item{f'[{_ONLY!r}]' if alone else ''})",
        ]
        item = f"{{{_ONLY!r}: item}}" if alone else "item"
        self._build += [
            f" out += {key}_pack(len(f[{name!r}]))",
            f" for item in f[{name!r}]: out += {key}_build({item})",
        ]

    def _prefixed(self, name: str, part: Any, encoding: str | None) -> None:
        if not (isinstance(part, Prefixed) and part.subcon is GreedyBytes):
            raise NotStraight(str(part))
        if not isinstance(part.lengthfield, FormatField) or part.includelength:
            raise NotStraight(str(part))
        packed = struct.Struct(part.lengthfield.fmtstr)
        key = f"length_{len(self._known)}"
        self._known[f"{key}_unpack"], self._known[f"{key}_pack"] = packed.unpack_from, packed.pack
        self._parse += [f" n, = {key}_unpack(raw, at)", f" at += {packed.size}"]
        self._take(name, "n")
        if encoding is not None:
            self._parse.append(f" v_{name} = v_{name}.decode({encoding!r})")
        written = f"f[{name!r}]" if encoding is None else f"f[{name!r}].encode({encoding!r})"
        self._build += [f" x = {written}", f" out += {key}_pack(len(x)) + x"]
