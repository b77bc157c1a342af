"""Every column of every table damaged, one at a time: named, never an internal error, the others go on."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from typer.testing import Result

from tests.desk_kit import ANCHORS, Desk, open_desk
from tests.scans import page, scan_pdf
from tests.tools.cli.command_line import tla
from tla_sim.host.desk.certification import certify
from tla_sim.host.desk.list_windows import listed, look_into
from tla_sim.host.desk.lists import DeskList, desk_lines, rejected_lines
from tla_sim.host.desk.marks import bill_degraded
from tla_sim.host.desk.pieces import attach
from tla_sim.host.desk.rectification import rectify
from tla_sim.host.desk.signature_image import register_signature, signature_of
from tla_sim.host.desk.standing import standing
from tla_sim.host.ledger.conditions import Order, Sort
from tla_sim.host.ledger.damage import Damage
from tla_sim.host.ledger.desk_lists import owners_in, recipients_in, sum_up
from tla_sim.host.ledger.desk_model import PieceRole, Rights
from tla_sim.host.ledger.errors import DocumentDamaged, EntryDamaged
from tla_sim.host.ledger.files import FileSort, documents_in, file_lines, file_window, sum_up_files
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState
from tla_sim.host.ledger.marks import marks, rectifications
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Practice
from tla_sim.host.round.sign import sign
from tla_sim.host.round.transmit import transmit
from tla_sim.host.sending.arl import Rejection, compose, parse_arl, take_arl
from tla_sim.host.sending.lots import make_lots
from tla_sim.host.sending.send import file_content, send_to_folder, waiting
from tla_sim.host.transport import in_process
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.invoices import make_document
from tla_sim.tools.cast.people import LEA, MAYA
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

NURSE = "75629690"
WRONG = {
    "nothing": "NULL",
    "a text": "'Lyon'",
    "a path": "'../../etc/passwd'",
    "no text": "CAST(x'ff4ec3' AS TEXT)",
    "a number": "77",
    "a negative number": "-9",
    "a huge number": "9223372036854775807",
    "a fraction": "2.5",
    "bytes": "x'00ff10'",
    "no day": "'2019-02-30'",
}
SELDOM = ("a text", "a number", "a negative number", "a fraction")
"""Tried on every second column only."""


class Kept:
    """A ledger with something in every table, made once."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "ledger.db"
        self.practice = demo_practice()
        with SimulatedReader.in_memory(seed=1) as reader, Ledger.open(self.path) as ledger:
            _fill(reader, ledger, self.practice, directory)
            self.sound = {each.id for each in ledger.documents()}


def _fill(reader: SimulatedReader, ledger: Ledger, practice: Practice, directory: Path) -> None:
    invoices = prepared_invoices(practice, NURSE)
    reader.insert_ps("PIQURE2969")
    reader.insert_vitale("MARTIN")
    client = reader.client()
    client.verify_code(reader.code)
    register_signature(ledger, NURSE, _signature(directory))
    first, second, third = [each for each in invoices if each.patient.last_name == "MARTIN"][:3]
    for each in (first, second, third):
        bill_degraded(ledger, each, Rights.ADR)
        certify(client, ledger, each)
        attach(ledger, _scan(directory / f"{each.number}.png"), [each.number], PieceRole.PRESCRIPTION)
    duplex = directory / "duplex.pdf"
    duplex.write_bytes(scan_pdf(page(), page(ink=False)))
    attach(ledger, duplex, [third.number], PieceRole.PRESCRIPTION, without_empty_pages=True)
    made = make_lots(client, ledger, numbers=(first.number,)).files[0]
    send_to_folder(ledger, made.identity, directory / "outbox")
    rejected = Rejection(DocumentId(NURSE, first.number, DocumentKind.FSE), "R1", "NIR")
    take_arl(
        ledger, parse_arl(compose(made.identity, digest(file_content(ledger, made.identity)), [rejected]))
    )
    rectify(ledger, first.number, "190306001", date(2019, 3, 6))
    make_lots(client, ledger, numbers=(second.number,))
    other = next(each for each in prepared_invoices(practice, "75112040"))
    certify(client, ledger, other)


def _scan(path: Path) -> Path:
    from PIL import Image, ImageDraw

    page = Image.new("L", (1654, 2339), 255)
    for line in range(40):
        ImageDraw.Draw(page).line([(150, 150 + 50 * line), (1450, 160 + 50 * line)], fill=0, width=6)
    ImageDraw.Draw(page).text((200, 80), path.stem, fill=0)
    page.save(path, dpi=(200, 200))
    return path


def _signature(directory: Path) -> Path:
    from PIL import Image, ImageDraw

    image = Image.new("L", (600, 180), 255)
    ImageDraw.Draw(image).line([(10, 150), (150, 20), (300, 160), (420, 30), (590, 120)], fill=30, width=6)
    image.save(directory / "signature.png")
    return directory / "signature.png"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept"))


def columns() -> list[tuple[str, str]]:
    with sqlite3.connect(":memory:") as database:
        from tla_sim.host.ledger import file

        for version in file._VERSIONS:
            for statement in version:
                database.execute(statement)
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return [
            (table, name)
            for table in tables
            for _, name, *_ in database.execute(f"PRAGMA table_info({table})")
        ]


def copy_of(kept: Kept, directory: Path) -> Path:
    path = directory / "damaged.db"
    for leftover in directory.glob("damaged.db*"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    shutil.copy(kept.path, path)
    shutil.copytree(f"{kept.path}.pieces", f"{path}.pieces", copy_function=_link)
    return path


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def damage(path: Path, table: str, column: str, value: str) -> bool:
    """Write a value into a column of a table's first row, whatever the schema says; whether it changed."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = ON")
        written = database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
        for name, sql in written:
            loose = _loose(sql)
            database.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (loose, name))
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        keys = [name for _, name, _, _, _, part in database.execute(f"PRAGMA table_info({table})") if part]
        row = database.execute(f"SELECT {', '.join(keys)} FROM {table} LIMIT 1").fetchone()
        this = " AND ".join(f"{key} IS ?" for key in keys)
        try:
            done = database.execute(
                f"UPDATE {table} SET {column} = {value} WHERE {this} AND {column} IS NOT {value}", row
            )
        except sqlite3.Error:
            return False  # a row id is a whole number in any file
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = ON")
        for name, sql in written:
            database.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, name))
    return done.rowcount > 0


def _loose(sql: str) -> str:
    sql = re.sub(r"CHECK \((?:[^()]|\([^()]*\))*\)", "", sql)
    sql = (
        sql.replace(" NOT NULL", "")
        .replace("STRICT, WITHOUT ROWID", "WITHOUT ROWID")
        .replace(") STRICT", ")")
    )
    return re.sub(r"^(\s*\w+) (TEXT|INTEGER|BLOB)(?! PRIMARY KEY)", r"\1", sql, flags=re.MULTILINE)


def read_everything(ledger: Ledger, practice: Practice, directory: Path) -> list[str]:
    """Everything that can be asked or done without a card; the sentences of what was refused."""
    refused: list[str] = []

    def asked(act: Callable[[], object]) -> None:
        try:
            act()
        except TlaError as error:
            refused.append(error.message)

    invoices = prepared_invoices(practice)
    acts: tuple[Callable[[], object], ...] = (
        ledger.documents,
        ledger.events,
        ledger.counts,
        ledger.to_sign,
        ledger.transmissible,
        lambda: marks(ledger),
        lambda: rectifications(ledger),
        lambda: rejected_lines(ledger),
        lambda: file_lines(ledger),
        lambda: waiting(ledger),
        lambda: [documents_in(ledger, each) for each in waiting(ledger)],
        lambda: [signature_of(ledger, owner) for owner in practice.owners],
        lambda: [desk_lines(ledger, each) for each in list(DeskList)[:4]],
        *(partial(look_at_list, ledger, each) for each in (*list(DeskList)[:4], None)),
        lambda: sum_up_files(ledger, DocumentFilter()),
        lambda: file_window(ledger, DocumentFilter(), FileSort.MADE, None, 0, 500),
        *(partial(standing, ledger, each) for each in invoices),
        *(partial(ledger.check_number, each) for each in invoices),
        lambda: [send_to_folder(ledger, each, directory / "out") for each in waiting(ledger)],
        lambda: transmit(ledger, directory / "outbox"),
    )
    for act in acts:
        asked(act)
    return refused


def look_at_list(ledger: Ledger, chosen: DeskList | None) -> None:
    """Look at a whole list in one window, by what is attached."""
    documents = listed(chosen, DocumentFilter())
    count, _ = sum_up(ledger, documents)
    look_into(ledger, documents, Order(Sort.SHEET), 0, 500, count)
    owners_in(ledger, documents)
    recipients_in(ledger, documents)


def test_a_sound_ledger_is_read_without_a_word(kept: Kept, tmp_path: Path) -> None:
    with Ledger.open(copy_of(kept, tmp_path)) as ledger:
        assert len(kept.sound) == 5
        assert ledger.damaged == ()
        assert read_everything(ledger, kept.practice, tmp_path / "sound") == []
        assert ledger.damaged == ()


@pytest.mark.share(7)
@pytest.mark.parametrize(("table", "column"), columns())
def test_a_damaged_value_is_named_and_the_others_go_on(
    kept: Kept, tmp_path: Path, table: str, column: str
) -> None:
    tried, sound = 0, kept.sound
    for name, value in WRONG.items():
        if name in SELDOM and columns().index((table, column)) % 2:
            continue
        path = copy_of(kept, tmp_path)
        if not damage(path, table, column, value):
            continue
        tried += 1
        with Ledger.open(path) as ledger:
            left = {each.id for each in ledger.documents()}
            refused = read_everything(ledger, kept.practice, tmp_path / name)
            said = [each.message for each in ledger.damaged] + refused
            assert len(left) >= len(sound) - 2, (name, value, said)
            for document in sound - left:
                assert any(document.number in each for each in said), (name, document, said)
            for sentence in said:
                assert "\n" not in sentence
    assert tried


@pytest.mark.parametrize("state", [s for s in LedgerState if s is not LedgerState.TRANSMITTED])
def test_what_was_sent_is_not_sent_again_whatever_its_state_says(
    kept: Kept, tmp_path: Path, state: LedgerState
) -> None:
    path = copy_of(kept, tmp_path)
    with Ledger.open(path) as ledger:
        sent = {each.document.id for each in transmit(ledger, tmp_path / "outbox").sent}
        assert sent
    with sqlite3.connect(path) as database:
        database.execute("UPDATE documents SET state = ? WHERE state = ?", (state, LedgerState.TRANSMITTED))
    with Ledger.open(path) as ledger:
        named = [each.message for each in ledger.damaged]
        assert all(any(each.number in message for message in named) for each in sent)
        assert transmit(ledger, tmp_path / "another").sent == ()
        assert {each.id for each in ledger.documents()}.isdisjoint(sent)


VERBS: tuple[tuple[str, ...], ...] = (
    ("ledger",),
    ("ledger", "--history", "190221022"),
    ("desk",),
    ("desk", "--list", "1"),
    ("desk", "--list", "3", "--csv"),
    ("desk", "--list", "5"),
    ("desk", "--sent"),
    ("desk", "--rejected", "--json"),
    ("invoice", "show", "190221022"),
    ("invoice", "show", "190305028"),
    ("invoice", "secure", "190306001"),
    ("invoice", "degrade", "190306001"),
    ("invoice", "rectify", "190305028", "--as", "190306001"),
    ("sheet", "190221023", "--out", "sheet.pdf"),
    ("scor", "list", "190221023"),
    ("scor", "paper", "190221023"),
    ("scor", "signature", "--owner", NURSE),
    ("push", "practice.json", "--others", "yes"),
    ("pull",),
    ("sign",),
    ("certify", "--invoice", "190306001"),
    ("lot", "make"),
    ("send", "--out", "outbox"),
    ("transmit", "--out", "outbox"),
)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedReader]:
    from tla_sim.tools import cast

    monkeypatch.chdir(tmp_path)
    shutil.copy(Path(cast.__file__).with_name("practice.json"), tmp_path)
    with SimulatedReader.in_memory(seed=1) as reader:
        reader.insert_ps("PIQURE2969")
        transport = reader.transport()
        in_process.offer("damage", lambda lad, apdu: transport.transmit(apdu, lad))
        yield reader
        in_process.withdraw("damage")


def run(path: Path, reader: SimulatedReader, verb: tuple[str, ...]) -> Result:
    environment = {"TLA_READER": "memory:damage", "TLA_LEDGER": str(path)}
    return tla(*verb, code=reader.code, **environment)


@pytest.mark.share(4)
@pytest.mark.parametrize(("table", "column"), columns()[::5])
def test_no_verb_ends_with_an_internal_error(
    kept: Kept, tmp_path: Path, reader: SimulatedReader, table: str, column: str
) -> None:
    values = list(WRONG.values())
    first = columns().index((table, column)) % len(values)
    path = copy_of(kept, tmp_path)
    while not damage(path, table, column, values[first]):
        first = (first + 1) % len(values)
    for verb in VERBS:
        with Ledger.open(path) as ledger:
            damaged = ledger.damaged
        result = run(path, reader, verb)
        assert isinstance(result.exception, SystemExit | None), (verb, result.exception)
        assert result.exit_code in (0, 1, 2), (verb, result.stderr)
        for error in damaged:
            assert error.message in result.stderr, (verb, result.stderr)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE files SET state = 1 WHERE state > 2",
        "UPDATE files SET state = 2 WHERE state > 2",
        "UPDATE file_events SET state = 1",
        "DELETE FROM file_events",
    ],
)
def test_a_file_whose_state_is_not_what_its_history_ends_with_is_not_sent_again(
    kept: Kept, tmp_path: Path, statement: str
) -> None:
    path = copy_of(kept, tmp_path)
    with sqlite3.connect(path) as database:
        gone = {identity for (identity,) in database.execute("SELECT identity FROM files WHERE state > 2")}
        database.execute(statement)
    assert gone
    with Ledger.open(path) as ledger:
        assert not gone & set(waiting(ledger))
        assert all(any(identity in each.message for each in ledger.damaged) for identity in gone)
    out = tmp_path / "sent"
    for verb in (("desk",), ("desk", "--sent"), ("send", "--out", str(out))):
        result = tla(*verb, "--ledger", path)
        assert result.exit_code == 2, result.stderr
    assert not [each for each in out.glob("*.zip") if each.stem.removeprefix("tla-") in gone]


def test_much_damage_is_noted_without_going_over_what_was_noted_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def counted(error: EntryDamaged) -> str:
        read.append(vars(error)["said"])
        return read[-1]

    monkeypatch.setattr(
        EntryDamaged,
        "message",
        property(counted, lambda error, said: vars(error).update(said=said)),
        raising=False,
    )
    noted = Damage("ledger.db")
    for number in [*range(500), *range(500)]:
        noted.note(Sentence("Document {key}", key=number), "documents.id")
    assert len(noted.found) == 500
    assert len(read) < 10_000


@pytest.mark.parametrize("with_history", [True, False])
@pytest.mark.parametrize("last", [True, False])
def test_a_document_whose_line_was_deleted_is_named_and_the_next_go_in(
    kept: Kept, tmp_path: Path, last: bool, with_history: bool
) -> None:
    path = copy_of(kept, tmp_path)
    first, second, third = (make_document(number) for number in (1, 2, 3))
    lost = second if last else first
    with Ledger.open(path) as ledger:
        ledger.record_prepared([first, second])
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        (row,) = database.execute("SELECT id FROM documents WHERE number = ?", (lost.id.number,)).fetchone()
        database.execute("DELETE FROM documents WHERE id = ?", (row,))
        if not with_history:
            database.execute("DELETE FROM events WHERE document = ?", (row,))
    with Ledger.open(path) as ledger:
        assert ledger.record_prepared([third]) == 1
        assert ledger.state(third.id) is LedgerState.PREPARED
        assert [each.document for each in ledger.events(third.id)] == [third.id]
        if last or with_history:
            (damaged,) = ledger.damaged
            assert f"Invoice {lost.id.number} of {lost.id.owner} is damaged" in damaged.message
            with pytest.raises(DocumentDamaged):
                ledger.record_prepared([lost])
        else:  # nothing in the file tells of it any more
            assert list(ledger.damaged) == []
            assert ledger.record_prepared([lost]) == 1


def test_a_deleted_line_whose_invoice_cannot_be_read_either_is_told_by_its_row(
    kept: Kept, tmp_path: Path
) -> None:
    path = copy_of(kept, tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        (row,) = database.execute("SELECT max(id) FROM documents").fetchone()
        database.execute("UPDATE invoices SET content = zeroblob(9) WHERE document = ?", (row,))
        database.execute("DELETE FROM documents WHERE id = ?", (row,))
    with Ledger.open(path) as ledger:
        (damaged,) = ledger.damaged
        assert f"Document {row} is damaged" in damaged.message


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


def alter(ledger: Ledger, *statements: str) -> None:
    """Change the file behind the ledger's back."""
    database = sqlite3.connect(ledger.path)
    with database:
        for each in statements:
            assert database.execute(each).rowcount > 0
    database.close()


def exchange_contents(ledger: Ledger) -> None:
    """Exchange the FSEs of the first two documents, digests and all."""
    alter(
        ledger,
        "UPDATE fses SET document = document + 100 WHERE document <= 2",
        "UPDATE fses SET document = 103 - document WHERE document > 100",
    )


@pytest.mark.parametrize("kind", DocumentKind)
def test_of_fse_and_dre_one_damaged_keeps_the_other_and_nothing_else(
    desk: Desk, tmp_path: Path, kind: DocumentKind
) -> None:
    desk.secured("190305001", dre=True)
    desk.secured("190305002")
    alter(
        desk.ledger,
        "UPDATE fses SET content = x'00' WHERE document IN"
        f" (SELECT id FROM documents WHERE number = '190305001' AND kind = {int(kind)})",
    )
    sent = transmit(desk.ledger, tmp_path / "outbox").sent
    assert [each.document.number for each in sent] == ["190305002"]
    (damaged,) = desk.ledger.damaged
    assert damaged.message.startswith(f"{kind.name} 190305001")


def test_of_fse_and_dre_one_damaged_keeps_only_both_out_of_lots(desk: Desk) -> None:
    desk.secured("190305001", dre=True)
    desk.secured("190305002")
    alter(desk.ledger, "UPDATE fses SET content = x'00' WHERE document = 2")
    assert [each.documents for each in desk.files().files] == [1]


def test_a_certified_document_whose_fse_was_deleted_is_damaged_not_unknown(desk: Desk) -> None:
    desk.secured("190305001")
    alter(desk.ledger, "DELETE FROM fses")
    with pytest.raises(DocumentDamaged, match=r"FSE 190305001 .* is damaged"):
        desk.secured("190305001")


def test_exchanged_contents_keep_two_from_being_signed_and_nothing_else(desk: Desk) -> None:
    desk.insert(LEA)
    for number in ("190305001", "190305002", "190305003"):
        desk.secured(number)
    exchange_contents(desk.ledger)
    desk.insert(MAYA)
    done = sign(desk.client, desk.ledger, ANCHORS, desk.card)
    assert done.signed == 1
    assert [each.document.number for each in done.refused] == ["190305001", "190305002"]
    assert "holds something else as FSE 190305001" in done.refused[0].reason
