"""A C program of the GALSS, in 64 and 32 bits: cards, two programs at once, bad calls, a lost server."""

from __future__ import annotations

import os
import platform
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

import tla_sim
from tests.conftest import SEED
from tests.integration.serving import wait_for
from tests.integration.simulator import ROOT
from tests.integration.ssv.fake_server import send_raw, usual_outputs
from tests.integration.ssv.fake_server import serving as serving_anything
from tests.made_once import made_once
from tests.ssv_server_kit import service_on, serving
from tla_sim.host.ssv.build import build
from tla_sim.host.ssv.frames import build_answer, build_frame
from tla_sim.host.ssv.galss_functions import GALSS_FUNCTIONS
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.atr import PS_ATR, VITALE_ATR
from tla_sim.reader_fw.cards.card import Card
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.faults.cards import FaultyCard

SOURCE: Final = Path(__file__).with_name("galss_program.c")
PAGE: Final = ROOT / "docs/how-to/galss.md"
STRICT: Final = ("-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion", "-pedantic")
SANITIZED: Final = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
BITS: Final = (64, 32) if platform.machine() == "x86_64" else (64,)
VALGRIND: Final = ("valgrind", "-q", "--error-exitcode=9", "--leak-check=full")
ANSWERS: Final = 40
"""Spoilt answers to each function."""
PATIENCE: Final = 60.0
SECONDS: Final = 1
"""What shortens every wait for the server, in seconds."""


def program(factory: pytest.TempPathFactory, bits: int = 64, flags: tuple[str, ...] = ()) -> Path:
    """Return the program, linked to libraries that were built the same way, beside the page's own program."""

    def make(folder: Path) -> None:
        shown = PAGE.read_text("utf-8").partition("```c\n")[2].partition("```")[0]
        (folder / "shown.c").write_text(shown, "utf-8")
        lib = build(folder, bits, flags=(*STRICT, *flags)).folder / "lib"
        for source, name in ((SOURCE, "program"), (folder / "shown.c", "shown")):
            command = ["gcc", f"-m{bits}", *STRICT, *flags, f"-I{folder / 'include'}", str(source)]
            command += ["-o", str(folder / name), f"-L{lib}", "-lgalcllux", "-lgalinlux", "-pthread"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr

    return made_once(factory, f"galss-{bits}-{len(flags)}", make) / "program"


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of 64 bits as it is."""
    return program(tmp_path_factory)


@pytest.fixture
def reader() -> Iterator[tla_sim.SimulatedReader]:
    """A reader that has both cards."""
    with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
        reader.insert_ps("PIQURE2969")
        reader.insert_vitale("MARTIN")
        yield reader


@pytest.fixture
def socket(reader: tla_sim.SimulatedReader, tmp_path: Path) -> Iterator[Path]:
    """The socket of a server with that reader."""
    path = tmp_path / "server" / "socket"
    with serving(service_on(reader.transport, tmp_path), path):
        yield path


def environment(executable: Path, socket: Path) -> dict[str, str]:
    ours = {
        "TLA_SSV_SOCKET": str(socket),
        "TLA_SSV_SECONDS": str(SECONDS),
        "LD_LIBRARY_PATH": str(executable.parent / "lib"),
    }
    return os.environ | ours


def run(executable: Path, socket: Path, *words: str, under: tuple[str, ...] = ()) -> list[str]:
    """Return the lines that the program prints, which must end well and without a report."""
    done = subprocess.run(
        [*under, str(executable), *words],
        env=environment(executable, socket),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@contextmanager
def conversing(executable: Path, socket: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    """The program while it waits for lines."""
    with subprocess.Popen(
        [str(executable), mode],
        env=environment(executable, socket),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str], line: str) -> str:
    """Write a line, and return the one that comes back."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    return line_of(process)


@pytest.mark.parametrize("bits", BITS)
def test_cards_are_read_and_the_code_is_taken(
    tmp_path_factory: pytest.TempPathFactory, reader: tla_sim.SimulatedReader, socket: Path, bits: int
) -> None:
    executable = program(tmp_path_factory, bits)
    found = dict(line.split() for line in reversed(run(executable, socket, "cards", CODE)))
    card = reader.reader.board.slots.card(Slot.PS)
    assert isinstance(card, FaultyCard)
    assert isinstance(card.card, Card)
    image = card.card.image
    certificate = next(file for file in image.contents.files if file.fid == 0xA001).content
    assert found["serial"] == f"5A0A{image.contents.serial}"
    assert found["certificate"] == certificate.hex().upper()
    assert found["verify"] == "9000"
    assert found["ATR"] == PS_ATR.hex().upper()
    assert found["Vitale"].startswith("5A0A")
    assert run(executable, socket, "cards", "9999")[3] == "verify 63C2"


def test_the_program_of_the_page_powers_the_card(plain: Path, socket: Path) -> None:
    assert run(plain.with_name("shown"), socket) == ["state 3, counter 1, ATR of 17 bytes"]


def test_the_vitale_answers_its_own_reset(plain: Path, socket: Path) -> None:
    atrs = [line.split()[1] for line in run(plain, socket, "cards", CODE) if line.startswith("ATR")]
    assert atrs == [PS_ATR.hex().upper(), VITALE_ATR.hex().upper()]


@pytest.mark.parametrize("bits", BITS)
def test_structures_have_the_fields_sizes(
    tmp_path_factory: pytest.TempPathFactory, socket: Path, bits: int
) -> None:
    executable = program(tmp_path_factory, bits)
    assert run(executable, socket, "sizes") == ["26 8 90 44 46 11"]
    assert run(executable, socket, "resources") == [
        "CPS CPS 1 2 1 1 1 0",
        "TRANSPA1 CPS 1 2 1 1 1 0",
        "Log_SV Log_SV 0 2 1 1 1 0",
        "Vitale Vitale 2 2 1 1 1 0",
        "TRANSPA2 Vitale 2 2 1 1 1 0",
    ]


def test_a_second_program_waits_for_the_first_and_reads_what_it_left(plain: Path, socket: Path) -> None:
    with conversing(plain, socket, "hold") as first:
        assert line_of(first) == "held"
        with conversing(plain, socket, "wait") as second:
            assert line_of(second) == "0004 OPENSC_001 CPS"
            assert tell(first, "enough") == "given back"
            assert line_of(second) == "1076 07 65"
            assert second.wait(PATIENCE) == 0


def test_a_killed_program_holds_nothing(plain: Path, socket: Path) -> None:
    with conversing(plain, socket, "hold") as first:
        assert line_of(first) == "held"
        first.kill()
        first.wait(PATIENCE)
        with conversing(plain, socket, "wait") as second:
            assert line_of(second) in ("0000", "0004 OPENSC_001 CPS")
            assert line_of(second) == "1076 07 65"
            assert second.wait(PATIENCE) == 0


@pytest.mark.parametrize("bits", BITS)
def test_no_address_is_touched_that_is_not_the_librarys(
    tmp_path_factory: pytest.TempPathFactory, socket: Path, bits: int
) -> None:
    executable = program(tmp_path_factory, bits, SANITIZED)
    assert run(executable, socket, "hostile") == []
    assert run(executable, socket, "cards", CODE)


def test_valgrind_has_nothing_to_report(plain: Path, socket: Path) -> None:
    assert run(plain, socket, "hostile", under=VALGRIND) == []


def test_whatever_a_server_answers_touches_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    executable = program(tmp_path_factory, 64, SANITIZED)
    chance = random.Random(os.environ[SEED])
    path = tmp_path / "socket"
    with serving_anything(path) as server, conversing(executable, path, "calls") as ours:
        assert line_of(ours) == "0000"
        for function in GALSS_FUNCTIONS:
            sound = build_answer(function, 0, usual_outputs(function))
            assert tell(ours, function.name) == "0000"
            for _ in range(ANSWERS):
                server.manners = [send_raw(build_frame(spoil(sound, chance)))]
                assert tell(ours, function.name) in ("0000", "0001", "0004", "0010")
                server.manners = []
        assert ours.stdin is not None
        ours.stdin.close()
        assert ours.wait(PATIENCE) == 0


def spoil(body: bytes, chance: random.Random) -> bytes:
    """Return the body of an answer with code 0 or 4 that is cut, longer, or other than it was."""
    rest = bytearray(body[2:])
    match chance.randrange(4):
        case 0:
            del rest[chance.randrange(len(rest) + 1) :]
        case 1:
            rest += chance.randbytes(chance.randrange(1, 70_000))
        case 2:
            rest = bytearray(chance.randbytes(chance.randrange(300)))
        case _:
            for _ in range(chance.randrange(1, 4)):
                if rest:
                    rest[chance.randrange(len(rest))] = chance.randrange(256)
    return chance.choice((body[:2], b"\0\4")) + bytes(rest)


def test_threads_never_race(tmp_path_factory: pytest.TempPathFactory, socket: Path) -> None:
    assert run(program(tmp_path_factory, 64, ("-g", "-fsanitize=thread")), socket, "threads") == []


def test_a_child_has_sessions_of_its_own(plain: Path, socket: Path) -> None:
    assert run(plain, socket, "fork") == []
    assert run(plain, socket, "fork", under=VALGRIND) == []


@contextmanager
def served_apart(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A server in a process of its own, and its socket."""
    path = folder / "server" / "socket"
    command = [sys.executable, "-c", _SERVER, str(path), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert line_of(process) == "serving"
            yield process, path
        finally:
            process.kill()


_SERVER: Final = """
import sys, threading
from pathlib import Path
import tla_sim
from tests.conftest import SEED
from tests.integration.ssv.fake_server import send_raw, usual_outputs
from tests.integration.ssv.fake_server import serving as serving_anything
from tests.made_once import made_once
from tests.ssv_server_kit import service_on, serving
with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
    reader.insert_ps("PIQURE2969")
    with serving(service_on(reader.transport, Path(sys.argv[2])), Path(sys.argv[1])):
        print("serving", flush=True)
        threading.Event().wait()
"""


def stand_still(process: subprocess.Popen[str]) -> None:
    """Stop a process, and wait until it stands."""
    process.send_signal(signal.SIGSTOP)
    status = Path(f"/proc/{process.pid}/stat")
    wait_for(lambda: status.read_text().rpartition(") ")[2].startswith("T"))


def test_a_server_that_stands_still_or_is_gone_ends_every_call_with_its_code(
    plain: Path, tmp_path: Path
) -> None:
    names = [each.name for each in GALSS_FUNCTIONS]
    with served_apart(tmp_path) as (server, path), conversing(plain, path, "calls") as ours:
        assert line_of(ours) == "0000"
        answered = {name: tell(ours, name) for name in names if name != "FermerSession"}
        assert set(answered.values()) <= {"0000", "1000"}
        stand_still(server)
        began = time.monotonic()
        assert {tell(ours, name) for name in names} == {"0400"}
        assert time.monotonic() - began < len(names) * (SECONDS + 1)
        server.kill()
        server.wait(PATIENCE)
        assert {tell(ours, name) for name in names} == {"8002"}


def test_a_server_killed_in_mid_call_abandons_it(plain: Path, tmp_path: Path) -> None:
    with served_apart(tmp_path) as (server, path), conversing(plain, path, "calls") as ours:
        assert line_of(ours) == "0000"
        stand_still(server)
        assert ours.stdin is not None
        ours.stdin.write("Echange\n")
        ours.stdin.flush()
        wait_for(lambda: is_waiting(ours))
        server.kill()
        assert line_of(ours) == "0040"
        assert tell(ours, "LireVersion") == "8002"


def is_waiting(process: subprocess.Popen[str]) -> bool:
    """Whether a process waits for what a socket brings, not for a line."""
    return "poll" in Path(f"/proc/{process.pid}/wchan").read_text()


def test_sessions_end_with_the_server(plain: Path, tmp_path: Path) -> None:
    with served_apart(tmp_path) as (server, path), conversing(plain, path, "calls") as ours:
        assert line_of(ours) == "0000"
        server.kill()
        server.wait(PATIENCE)
        assert tell(ours, "Echange") == "8002"
        with served_apart(tmp_path):
            assert tell(ours, "Echange") == "1000"
            assert tell(ours, "OuvrirSession") == "0000"
