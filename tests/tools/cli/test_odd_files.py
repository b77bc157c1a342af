"""Something else in a file's place: every command that opens it says so, and waits for nobody."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import Result

from tests.scans import image_bytes, page
from tests.tools.cli.command_line import tla
from tests.tools.simulator.kept_kit import issue, make_reader, practice_tree
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.model import LedgerState
from tla_sim.host.whole_file import replace_file
from tla_sim.tools.cast.people import CODE

SECONDS = 30
"""After so many a command is held to wait for ever."""

Odd = Callable[[Path], None]


def as_fifo(path: Path) -> None:
    os.mkfifo(path)


def as_directory(path: Path) -> None:
    path.mkdir()


def as_socket(path: Path) -> None:
    # The name of a socket has room for a hundred characters only.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def as_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def as_loop(path: Path) -> None:
    path.symlink_to(path.name)


def as_giant(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(6 * 1024**3)


ODD: tuple[Odd, ...] = (as_fifo, as_directory, as_socket, as_device, as_loop, as_giant)


@contextmanager
def in_time() -> Iterator[None]:
    """Interrupt what waits for ever, an opening and a reading too."""

    def ring(*_: object) -> None:
        raise AssertionError("it waits for ever")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A practice: its file, cards, a reader with a card in its slot."""
    (tmp_path / "practice.json").write_text(json.dumps(practice_tree()))
    issue(tmp_path / "cards")
    make_reader(tmp_path / "reader")
    (card,) = (tmp_path / "cards").glob("cps-piqure*")
    slots = {"format": 1, "cps": str(card), "vitale": None}
    (tmp_path / "reader" / "slots.json").write_text(json.dumps(slots))
    return tmp_path


def run(home: Path, *arguments: str | Path) -> Result:
    """`tla` with the reader and ledger of that practice."""
    with in_time():
        return tla(
            *arguments,
            code=CODE,
            TLA_READER=f"state:{home / 'reader'}",
            TLA_LEDGER=str(home / "ledger.sqlite"),
        )


def first_invoice(home: Path) -> tuple[str, ...]:
    """What names an invoice of the ledger."""
    with Ledger.open(home / "ledger.sqlite") as ledger:
        first = ledger.documents()[0]
    return "--owner", first.owner, "--invoice", first.number


def put(odd: Odd, path: Path) -> None:
    """Put something odd in the place of a file."""
    path.unlink(missing_ok=True)
    odd(path)


def is_told(result: Result, path: Path, code: int = 2) -> None:
    """One sentence on standard error that names the file, and the exit code."""
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == code, (result.stdout, result.stderr)
    told = result.stderr or result.stdout
    assert path.name in told
    assert "Internal error" not in told
    # Of a practice file each error has a line of its own.
    assert len(told.strip().splitlines()) <= 2


@pytest.mark.share(7)
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["flash.bin", "flash.check", "device.key", "slots.json", "state.json"])
def test_in_the_place_of_a_part_of_the_reader(home: Path, name: str, odd: Odd) -> None:
    path = home / "reader" / name
    put(odd, path)
    for _ in range(2):
        is_told(run(home, "identify"), path)
        assert os.path.lexists(path), "what is odd is left for its owner to look at"
    with in_time():
        checked = tla("check", "--reader", f"state:{home / 'reader'}")
    assert checked.exit_code == 1


@pytest.mark.parametrize("odd", ODD[:-1])
def test_in_the_place_of_the_readers_lock(home: Path, odd: Odd) -> None:
    path = home / "reader" / "lock"
    put(odd, path)
    is_told(run(home, "identify"), path)


@pytest.mark.parametrize("odd", ODD)
def test_in_the_place_of_the_reader_itself(home: Path, odd: Odd) -> None:
    path = home / "elsewhere"
    if odd is as_directory:
        path.mkdir()
        (path / "letter.txt").touch()
    else:
        odd(path)
    with in_time():
        is_told(tla("identify", "--reader", f"state:{path}"), path)


@pytest.mark.parametrize("odd", ODD)
def test_in_the_place_of_the_card_in_the_slot(home: Path, odd: Odd) -> None:
    (path,) = (home / "cards").glob("cps-piqure*")
    put(odd, path)
    is_told(run(home, "identify"), path)


READERS_OF_FILES = {
    "card": ("cards", "show"),
    "practice": ("practice", "check"),
    "practice to push": ("push",),
    "fse": ("fse", "show"),
    "fse to verify": ("fse", "verify"),
    "trace": ("trace", "decode"),
    "script": ("visit", "--script"),
    "code": ("push", "practice.json", "--code-file"),
    "park": ("check", "--park"),
    "lots": ("lot", "show"),
    "arl": ("arl", "read"),
    "image": ("image", "show"),
    "update": ("update",),
    "authorities": ("fse", "show", "some.fse", "--ca"),
    "galss": ("galss", "check"),
    "scan": ("scor", "attach"),
    "finding": ("fuzz", "replay"),
    "trace to write": ("identify", "--trace"),
}


@pytest.mark.share(7)
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("what", READERS_OF_FILES)
def test_in_the_place_of_a_file_that_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, what: str, odd: Odd
) -> None:
    monkeypatch.chdir(home)
    if what in ("scan", "arl"):
        assert run(home, "push", "practice.json").exit_code == 0
    if what == "code":
        # The code is only asked for where a card is.
        arguments: tuple[str, ...] = ("erase", "--owner", "75629690", "--code-file")
    else:
        arguments = READERS_OF_FILES[what]
    if what == "authorities":
        with in_time():
            assert tla("demo", "--out", home / "demo").exit_code == 0
        next(iter((home / "demo" / "out").iterdir())).rename(home / "some.fse")
    if what == "scan":
        arguments += first_invoice(home)
    path = home / "strange"
    odd(path)
    if (what, odd) == ("trace to write", as_giant):
        path.unlink()
        path.write_bytes(bytes(1024))
    is_told(run(home, *arguments, path), path)


@pytest.mark.parametrize("odd", ODD)
def test_in_the_place_of_the_ledger(home: Path, odd: Odd) -> None:
    path = home / "ledger.sqlite"
    odd(path)
    for command in (("ledger", path), ("push", home / "practice.json"), ("desk",)):
        result = run(home, *command)
        if odd is as_loop and command[0] != "push":
            assert "There is no ledger" in result.stderr
        is_told(result, path)


@pytest.mark.share(3)
@pytest.mark.parametrize(
    ("ending", "odd"),
    [
        *((ending, odd) for ending in ("-wal", "-shm", "-journal") for odd in ODD[:-1]),
        *((".pieces", odd) for odd in ODD[:-1] if odd is not as_directory),
    ],
)
def test_in_the_place_of_what_lies_beside_the_ledger(home: Path, ending: str, odd: Odd) -> None:
    """Whatever SQLite makes of it, nobody waits, and it is a sentence."""
    assert run(home, "push", home / "practice.json").exit_code == 0
    named = first_invoice(home)
    path = home / f"ledger.sqlite{ending}"
    odd(path)
    (home / "scan.png").write_bytes(image_bytes(page()))
    result = run(home, "scor", "attach", home / "scan.png", *named)
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    if result.exit_code:
        is_told(result, home / "ledger.sqlite")


@pytest.mark.parametrize("odd", ODD)
def test_in_the_place_of_what_is_to_leave(home: Path, odd: Odd) -> None:
    out = home / "out"
    with in_time():
        assert tla("demo", "--out", home / "demo").exit_code == 0
    out.mkdir()
    ledger = home / "demo" / "ledger.sqlite"
    (name, *_) = sorted(each.name for each in (home / "demo" / "out").iterdir())
    # As it was before the documents left.
    with sqlite3.connect(ledger) as database:
        database.execute(
            "UPDATE documents SET state = ? WHERE state = ?",
            (int(LedgerState.FINAL), int(LedgerState.TRANSMITTED)),
        )
        database.execute("DELETE FROM events WHERE state = ?", (int(LedgerState.TRANSMITTED),))
    odd(out / name)
    with in_time():
        result = tla("transmit", "--out", out, TLA_LEDGER=str(ledger))
    is_told(result, out / name)


@pytest.mark.share(3)
@pytest.mark.parametrize("odd", ODD[:-1])
@pytest.mark.parametrize(
    "arguments",
    [("check", "--reader", "state:reader", "--report"), ("image", "build", "1.40", "--force", "--out")],
    ids=" ".join,
)
def test_in_the_place_of_what_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], odd: Odd
) -> None:
    monkeypatch.chdir(home)
    path = home / "written.html"
    odd(path)
    with in_time():
        result = tla(*arguments, path)
    is_told(result, path)
    assert os.path.lexists(path)


@pytest.mark.parametrize("odd", ODD[:-1])
def test_nothing_but_a_file_is_ever_replaced(tmp_path: Path, odd: Odd) -> None:
    path = tmp_path / "strange"
    odd(path)
    with in_time(), pytest.raises(OSError, match="not a regular file") as refused:
        replace_file(path, b"x")
    assert refused.value.filename == str(path)
    assert [each.name for each in tmp_path.iterdir()] == ["strange"]


def test_a_pipe_with_a_writer_is_as_good_as_a_file(home: Path) -> None:
    """`tla push <(…)`, and a code that a safe gives out."""

    def fed(name: str, content: bytes) -> Path:
        path = home / name
        os.mkfifo(path)
        threading.Thread(target=path.write_bytes, args=(content,), daemon=True).start()
        # Whoever comes while the pipe has no writer yet is told so: the shell opens it first.
        handle = os.open(path, os.O_RDONLY)
        os.set_inheritable(handle, False)
        return Path(f"/dev/fd/{handle}")

    practice = json.dumps(practice_tree()).encode() + b" " * 300_000
    assert run(home, "push", fed("practice pipe", practice)).exit_code == 0
    erased = run(home, "erase", "--owner", "75629690", "--code-file", fed("code pipe", CODE.encode()))
    assert erased.exit_code == 0, erased.stderr
    too_long = fed("huge pipe", b" " * (17 * 1024 * 1024))
    assert "at most 16 MiB" in run(home, "practice", "check", too_long).stderr
