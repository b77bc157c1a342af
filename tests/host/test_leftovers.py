"""What a kill leaves behind: the next start takes its own away, and nothing that is being written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scans import image_bytes, page
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.desk.pieces import attach
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import PieceRole
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.part_file import SUFFIX, Part, sweep
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.whole_file import replace_file, write_whole
from tla_sim.protocol.errors import ReaderHeld
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.simulator.state_directory import StateDirectory

ROOT = Path(__file__).parents[2]
SMALL = 64 * 4096

CUT = """
import os, pathlib, signal, sys
from tla_sim.host.part_file import Part
from tla_sim.tools.simulator.state_directory import StateDirectory
from tla_sim.tools.cards.file import save_card
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.kinds import DocumentKind

def cut(*_):
    print("cut", flush=True)
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGKILL)

place = pathlib.Path(sys.argv[2])
FSE = DocumentId("75629690", "190305028", DocumentKind.FSE)
"""

WRITERS = {
    "a new reader": "Part.give = cut; StateDirectory.open(place / 'new reader', 64 * 4096)",
    "a reader closed": "r = StateDirectory.open(place / 'reader'); Part.give = cut; r.close()",
    "a reader's slots": "r = StateDirectory.open(place / 'reader'); Part.give = cut; r.keep_slots({})",
    "a card": "Part.give = cut; save_card(place / 'cards' / 'cps.card', b'x' * 5000)",
    "an FSE": "Part.give = cut; Outbox(place / 'out').put(FSE, b'x' * 5000)",
    "a file of lots": "Part.give = cut; Outbox(place / 'out').stage('tla-0123456789abcdef.zip', b'x' * 5000)",
    "a piece": "Part.give = cut; b = Ledger.open(place / 'ledger.db')\n"
    "with PieceStore(b).keeping(b'x' * 5000): cut()",
}


def parts(place: Path) -> list[str]:
    """What is on its way below a folder."""
    return sorted(each.name for each in place.rglob(f"*{SUFFIX}"))


def start(place: Path, what: str) -> None:
    """Start what was cut once more."""
    if what.startswith("a reader"):
        StateDirectory.open(place / "reader").close()
    elif what == "a new reader":
        StateDirectory.open(place / "new reader", SMALL).close()
    elif what == "a card":
        replace_file(place / "cards" / "cps.card", b"y")
    elif what == "a piece":
        with Ledger.open(place / "ledger.db") as ledger, PieceStore(ledger).keeping(b"y"):
            pass
    else:
        Outbox(place / "out")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "cards").mkdir()
    StateDirectory.open(tmp_path / "reader", SMALL).close()
    return tmp_path


@pytest.mark.parametrize("what", WRITERS)
def test_a_part_stays_while_its_program_lives_and_goes_when_it_was_killed(place: Path, what: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CUT + WRITERS[what], "-", str(place)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "cut\n"
        (left,) = parts(place)
        if "reader" in what:  # a reader is locked as a whole
            with pytest.raises(ReaderHeld):
                start(place, what)
        else:
            start(place, what)
        assert parts(place) == [left], "it is being written"
        writer.stdin.write("now\n")
        writer.stdin.flush()
        writer.wait(60)
    assert writer.returncode == -signal.SIGKILL
    assert parts(place) == [left], "a kill leaves it"
    start(place, what)
    assert parts(place) == []


def test_what_earlier_versions_left_in_a_reader_goes_as_well(place: Path) -> None:
    left = [".flash.bin.a1b2c3d4", ".flash.check.ab_d1234", ".slots.json.abcdefgh", ".state.json.12345678"]
    others = [".flash.bin.mine", ".bashrc", ".flash.bin.a1b2c3d4.old"]
    for name in (*left, *others):
        (place / "reader" / name).write_bytes(b"x")
    StateDirectory.look(place / "reader").close()
    assert (place / "reader" / left[0]).exists(), "looking changes nothing"
    StateDirectory.open(place / "reader").close()
    names = {each.name for each in (place / "reader").iterdir()}
    assert names.isdisjoint(left)
    assert names.issuperset(others)


@pytest.mark.parametrize(
    "name",
    [".profile", f"letter{SUFFIX}", SUFFIX, f".x{SUFFIX}", ".feuille.pdf.swp"],
)
def test_nothing_else_is_swept(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    sweep(tmp_path)
    assert (tmp_path / name).exists()


def test_no_link_pipe_or_folder_of_such_a_name_is_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"x")
    (tmp_path / f".link.12345678{SUFFIX}").symlink_to(kept)
    os.mkfifo(tmp_path / f".pipe.12345678{SUFFIX}")
    (tmp_path / f".folder.12345678{SUFFIX}").mkdir()
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
    sweep(tmp_path / "absent")


def test_a_writer_that_was_swept_before_its_lock_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tla_sim.host import part_file

    locked = part_file._locked
    seen: list[int] = []

    def late(handle: int) -> bool | None:
        if not seen:
            seen.append(handle)
            sweep(tmp_path)
        return locked(handle)

    monkeypatch.setattr(part_file, "_locked", late)
    write_whole(tmp_path / "file", b"whole")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"whole"


def test_where_there_are_no_locks_files_are_written_and_nothing_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tla_sim.host import part_file

    monkeypatch.setattr(part_file, "_locked", lambda _: None)
    left = tmp_path / f".file.12345678{SUFFIX}"
    left.write_bytes(b"x")
    write_whole(tmp_path / "file", b"whole")
    sweep(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [left.name, "file"]


def test_the_longest_name_is_written_too(tmp_path: Path) -> None:
    for name in ("n" * 255, "é" * 127):
        write_whole(tmp_path / name, b"x")
        assert (tmp_path / name).read_bytes() == b"x"
    assert parts(tmp_path) == []


def test_a_piece_that_was_noted_and_not_yet_named_is_read_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between the ledger's commit and the naming loses nothing."""
    scan = tmp_path / "scan.jpg"
    scan.write_bytes(image_bytes(page()))
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        ledger.record_prepared(documents_of(make_invoice("190305028")))
        monkeypatch.setattr(Part, "give", lambda *_: None)
        monkeypatch.setattr(Part, "discard", lambda *_: None)
        piece, _ = attach(ledger, scan, ["190305028"], PieceRole.PRESCRIPTION)
        monkeypatch.undo()
        store = PieceStore(ledger)
        assert len(parts(store.directory)) == 1
        assert store.get(piece.digest).startswith(b"%PDF-")
        with store.keeping(b"another"):
            pass
        assert [each.name for each in store.directory.iterdir()] == [piece.digest.hex()]
        assert store.get(piece.digest).startswith(b"%PDF-")
