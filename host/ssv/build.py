"""Compiling the C libraries with the system's compiler, for programs of 64 or 32 bits on Linux.

Where there is no compiler, the libraries that an installed wheel carries are taken.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from errno import ENOTDIR
from pathlib import Path
from typing import Final

from tla_sim.host.ssv.frames import VERSION
from tla_sim.host.ssv.headers import header_files
from tla_sim.host.ssv.libraries import SOURCES, LibraryFile, library_files, write_sources
from tla_sim.host.whole_file import EVERYBODY, replace_file
from tla_sim.protocol.errors import Category, TlaError

BITS: Final = (64, 32)
CARRIED: Final = Path(__file__).resolve().with_name("built")
"""Where an installed wheel has the libraries, in a folder for each number of bits."""

COMPILE_FLAGS: Final = (
    "-std=c11",
    "-O2",
    "-fPIC",
    "-fvisibility=hidden",
    "-fstack-protector-strong",
    "-pthread",
    "-U_FORTIFY_SOURCE",
    "-D_FORTIFY_SOURCE=2",
    "-D_FILE_OFFSET_BITS=64",
    "-D_TIME_BITS=64",
)
LINK_FLAGS: Final = (
    "-shared",
    "-pthread",
    "-Wl,-z,relro,-z,now,-z,noexecstack",
    "-Wl,-enable-new-dtags,-rpath,$ORIGIN",
)
_TRIAL: Final = """\
#include <pthread.h>
#include <stdio.h>
int main(void) { _Static_assert(sizeof(void *) * 8 == BITS, "bits"); return puts("") < 0; }
"""
_X86: Final = ("x86_64", "i386", "i486", "i586", "i686")
_MOST_SHOWN: Final = 200


class BuildFailed(TlaError):
    """The C libraries cannot be built."""

    category = Category.BAD_INPUT


class NoCompiler(BuildFailed):
    """There is no C compiler for them, and no library was carried along."""


@dataclass(frozen=True)
class Built:
    """What was built: libraries, headers and the file for pkg-config, as paths.

    `compiled` is false where libraries were copied that came with the wheel.
    """

    folder: Path
    bits: int
    compiled: bool
    libraries: tuple[Path, ...]
    headers: tuple[Path, ...]
    pkg_config: Path

    @property
    def link_line(self) -> str:
        """What a program is compiled with, for a shell."""
        lib, include = shlex.quote(str(self.folder / "lib")), shlex.quote(str(self.folder / "include"))
        bits = " -m32" if self.bits == 32 else ""
        return f"cc{bits} -I{include} program.c -L{lib} -Wl,-rpath,{lib} -lssvlux -lsgdlux"


def build(
    out: Path, bits: int = 64, *, flags: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Built:
    """Compile every library into `out`, and write the headers beside them.

    `flags` go to the compiler, too; CC in the environment names it. Every file is written whole or not at
    all, and none before all are compiled. Raises NoCompiler, BuildFailed, and OSError naming a file.
    """
    if sys.platform != "linux":
        raise BuildFailed("The libraries are for Linux alone", "Build them under Linux")
    compiler = _Compiler(shlex.split((environment or os.environ).get("CC") or "cc"), bits, tuple(flags))
    try:
        compiler.check()
    except NoCompiler:
        libraries = _carried(bits)
        if not libraries:
            raise
        return _write(out, bits, libraries, compiled=False)
    return _write(out, bits, compiler.compile(), compiled=True)


def _carried(bits: int) -> dict[str, bytes]:
    """Return the libraries that came with the wheel, by name: none in a checkout, or for another machine."""
    folder = CARRIED / str(bits)
    if platform.machine() != "x86_64":
        return {}
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.so"))}


def _write(out: Path, bits: int, libraries: Mapping[str, bytes], *, compiled: bool) -> Built:
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(out))
    folder = out.resolve()
    include, lib = folder / "include", folder / "lib"
    headers = {include / name: text.encode() for name, text in header_files().items()}
    pkg_config = lib / "pkgconfig" / "tla-ssv.pc"
    files = {lib / name: content for name, content in libraries.items()}
    for path, content in {**headers, pkg_config: _PKG_CONFIG.encode(), **files}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, content, EVERYBODY)
    return Built(folder, bits, compiled, tuple(files), tuple(headers), pkg_config)


_PKG_CONFIG: Final = f"""\
prefix=${{pcfiledir}}/../..
libdir=${{prefix}}/lib
includedir=${{prefix}}/include

Name: tla-ssv
Description: SSV and SGD for a simulated SESAM-Vitale reader
Version: {VERSION}
Libs: -L${{libdir}} -Wl,-rpath,${{libdir}} -lssvlux -lsgdlux
Cflags: -I${{includedir}}
"""


@dataclass(frozen=True)
class _Compiler:
    """A C compiler with its arguments."""

    command: Sequence[str]
    bits: int
    flags: tuple[str, ...]

    def check(self) -> None:
        """Compile and link a trial program. Raises NoCompiler."""
        if not self.command or shutil.which(self.command[0]) is None:
            raise NoCompiler(
                "There is no C compiler {name}",
                "Install the package gcc, such as with apt install gcc",
                name=self.command[0] if self.command else "",
            )
        with tempfile.TemporaryDirectory(prefix="tla-ssv-") as scratch:
            (Path(scratch) / "trial.c").write_text(_TRIAL)
            ran = self._run(scratch, f"-DBITS={self.bits}", "trial.c", "-pthread", "-o", "trial")
        if ran.returncode == 0:
            return
        package = "gcc-multilib" if self.bits == 32 else "libc6-dev"
        raise NoCompiler(
            "The C compiler {name} makes no programs of {bits} bits: {said}",
            "Install the package {package}, such as with apt install {package}",
            name=self.command[0],
            bits=self.bits,
            said=_first_error(ran),
            package=package,
        )

    def compile(self) -> dict[str, bytes]:
        """Return every library by its name. Raises BuildFailed."""
        with tempfile.TemporaryDirectory(prefix="tla-ssv-") as scratch:
            folder = Path(scratch)
            write_sources(folder)
            wanted = library_files(self.bits)
            for source in dict.fromkeys(name for each in wanted for name in each.recipe.sources):
                path = source if (folder / source).is_file() else str(SOURCES / source)
                places = ("-I.", f"-I{SOURCES}", f"-ffile-prefix-map={SOURCES}=.")
                self._done(scratch, *COMPILE_FLAGS, *self.flags, *places, "-c", path, "-o", f"{source}.o")
            for each in wanted:
                self._link(scratch, each)
            return {each.name: (folder / each.name).read_bytes() for each in wanted}

    def _link(self, scratch: str, file: LibraryFile) -> None:
        named = (f"-Wl,-soname,{file.name}", "-o", file.name)
        objects = (f"{source}.o" for source in file.recipe.sources)
        self._done(scratch, *LINK_FLAGS, *self.flags, *objects, *file.needed, *named)

    def _done(self, folder: str, *arguments: str) -> None:
        ran = self._run(folder, *arguments)
        if ran.returncode != 0:
            raise BuildFailed(
                "The C compiler fails: {said}",
                "Name another compiler in CC",
                said=_first_error(ran),
            )

    def _run(self, folder: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        width = (f"-m{self.bits}",) if platform.machine() in _X86 else ()
        # English messages, whose errors can be told from the rest.
        environment = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(
            (*self.command, *width, *arguments),
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def _first_error(ran: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in ran.stderr.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return ((errors or lines or [f"exit code {ran.returncode}"])[0])[:_MOST_SHOWN]
