"""The C libraries for a test: compiled once, loaded by ctypes, called by their declarations."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Sequence
from ctypes import c_char, c_char_p, c_short, c_size_t, c_ubyte, c_ushort, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.made_once import made_once
from tla_sim.host.ssv.build import Built, build
from tla_sim.host.ssv.declaration import TEXTS, Form, Function
from tla_sim.host.ssv.functions import SSV_FUNCTIONS
from tla_sim.host.ssv.libraries import library_files
from tla_sim.host.ssv.prototypes import c_parameters
from tla_sim.host.ssv.sgd_functions import SGD_FUNCTIONS

STRICT: Final = ("-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion", "-pedantic")
SANITIZED: Final = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1")
BY_NAME: Final = {each.name: each for each in (*SSV_FUNCTIONS, *SGD_FUNCTIONS)}
MOST_ZONES: Final = 8
"""Places in the arrays of these tests."""

_CTYPES: Final[dict[str, Any]] = {
    "const char *": c_char_p,
    "char *": c_char_p,
    "char": c_char,
    "short": c_short,
    "unsigned short": c_ushort,
    "unsigned char": c_ubyte,
    "size_t": c_size_t,
}


def built_once(
    factory: pytest.TempPathFactory, name: str, bits: int = 64, flags: tuple[str, ...] = ()
) -> Built:
    """Build the libraries into a folder that all tests share."""
    folder = made_once(factory, name, lambda to: build(to, bits, flags=(*STRICT, *flags)))
    libraries = tuple(sorted((folder / "lib").glob("*.so")))
    headers = tuple(sorted((folder / "include").glob("*.h")))
    return Built(folder.resolve(), bits, True, libraries, headers, folder / "lib/pkgconfig/tla-ssv.pc")


def compile_program(
    source: Path, to: Path, built: Built, *flags: str, compiler: str = "gcc", names: Sequence[str] = ()
) -> Path:
    """Compile a C program strictly, and link it to libraries: without names, under those that all have."""
    lib = built.folder / "lib"
    command = [compiler, f"-m{built.bits}", *STRICT, *flags, f"-I{built.folder / 'include'}", str(source)]
    linked = (f"-l:{each}" for each in names or [each.name for each in library_files(32)])
    command += ["-o", str(to), f"-L{lib}", f"-Wl,-rpath,{lib}", *linked, "-pthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return to


def environment(socket: Path, seconds: int | None = None) -> dict[str, str]:
    """Return the environment of a program that calls the server at this socket."""
    ours = {"TLA_SSV_SOCKET": str(socket)}
    return os.environ | ours | ({} if seconds is None else {"TLA_SSV_SECONDS": str(seconds)})


@dataclass(frozen=True)
class Outcome:
    """What a function returned, and its outputs by name: bytes, or a tuple of bytes."""

    code: int
    outputs: dict[str, Any]
    count: int = 0
    """What a count of zones is after the call."""


class LoadedLibraries:
    """libssvlux and libsgdlux in this process. SSV_TermLIB ends what a test leaves behind."""

    def __init__(self, built: Built) -> None:
        lib = built.folder / "lib"
        self.sgd = ctypes.CDLL(str(lib / "libsgdlux.so"))
        self.ssv = ctypes.CDLL(str(lib / "libssvlux.so"))

    def raw(self, name: str, *arguments: Any) -> int:
        """Call a function with C arguments as they are, and return its code."""
        library = self.sgd if name.startswith("SGD_") else self.ssv
        function = getattr(library, name)
        function.restype = None if BY_NAME[name].void else c_ushort
        code: int = function(*arguments)
        return code

    def call(self, function: Function, *, room: int = MOST_ZONES, **values: Any) -> Outcome:
        """Call a function by its declaration: texts and zones are bytes, a session or a char an int."""
        inputs: list[Any] = []
        readers: dict[str, Any] = {}
        counts: list[Any] = []
        for each in function.parameters:
            value: Any = values.get(each.name)
            match each.form:
                case Form.ZONE_IN:
                    inputs += [c_char_p(value), c_size_t(len(value))]
                case Form.ZONES_IN:
                    zones = (c_char_p * len(value))(*value)
                    inputs += [c_short(len(value)), zones, (c_size_t * len(value))(*map(len, value))]
                case Form.ZONE_OUT:
                    zone, size = c_void_p(), c_size_t()
                    inputs += [ctypes.byref(zone), ctypes.byref(size)]
                    readers[each.name] = lambda zone=zone, size=size: self._taken(zone.value, size.value)
                case Form.ZONES_OUT:
                    count, many, sizes = c_short(room), (c_void_p * room)(), (c_size_t * room)()
                    counts.append(count)
                    inputs += [ctypes.byref(count), many, sizes]
                    readers[each.name] = lambda count=count, many=many, sizes=sizes: tuple(
                        self._taken(many[at], sizes[at]) for at in range(count.value)
                    )
                case Form.MOMENT_OUT:
                    moment = ctypes.create_string_buffer(b"x" * 16)
                    inputs.append(moment)
                    readers[each.name] = lambda moment=moment: moment.value
                case form if form in TEXTS:
                    inputs.append(c_char_p(value))
                case _:
                    (parameter,) = c_parameters(each)
                    inputs.append(_CTYPES[parameter.type](value))
        code = self.raw(function.name, *inputs)
        outputs = {} if code else {name: read() for name, read in readers.items()}
        return Outcome(code, outputs, counts[0].value if counts else 0)

    def _taken(self, zone: int | None, size: int) -> bytes:
        """Copy a zone of the library, and give it back."""
        assert zone is not None
        copy = ctypes.string_at(zone, size)
        self.raw("SSV_LibererZoneMem", c_void_p(zone))
        return copy

    def session(self, *groups: int) -> int:
        """Reserve a session whose input has these groups, without fields."""
        number = c_ushort()
        assert self.raw("SGD_ReserverSession", c_size_t(5_000), ctypes.byref(number)) == 0
        for each in groups:
            assert self.raw("SGD_AjouterGroupe", number, c_ushort(each)) == 0
        return number.value

    def groups(self, session: int) -> list[tuple[int, int]]:
        """Return the groups of a session's output, each with its occurrence."""
        found: list[tuple[int, int]] = []
        group, occurrence = c_ushort(), c_ushort()
        while True:
            out = (ctypes.byref(group), ctypes.byref(occurrence))
            code = self.raw("SGD_LireGroupeSuivant", c_ushort(session), group, occurrence, *out)
            if code:
                return found
            found.append((group.value, occurrence.value))
