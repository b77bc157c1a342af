"""libssvlux in C programs under sanitizers and valgrind: hostile arguments, and garbage from the server."""

from __future__ import annotations

import os
import random
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import SEED
from tests.integration.ssv.calls_program import callers_source, program_source
from tests.integration.ssv.fake_server import Call, FakeServer, answer_usually, usual_outputs
from tests.integration.ssv.library_kit import SANITIZED, built_once, compile_program, environment
from tla_sim.host.ssv.build import Built
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Library
from tla_sim.host.ssv.frames import build_answer, build_frame
from tla_sim.host.ssv.functions import AT_SERVER
from tla_sim.host.ssv.libraries import FUNCTIONS, RECIPES, SOURCES, write_sources

HERE: Final = Path(__file__).parent
VALGRIND: Final = ("valgrind", "-q", "--error-exitcode=9", "--leak-check=full")
RACES: Final = ("-fsanitize=thread", "-g", "-O1")
LENIENT: Final = ("-std=c11", "-Wno-conversion", "-Wno-unused-variable")
"""Not every mistake uses every variable of a call."""
LONGEST_WAIT: Final = 300
OURS: Final = (Library.SGD, Library.SSV)
GARBAGE_CODES: Final = {f"{code:04X}" for code in (SsvCode.DONE, SsvCode.ABANDONED, SsvCode.INCOHERENT)}
Make = Callable[[str, int, tuple[str, ...]], Path]


@pytest.fixture
def make(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """The program, with libraries and itself compiled so."""

    def compiled(name: str, bits: int, flags: tuple[str, ...]) -> Path:
        built = built_once(tmp_path_factory, f"libraries {name} {bits}", bits, flags)
        source = tmp_path / "calls.c"
        source.write_text(program_source())
        return compile_program(source, tmp_path / "calls", built, *LENIENT, *flags)

    return compiled


def run(*command: str | Path, socket_path: Path, seconds: int = 30) -> dict[str, int]:
    """Return how often each code came. The program must end well and without a report."""
    done = subprocess.run(
        [str(each) for each in command],
        env=environment(socket_path, seconds),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_WAIT,
    )
    assert done.returncode == 0, done.stderr[:5000]
    assert done.stderr == ""
    return {code: int(times) for code, times in map(str.split, done.stdout.splitlines())}


def garbage(seed: str) -> Callable[[socket.socket, Call], bool]:
    """Answer by chance: soundly, with bytes cut, flipped, added or random, or not at all."""
    chance = random.Random(seed)

    def spoilt(answer: bytes) -> bytes:
        raw = bytearray(answer)
        match chance.randrange(5):
            case 0:
                del raw[chance.randrange(len(raw)) :]
            case 1:
                raw += chance.randbytes(chance.randrange(1, 20))
            case 2:
                raw[2:] = chance.randbytes(chance.randrange(40))
            case 3:
                raw = bytearray(chance.randbytes(chance.randrange(40)))
            case _:
                for _ in range(chance.randrange(1, 4)):
                    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        return bytes(raw)

    def answer(connection: socket.socket, call: Call) -> bool:
        sound = build_answer(call.function, 0, usual_outputs(call.function))
        choice = chance.randrange(10)
        if choice < 2:
            return answer_usually(connection, call)
        if choice == 2:
            return False
        if choice == 3:
            connection.sendall(chance.randbytes(4) + sound)
            return False
        connection.sendall(build_frame(spoilt(sound)))
        return True

    return answer


@pytest.mark.parametrize("bits", [64, 32])
def test_hostile_arguments_have_their_codes_and_touch_nothing(
    make: Make, server: FakeServer, bits: int
) -> None:
    program = make("sanitized", bits, SANITIZED)
    assert run(program, "calls", "1", socket_path=server.path) == {"0000": 2 * len(AT_SERVER)}
    assert run(program, "hostile", socket_path=server.path) == {}


def test_garbage_from_the_server_harms_nothing(make: Make, server: FakeServer) -> None:
    server.manner = garbage(os.environ[SEED])
    seen = run(make("sanitized", 64, SANITIZED), "calls", "40", socket_path=server.path)
    # A code of two spoilt bytes is any code.
    assert sum(seen.values()) == 40 * 2 * len(AT_SERVER)
    assert set(seen) >= GARBAGE_CODES


def test_threads_never_race(make: Make, server: FakeServer) -> None:
    program = make("for threads", 64, RACES)
    assert run(program, "threads", "20", socket_path=server.path) == {"0000": 20 * 4 * 2 * len(AT_SERVER)}


def test_valgrind_finds_nothing(make: Make, server: FakeServer, built: Built) -> None:
    assert built.bits == 64
    program = make("plain", 64, ("-g", "-O1"))
    assert run(*VALGRIND, program, "hostile", socket_path=server.path) == {}
    server.manner = garbage(f"{os.environ[SEED]} for valgrind")
    assert run(*VALGRIND, program, "calls", "5", socket_path=server.path)


def test_every_function_has_a_call_in_a_c_program() -> None:
    programs = program_source() + "".join(each.read_text() for each in sorted(HERE.glob("*.c")))
    called = set(re.findall(r"\b(\w+)\(", programs))
    assert {each.name for each in FUNCTIONS} <= called


def test_no_memory_of_the_library_holds_a_code_porteur(
    built: Built, server: FakeServer, tmp_path: Path
) -> None:
    """Whatever happens to a call: answered, refused, or left by a server that goes away."""
    program = compile_program(HERE / "code_in_memory.c", tmp_path / "program", built, "-std=c11")
    trace = tmp_path / "trace"
    chance = random.Random(os.environ[SEED])

    def waver(connection: socket.socket, call: Call) -> bool:
        return chance.random() < 0.7 and answer_usually(connection, call)

    server.manner = waver
    done = subprocess.run(
        [program, trace], input=b"83719265", env=environment(server.path), capture_output=True, check=True
    )
    assert done.stdout == b"1 0\n"
    assert len(server.calls) == 12
    assert trace.read_text().count(" -> ") >= 13
    assert "83719265" not in trace.read_text()


def answer_fuzzer(folder: Path) -> Path:
    """Compile the target, without what speaks to a real socket."""
    write_sources(folder)
    (folder / "callers.h").write_text(callers_source())
    names = dict.fromkeys(name for recipe in RECIPES if recipe.library in OURS for name in recipe.sources)
    places = (folder / name if (folder / name).exists() else SOURCES / name for name in names)
    sources = [str(each) for each in places if each.name not in ("link.c", "stream.c", "place.c")]
    flags = ("-g", "-O1", "-fsanitize=address,undefined,fuzzer", "-fno-sanitize-recover=all", "-pthread")
    command = ["clang-14", *flags, f"-I{folder}", f"-I{SOURCES}", str(HERE / "answer_fuzz.c"), *sources]
    done = subprocess.run([*command, "-o", str(folder / "fuzz")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "fuzz"


@pytest.mark.soak
def test_whatever_bytes_come_as_an_answer(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, function in enumerate(AT_SERVER):
        sound = build_answer(function, 0, usual_outputs(function))
        for twin in (0, 1):
            (seeds / f"{number}-{twin}").write_bytes(bytes([2 * number + twin]) + sound)
    seconds = max(1, round(pytestconfig.getoption("--soak")))
    options = (f"-max_total_time={seconds}", f"-seed={os.environ[SEED]}", f"-artifact_prefix={tmp_path}/")
    done = subprocess.run(
        [answer_fuzzer(tmp_path), *options, "-max_len=4096", "-verbosity=0", seeds],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + LONGEST_WAIT,
    )
    found = [each.read_bytes().hex() for each in tmp_path.iterdir() if each.name.startswith(("crash", "oom"))]
    assert (done.returncode, found) == (0, []), done.stderr
