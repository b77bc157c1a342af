"""libsgdlux under sanitizers and valgrind, called with all that it should not be: no report, no hang."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import SEED
from tests.host.ssv.sgd_kit import compile_c, sgd_sources
from tla_sim.host.ssv.libraries import SOURCES
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.zone import ZoneData, encode_zone_data

HERE: Final = Path(__file__).parent
HOSTILE: Final = HERE / "sgd_hostile.c"
FUZZED: Final = (HERE / "zone_fuzz.c", SOURCES / "zone.c")
ADDRESSES: Final = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
WIDTHS: Final = ("-m64", "-m32") if platform.machine() == "x86_64" else ("",)
RACES: Final = ("-g", "-O1", "-fsanitize=thread")
VALGRIND: Final = ("valgrind", "-q", "--error-exitcode=9", "--leak-check=full")
CALLS: Final = "20000"
FEW_CALLS: Final = "1500"
"""For valgrind, which takes fifty times as long."""
LONGEST_WAIT: Final = 300
"""Seconds after which a program hangs."""


def run(*command: str | Path) -> str:
    """Return what a program prints, which must end well and without a report."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, check=False, timeout=LONGEST_WAIT
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def hostile(folder: Path, *flags: str) -> Path:
    return compile_c(folder / "hostile", [HOSTILE, *sgd_sources(folder)], *flags)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_address_is_touched_that_is_not_the_librarys(tmp_path: Path, width: str) -> None:
    program = hostile(tmp_path, *ADDRESSES, *width.split())
    for mode in ("calls", "random", "threads"):
        assert run(program, mode, tmp_path, CALLS) == f"{mode}\n"


def test_children_forked_amid_calls_use_their_sessions(tmp_path: Path) -> None:
    # Not with AddressSanitizer: its own memory may be locked for ever in a child of several threads.
    program = hostile(tmp_path, "-g", "-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all")
    assert run(program, "fork", tmp_path, CALLS) == "fork\n"


def test_threads_never_race(tmp_path: Path) -> None:
    assert run(hostile(tmp_path, *RACES), "threads", tmp_path, CALLS) == "threads\n"


def test_valgrind_has_nothing_to_report(tmp_path: Path) -> None:
    program = hostile(tmp_path, "-g", "-O1")
    for mode in ("calls", "random", "fork"):
        assert run(*VALGRIND, program, mode, tmp_path, FEW_CALLS) == f"{mode}\n"


def seeds(folder: Path) -> list[Path]:
    """Write zones, and what is nearly one, into a folder."""
    zones = [
        b"",
        bytes.fromhex("0065180154083538363636343235" + "0C323031353132333130303030"),
        bytes.fromhex("0065820003810141"),
        bytes.fromhex("000000"),
        *(
            encode_zone_data([ZoneData(number, (b"1",) * group.zone_count)] * 2)
            for number, group in DICTIONARY.items()
        ),
        *(encode_zone_data([ZoneData(7_000, (b"", bytes(size)))]) for size in (126, 127, 128, 253, 256)),
        encode_zone_data([ZoneData(number, (b"x",)) for number in (1, 256, 1, 257, 255, 1)]),
    ]
    for position, zone in enumerate(zones):
        (folder / f"{position:03}").write_bytes(zone)
    return sorted(folder.iterdir())


def test_zones_cut_short_or_changed_are_refused_or_read(tmp_path: Path) -> None:
    program = compile_c(tmp_path / "zone_fuzz", FUZZED, *ADDRESSES, "-DFUZZ_FILES")
    (tmp_path / "zones").mkdir()
    files = seeds(tmp_path / "zones")
    assert run(program, *files) == f"{len(files)} files\n"


@pytest.mark.soak
def test_whatever_bytes_come_as_a_zone(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    program = compile_c(tmp_path / "zone_fuzz", FUZZED, *ADDRESSES, "-fsanitize=fuzzer", compiler="clang-14")
    (tmp_path / "zones").mkdir()
    seeds(tmp_path / "zones")
    seconds = max(1, round(pytestconfig.getoption("--soak")))
    options = (f"-max_total_time={seconds}", f"-seed={os.environ[SEED]}", f"-artifact_prefix={tmp_path}/")
    done = subprocess.run(
        [str(program), *options, "-max_len=4096", "-verbosity=0", str(tmp_path / "zones")],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + LONGEST_WAIT,
    )
    found = [each.read_bytes().hex() for each in tmp_path.iterdir() if each.name.startswith(("crash", "oom"))]
    assert (done.returncode, found) == (0, []), done.stderr
