"""Compiling the libraries: what they export, what is written, and what is said where that fails."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.integration.ssv.library_kit import STRICT, built_once, compile_program
from tla_sim.host.ssv import build as building
from tla_sim.host.ssv.build import BITS, BuildFailed, Built, NoCompiler, build
from tla_sim.host.ssv.headers import header_files
from tla_sim.host.ssv.libraries import FUNCTIONS, SOURCES, library_files
from tla_sim.protocol.sentence import Sentence

NAMES: Final = {"libsgdlux.so", "libssvlux.so", "libsgdlux64.so", "libssvlux64.so"}
WIDTHS: Final = BITS if platform.machine() == "x86_64" else (64,)
LIBRARY_NAMES: Final = {
    64: {each.name for each in library_files(64)},
    32: {each.name for each in library_files(32)},
}


@pytest.fixture(scope="module", params=WIDTHS, ids=lambda bits: f"{bits} bits")
def built(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Built:
    return built_once(tmp_path_factory, f"libraries of {request.param}", request.param)


def output(*command: str | Path) -> str:
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_libraries_have_the_names_that_programs_are_linked_to(built: Built) -> None:
    assert {each.name for each in built.libraries} == LIBRARY_NAMES[built.bits]
    assert LIBRARY_NAMES[64] >= NAMES
    assert not [name for name in LIBRARY_NAMES[32] if "64" in name]
    for each in built.libraries:
        told = output("readelf", "-d", each)
        assert re.findall(r"\(SONAME\).*\[(.*)\]", told) == [each.name]
        assert re.findall(r"\(RUNPATH\).*\[(.*)\]", told) == ["$ORIGIN"]
        assert f"ELF{built.bits}" in output("readelf", "-h", each)


def test_each_library_needs_the_one_of_its_own_naming(built: Built) -> None:
    for file in library_files(built.bits):
        told = output("readelf", "-d", built.folder / "lib" / file.name)
        needed = set(re.findall(r"\(NEEDED\).*\[(lib\w+lux\w*\.so)\]", told))
        assert needed == set(file.needed)


def test_each_library_exports_what_is_declared_and_no_other_name(built: Built) -> None:
    for file in library_files(built.bits):
        told = output("nm", "-D", "--defined-only", built.folder / "lib" / file.name)
        assert {line.split()[-1] for line in told.splitlines()} == file.recipe.exports


def test_the_libraries_are_hardened(built: Built) -> None:
    for each in built.libraries:
        told = output("readelf", "-lWd", each)
        assert "GNU_RELRO" in told
        assert "NOW" in told
        assert not re.search(r"GNU_STACK .*E", told.replace("RW ", ""))
        assert "TEXTREL" not in told


PROGRAM: Final = """\
#include <stdio.h>
{includes}

typedef void (*anything)(void);
static const anything FUNCTIONS[] = {{
{addresses}
}};

int main(void)
{{
    const size_t count = sizeof FUNCTIONS / sizeof *FUNCTIONS;
    size_t at, size;
    void *zone = NULL;

    for (at = 0; at < count; at++)
        if (FUNCTIONS[at] == NULL)
            return 1;
    if (SSV_AllouerZoneMem(&zone, 10) != SSV_CODE_DONE)
        return 2;
    SSV_LibererZoneMem(zone);
    printf("%u %u %04X\\n", (unsigned)count, (unsigned)sizeof(void *) * 8, SSV_LireConfig(&zone, &size));
    return 0;
}}
"""


@pytest.mark.parametrize(("language", "standard"), [("c", "-std=c11"), ("cc", "-std=c++11")])
def test_a_program_takes_the_address_of_every_function(
    built: Built, tmp_path: Path, language: str, standard: str
) -> None:
    source = tmp_path / f"program.{language}"
    includes = "\n".join(f"#include <{each.name}>" for each in built.headers)
    cast = "(anything)" if language == "c" else "reinterpret_cast<anything>"
    addresses = ",\n".join(f"    {cast}({each.name})" for each in FUNCTIONS)
    source.write_text(PROGRAM.format(includes=includes, addresses=addresses))
    program = compile_program(source, tmp_path / "program", built, standard)
    assert output(program) == f"{len(FUNCTIONS)} {built.bits} F600\n"


def test_a_program_is_built_with_the_line_that_is_told(built: Built, tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text(
        "#include <ssv.h>\nint main(void) { return SSV_TermLIB() != 0xF600; }\n"
    )
    subprocess.run(built.link_line, shell=True, cwd=tmp_path, check=True)
    output(tmp_path / "a.out")


def test_a_program_is_built_with_pkg_config_wherever_the_folder_lies(built: Built) -> None:
    told = built.pkg_config.read_text()
    assert "prefix=${pcfiledir}/../..\n" in told
    for part in ("-L${libdir}", "-lssvlux -lsgdlux", "-I${includedir}"):
        assert part in told


def test_the_headers_are_those_of_the_declarations(built: Built) -> None:
    assert {each.name: each.read_text("utf-8") for each in built.headers} == header_files()


def test_the_sources_compile_strictly(tmp_path: Path) -> None:
    assert build(tmp_path, flags=STRICT).compiled


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NoCompiler) as caught:
        build(tmp_path / "out", environment={"CC": "no-such-compiler"})
    assert caught.value.message == "There is no C compiler no-such-compiler"
    assert "gcc" in caught.value.action
    assert not (tmp_path / "out").exists()


def test_a_compiler_without_32_bits_says_what_to_install(tmp_path: Path) -> None:
    compiler = tmp_path / "compiler"
    compiler.write_text("#!/bin/sh\necho 'fatal error: bits/libc-header-start.h: No such file' >&2\nexit 1\n")
    compiler.chmod(0o755)
    with pytest.raises(NoCompiler) as caught:
        build(tmp_path / "out", 32, environment={"CC": str(compiler)})
    assert "gcc-multilib" in caught.value.action
    assert "libc-header-start.h" in caught.value.message


def test_a_compiler_that_fails_leaves_what_is_there(tmp_path: Path) -> None:
    kept = tmp_path / "lib" / "libssvlux.so"
    kept.parent.mkdir()
    kept.write_bytes(b"old")
    with pytest.raises(BuildFailed) as caught:
        build(tmp_path, flags=("-no-such-flag",))
    assert "no-such-flag" in caught.value.message
    assert kept.read_bytes() == b"old"
    assert list(tmp_path.rglob("*.so")) == [kept]


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(NotADirectoryError, match="out"):
        build(tmp_path / "out")


def test_libraries_that_came_along_are_copied_where_there_is_no_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = tmp_path / "built"
    (carried / "64").mkdir(parents=True)
    (carried / "64/libssvlux.so").write_bytes(b"carried")
    monkeypatch.setattr(building, "CARRIED", carried)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    built = build(tmp_path / "out", environment={"CC": "no-such-compiler"})
    assert not built.compiled
    assert (tmp_path / "out/lib/libssvlux.so").read_bytes() == b"carried"
    assert {each.name for each in built.headers} == set(header_files())
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(NoCompiler):
        build(tmp_path / "out", environment={"CC": "no-such-compiler"})


def test_what_is_not_for_this_system_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(BuildFailed) as caught:
        build(tmp_path)
    assert caught.value.message == Sentence("The libraries are for Linux alone")


def test_every_source_by_hand_belongs_to_a_library() -> None:
    used = {name for each in library_files(64) for name in each.recipe.sources}
    assert {each.name for each in SOURCES.glob("*.c")} <= used
