"""libsgdlux compiled for a test, and its functions by ctypes."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from ctypes import byref, c_char_p, c_size_t, c_ushort, c_void_p
from functools import cache
from pathlib import Path
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.libraries import SOURCES, write_sources
from tla_sim.host.ssv.sgd_functions import SGD_SOURCES
from tla_sim.protocol.groups.zone import ZoneData

STRICT: Final = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion", "-pthread")
CODES: Final = {int(code): code for code in SsvCode}
ROOM: Final = 2_048
"""The room that programs give for a value."""


def compile_c(to: Path, sources: Sequence[Path | str], *flags: str, compiler: str = "gcc") -> Path:
    """Compile and link these C sources strictly; headers are looked for beside what is made, too."""
    command = [compiler, *STRICT, f"-I{to.parent}", f"-I{SOURCES}", *flags, *map(str, sources), "-o", str(to)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return to


def sgd_sources(folder: Path) -> list[Path]:
    """Return the library's sources, with what is written from the declarations in `folder`."""
    write_sources(folder)
    return [*(SOURCES / name for name in SGD_SOURCES), folder / "group_table.c"]


def build_sgd(folder: Path) -> Path:
    """Build libsgdlux into `folder`, and return where it is.

    It calls itself otherwise: a libssvlux that this process loads later would take it for its own.
    """
    library = folder / "libsgdlux-of-a-test.so"
    named = f"-Wl,-soname,{library.name}"
    return compile_c(library, sgd_sources(folder), "-O2", "-fPIC", "-shared", "-pthread", named)


class Sgd:
    """The functions of one libsgdlux, each with the code it returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.library = ctypes.CDLL(str(path))
        self._libc = ctypes.CDLL(None)
        self._libc.free.argtypes = [c_void_p]
        number, size = c_ushort, c_size_t
        forms = {
            "SGD_ReserverSession": [size, c_void_p],
            "SGD_RedimensionnerBuffer": [number, size],
            "SGD_LibererSession": [number],
            "SGD_AjouterGroupe": [number, number],
            "SGD_AjouterChamp": [number, c_char_p],
            "SGD_AjouterChampBin": [number, c_char_p, size],
            "SGD_AjouterChampFichier": [number, c_char_p],
            "SGD_LireGroupeSuivant": [number, number, number, c_void_p, c_void_p],
            "SGD_LireChamp": [number, number, number, number, c_void_p, c_void_p],
            "SGD_LireChampBin": [number, number, number, number, c_void_p, c_void_p],
            "SGD_LireChampFichier": [number, number, number, number, c_char_p],
            "SGD_InitTrace": [c_char_p, c_char_p, number, ctypes.c_ubyte],
            "tla_sgd_take_input": [number, c_void_p, c_void_p],
            "tla_sgd_give_output": [number, c_char_p, size],
            "tla_sgd_drop_output": [number],
        }
        for name, form in forms.items():
            function = getattr(self.library, name)
            function.argtypes, function.restype = form, c_ushort

    def call(self, name: str, *arguments: object) -> SsvCode:
        """Call a function by its name."""
        return CODES[getattr(self.library, name)(*arguments)]

    def reserve(self, size: int = 5_000) -> tuple[SsvCode, int]:
        """Reserve a session: the code, and its number."""
        number = c_ushort()
        return self.call("SGD_ReserverSession", size, byref(number)), number.value

    def session(self, size: int = 5_000) -> int:
        """Reserve a session, which must succeed."""
        code, number = self.reserve(size)
        assert code is SsvCode.DONE
        return number

    def add(self, session: int, number: int, *values: bytes) -> None:
        """Add a whole group, which must succeed."""
        assert self.call("SGD_AjouterGroupe", session, number) is SsvCode.DONE
        for value in values:
            assert self.call("SGD_AjouterChampBin", session, value, len(value)) is SsvCode.DONE

    def input(self, session: int) -> bytes:
        """Take the input as libssvlux does."""
        zone, size = c_void_p(), c_size_t()
        assert self.call("tla_sgd_take_input", session, byref(zone), byref(size)) is SsvCode.DONE
        try:
            return ctypes.string_at(zone, size.value)
        finally:
            self._libc.free(zone)

    def give(self, session: int, zone: bytes) -> SsvCode:
        """Give an output as libssvlux does."""
        return self.call("tla_sgd_give_output", session, zone, len(zone))

    def next(self, session: int, group: int, occurrence: int) -> tuple[SsvCode, int, int]:
        """Find the next group: the code, its number and occurrence."""
        number, which = c_ushort(), c_ushort()
        code = self.call("SGD_LireGroupeSuivant", session, group, occurrence, byref(number), byref(which))
        return code, number.value, which.value

    def read(
        self,
        session: int,
        group: int,
        occurrence: int,
        field: int,
        room: int = ROOM,
        function: str = "SGD_LireChamp",
    ) -> tuple[SsvCode, bytes, int]:
        """Read a field: the code, all the bytes of the room (FF where nothing was written), and `*room`."""
        buffer = ctypes.create_string_buffer(b"\xff" * room, max(room, 1))
        size = c_size_t(room)
        code = self.call(function, session, group, occurrence, field, buffer, byref(size))
        return code, buffer.raw[:room], size.value

    def groups(self, session: int) -> Iterator[ZoneData]:
        """Walk over the output as programs do: group by group, field by field until there is none."""
        code, number, occurrence = self.next(session, 0, 0)
        while code is SsvCode.DONE:
            fields: list[bytes] = []
            while True:
                where = (session, number, occurrence, len(fields) + 1)
                code, value, size = self.read(*where, room=65_600, function="SGD_LireChampBin")
                if code is not SsvCode.DONE:
                    break
                fields.append(value[:size])
            assert code is SsvCode.NO_GROUP
            yield ZoneData(number, tuple(fields))
            code, number, occurrence = self.next(session, number, occurrence)
        assert code is SsvCode.LAST_GROUP


@cache
def shared_sgd() -> Sgd:
    """Return the library that all tests of this process use."""
    return Sgd(build_sgd(Path(_built_in().name)))


@cache
def _built_in() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that is there until the process ends."""
    return tempfile.TemporaryDirectory(prefix="tla-sgd-")
