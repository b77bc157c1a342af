"""libsgdlux and files: values from and to files, and the trace, which says nothing of what fields hold."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.host.ssv.sgd_kit import Sgd
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.protocol.groups.zone import ZoneData, decode_zone_data, encode_zone_data

UNDECLARED: Final = 7_000
MOST: Final = 65_532
ALL, SGD, UNKNOWN = 0, 1, 2
NOTHING, FAILURES, EVERYTHING = 0, 1, 2


@pytest.fixture
def session(sgd: Sgd) -> Iterator[int]:
    number = sgd.session(200_000)
    yield number
    assert sgd.call("SGD_LibererSession", number) is SsvCode.DONE


@pytest.fixture
def _no_trace_afterwards(sgd: Sgd) -> Iterator[None]:
    yield
    assert sgd.call("SGD_InitTrace", None, None, ALL, NOTHING) is SsvCode.DONE


def from_file(sgd: Sgd, session: int, path: Path | str) -> SsvCode:
    return sgd.call("SGD_AjouterChampFichier", session, os.fsencode(path))


def to_file(sgd: Sgd, session: int, path: Path | str, number: int = UNDECLARED) -> SsvCode:
    return sgd.call("SGD_LireChampFichier", session, number, 1, 1, os.fsencode(path))


@pytest.mark.parametrize("content", [b"", b"\0\xff", bytes(MOST)])
def test_a_field_takes_the_bytes_of_a_file_and_gives_them_back(
    sgd: Sgd, session: int, tmp_path: Path, content: bytes
) -> None:
    path, other = tmp_path / "value", tmp_path / "written"
    path.write_bytes(content)
    sgd.add(session, UNDECLARED)
    assert from_file(sgd, session, path) is SsvCode.DONE
    zone = sgd.input(session)
    assert decode_zone_data(zone) == (ZoneData(UNDECLARED, (content,)),)
    assert sgd.give(session, zone) is SsvCode.DONE
    assert to_file(sgd, session, other) is SsvCode.DONE
    assert other.read_bytes() == content
    assert stat.S_IMODE(other.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["value", "written"]


def test_a_file_follows_what_its_field_takes(sgd: Sgd, session: int, tmp_path: Path) -> None:
    path = tmp_path / "value"
    sgd.add(session, 105)
    for content, code in (
        (b"2" * 13, SsvCode.INPUT),
        (b"\xc9", SsvCode.INPUT),
        (b"201901010000", SsvCode.DONE),
    ):
        path.write_bytes(content)
        assert from_file(sgd, session, path) is code
    path.write_bytes(bytes(MOST + 1))
    sgd.add(session, UNDECLARED)
    assert from_file(sgd, session, path) is SsvCode.INPUT


def test_what_is_no_readable_file_is_refused_at_once(sgd: Sgd, session: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    sgd.add(session, UNDECLARED)
    for path in (
        "",
        tmp_path,
        tmp_path / "absent",
        tmp_path / "pipe",
        tmp_path / "loop",
        "/dev/zero",
        "x" * 9_999,
    ):
        assert from_file(sgd, session, path) is SsvCode.INPUT
    assert sgd.call("SGD_AjouterChampFichier", session, None) is SsvCode.INPUT
    assert decode_zone_data(sgd.input(session)) == (ZoneData(UNDECLARED, ()),)


def test_a_file_that_cannot_be_replaced_stays(sgd: Sgd, session: int, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert sgd.give(session, encode_zone_data([ZoneData(UNDECLARED, (b"new",))])) is SsvCode.DONE
    for path in ("", tmp_path, tmp_path / "absent/value", tmp_path / "pipe", "/dev/null", "x" * 9_999):
        assert to_file(sgd, session, path) is SsvCode.OUTPUT
    assert sgd.call("SGD_LireChampFichier", session, UNDECLARED, 1, 1, None) is SsvCode.INPUT
    assert to_file(sgd, session, tmp_path / "value", UNDECLARED + 1) is SsvCode.NO_GROUP
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


FULL_DISK: Final = """
import os, resource, signal, sys
from pathlib import Path
from tests.host.ssv.sgd_kit import Sgd
from tests.host.ssv.test_sgd_files import UNDECLARED, to_file
from tla_sim.protocol.groups.zone import ZoneData, encode_zone_data

library, folder = map(Path, sys.argv[1:])
sgd = Sgd(library)
session = sgd.session()
sgd.give(session, encode_zone_data([ZoneData(UNDECLARED, (bytes(60_000),))]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
code = to_file(sgd, session, folder / "value")
print(hex(code), (folder / "value").read_bytes(), os.listdir(folder))
"""


def test_a_full_disk_leaves_the_old_file(sgd: Sgd, tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(sgd.path), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert (done.stdout, done.stderr) == ("0xf800 b'old' ['value']\n", "")


# The trace.


def trace(sgd: Sgd, path: Path, mode: str = "w", module: int = ALL, level: int = EVERYTHING) -> SsvCode:
    return sgd.call("SGD_InitTrace", os.fsencode(path), mode.encode(), module, level)


def lines(path: Path) -> list[str]:
    """Return the trace without time and thread."""
    found = []
    for line in path.read_text("ascii").splitlines():
        head = re.fullmatch(r"\d+\.\d{6} \d+ (.+)", line)
        assert head is not None, line
        found.append(head[1])
    return found


@pytest.mark.usefixtures("_no_trace_afterwards")
def test_the_trace_has_numbers_and_lengths_and_nothing_that_fields_hold(
    sgd: Sgd, session: int, tmp_path: Path
) -> None:
    path, secret = tmp_path / "trace", tmp_path / "DUPONT"
    assert trace(sgd, path) is SsvCode.DONE
    sgd.add(session, 104)
    assert sgd.call("SGD_AjouterChamp", session, b"DUPONT") is SsvCode.DONE
    assert sgd.call("SGD_AjouterChampBin", session, b"DUPONT", 6) is SsvCode.DONE
    secret.write_text("DUPONT")
    assert from_file(sgd, session, secret) is SsvCode.DONE
    assert sgd.give(session, sgd.input(session)) is SsvCode.DONE
    assert sgd.next(session, 0, 0) == (SsvCode.DONE, 104, 1)
    assert sgd.read(session, 104, 1, 2)[0] is SsvCode.DONE
    assert sgd.read(session, 104, 1, 9)[0] is SsvCode.NO_GROUP
    assert to_file(sgd, session, secret, 104) is SsvCode.DONE
    assert lines(path) == [
        "SGD_InitTrace module=0 level=2 -> 0000",
        f"SGD_AjouterGroupe session={session:04X} group=104 -> 0000",
        f"SGD_AjouterChamp session={session:04X} length=6 -> 0000",
        f"SGD_AjouterChampBin session={session:04X} length=6 -> 0000",
        f"SGD_AjouterChampFichier session={session:04X} length=6 -> 0000",
        f"input session={session:04X} size=24 -> 0000",
        f"output session={session:04X} size=24 -> 0000",
        f"SGD_LireGroupeSuivant session={session:04X} after=0/0 found=104/1 -> 0000",
        f"SGD_LireChamp session={session:04X} group=104/1 field=2 length=6 -> 0000",
        f"SGD_LireChamp session={session:04X} group=104/1 field=9 length=0 -> F805",
        f"SGD_LireChampFichier session={session:04X} group=104/1 field=1 length=6 -> 0000",
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.usefixtures("_no_trace_afterwards")
def test_a_trace_of_failures_can_be_continued_and_ended(sgd: Sgd, tmp_path: Path) -> None:
    path = tmp_path / "trace"
    failure = "SGD_LibererSession session=0000 -> F807"
    for mode, expected in (("w", 1), ("a", 2), ("w", 1)):
        assert trace(sgd, path, mode, SGD, FAILURES) is SsvCode.DONE
        assert sgd.call("SGD_LibererSession", sgd.session()) is SsvCode.DONE
        assert sgd.call("SGD_LibererSession", 0) is SsvCode.BAD_SESSION
        assert lines(path) == [failure] * expected
    assert sgd.call("SGD_InitTrace", None, None, ALL, NOTHING) is SsvCode.DONE
    assert sgd.call("SGD_LibererSession", 0) is SsvCode.BAD_SESSION
    assert lines(path) == [failure]


@pytest.mark.usefixtures("_no_trace_afterwards")
def test_a_trace_that_cannot_be_begun_leaves_the_present_one(sgd: Sgd, tmp_path: Path) -> None:
    path = tmp_path / "trace"
    os.mkfifo(tmp_path / "pipe")
    assert trace(sgd, path, level=FAILURES) is SsvCode.DONE
    assert trace(sgd, tmp_path / "other", module=UNKNOWN) is SsvCode.TRACE_MODULE
    for bad in (tmp_path, tmp_path / "absent/trace", tmp_path / "pipe", Path("/dev/null"), Path("x" * 9_999)):
        assert trace(sgd, bad) is SsvCode.TRACE_FILE
    for mode in ("", "r", "wb", "w" * 9_999):
        assert trace(sgd, tmp_path / "other", mode) is SsvCode.TRACE_FILE
    assert sgd.call("SGD_InitTrace", None, b"w", ALL, FAILURES) is SsvCode.TRACE_FILE
    assert sgd.call("SGD_InitTrace", os.fsencode(path), None, ALL, FAILURES) is SsvCode.TRACE_FILE
    assert not (tmp_path / "other").exists()
    assert [line.rpartition(" ")[2] for line in lines(path)] == ["D200", *["D201"] * 11]


@pytest.mark.usefixtures("_no_trace_afterwards")
def test_a_file_of_the_programs_own_gets_nothing_of_the_trace(sgd: Sgd, tmp_path: Path) -> None:
    path = tmp_path / "trace"
    assert trace(sgd, path) is SsvCode.DONE
    (opened,) = (int(each.name) for each in Path("/proc/self/fd").iterdir() if each.resolve() == path)
    os.close(opened)
    theirs = tmp_path / "theirs"
    with theirs.open("w") as file:
        assert file.fileno() == opened
        assert sgd.call("SGD_LibererSession", 0) is SsvCode.BAD_SESSION
        assert trace(sgd, tmp_path / "anew") is SsvCode.DONE
        file.write("mine")
    assert theirs.read_text() == "mine"
    assert lines(tmp_path / "anew")
