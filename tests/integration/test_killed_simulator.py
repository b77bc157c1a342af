"""A simulator that is killed with `kill -9` in mid-command, and one that is held up: what comes of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.serving import PATIENCE, wait_for
from tests.integration.simulator import environment
from tla_sim.reader_fw.serve.leftovers import remove_leftovers
from tla_sim.reader_fw.serve.stable_link import StableLink
from tla_sim.tools.cards.file import save_card
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import MAYA

AT_ONCE = 10.0
SIMULATE = "import sys; from tla_sim.tools.cli.entry import main; sys.exit(main())"
IN_A_USER_NAMESPACE = f"import os; os.geteuid = lambda: 65534; {SIMULATE}"
"""What somebody runs who is not root."""
ASK_FOR_THE_CODE = """
from smartcard.System import readers
while True:
    try:
        connection = readers()[2].createConnection()
        connection.connect()
        break
    except Exception:
        pass
connection.transmit([0x80, 0x24, 0, 0, 3, 0, 0, 0])
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, of a name short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="tla-") as name:
        monkeypatch.setattr(tempfile, "tempdir", name)
        yield Path(name)


@contextmanager
def simulating(
    program: str, home: Path, *arguments: str | Path
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`tla sim` in this folder for temporary files, and what it printed once the reader is there."""
    with subprocess.Popen(
        [sys.executable, "-c", program, "sim", "--state", home / "state", "--seed", "1", *arguments],
        env={**environment(), "TMPDIR": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            while "ATTENTE ORDRE" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            yield process, said
        finally:
            process.kill()


def _pcscd_of(home: Path) -> list[int]:
    """The private services whose configuration is in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if words[:1] == [b"pcscd"] and any(word.startswith(os.fsencode(home)) for word in words):
            found.append(int(entry.name))
    return found


@contextmanager
def _asking_for_the_code(process: subprocess.Popen[str], socket: str) -> Iterator[None]:
    """A program that reached the reader by PC/SC, while the code porteur is asked for on the reader."""
    variables = {**os.environ, "PCSCLITE_CSOCK_NAME": socket}
    with subprocess.Popen([sys.executable, "-c", ASK_FOR_THE_CODE], env=variables) as client:
        try:
            assert process.stdout is not None
            while "CODE PORTEUR" not in process.stdout.readline():
                assert process.poll() is None
            yield
        finally:
            client.kill()


def test_a_simulator_that_answers_its_pcscd_too_late_starts_it_anew(home: Path) -> None:
    card = home / "ps.card"
    save_card(card, ps_image(MAYA).build())
    with simulating(SIMULATE, home, "--link", f"ccid:{home / 'tla'}", "--pcscd", "--cps", card) as (
        process,
        said,
    ):
        socket = re.search(r"PCSCLITE_CSOCK_NAME=(\S+)", said)
        assert socket is not None
        process.send_signal(signal.SIGSTOP)
        wait_for(
            lambda: any("init failed" in log.read_text() for log in home.glob("tla-pcscd-*/log")), AT_ONCE
        )
        process.send_signal(signal.SIGCONT)
        with _asking_for_the_code(process, socket[1]):
            assert len(_pcscd_of(home)) == 1


@pytest.mark.parametrize("program", [SIMULATE, IN_A_USER_NAMESPACE], ids=["as-is", "user-namespace"])
def test_its_private_pcscd_ends_with_it_in_mid_command_and_the_next_start_clears_up(
    home: Path, program: str
) -> None:
    card = home / "ps.card"
    save_card(card, ps_image(MAYA).build())
    link = home / "tla"
    with simulating(program, home, "--link", f"ccid:{link}", "--pcscd", "--cps", card) as (process, said):
        socket = re.search(r"PCSCLITE_CSOCK_NAME=(\S+)", said)
        assert socket is not None
        with _asking_for_the_code(process, socket[1]):
            assert len(_pcscd_of(home)) == 1
            process.kill()
            killed = time.monotonic()
            wait_for(lambda: not _pcscd_of(home), AT_ONCE)
        assert time.monotonic() - killed < AT_ONCE
    left = {path.name for path in home.iterdir()}
    assert {"tla", "tla.conf", "tla.comm"} < left
    assert any(name.startswith("tla-pcscd-") for name in left)
    other = StableLink(home / "other", "/dev/null")
    left = {path.name for path in home.iterdir()}
    assert not {name for name in left if name.startswith("tla") and not name.startswith("tla-made")}
    other.remove()


def test_what_runs_and_what_somebody_changed_is_left_alone(home: Path) -> None:
    with simulating(SIMULATE, home, "--link", f"ccid:{home}/changed", "--link", f"pty:{home}/line") as (
        process,
        _,
    ):
        mine = StableLink(home / "mine", "/dev/null")
        assert (home / "changed").is_symlink()
        assert (home / "line").is_symlink()
        process.kill()
        process.wait(PATIENCE)
    (home / "changed.conf").write_text("mine")
    (home / "line").unlink()
    (home / "line").symlink_to("/dev/null")
    remove_leftovers()
    assert not (home / "changed").is_symlink()
    assert (home / "changed.conf").read_text() == "mine"
    assert (home / "line").is_symlink()
    assert (home / "mine").is_symlink()
    mine.remove()
    assert not (home / "mine").is_symlink()


def test_a_folder_of_notes_that_others_can_write_is_not_used(home: Path) -> None:
    folder = home / f"tla-made-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "note").write_text(f'["folder", "{home}", ""]')
    link = StableLink(home / "link", "/dev/null")
    assert (home / "link").is_symlink()
    assert [path.name for path in folder.iterdir()] == ["note"]
    link.remove()
