"""Windows of the desk's lists: each shows what the whole list has there, in any order and from either end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desk_kit import Desk, open_desk
from tests.desk_kit import invoice as desk_invoice
from tests.scans import image_bytes, page
from tla_sim.host.desk.list_windows import SeenLine, listed, look_into
from tla_sim.host.desk.lists import DeskLine, DeskList, desk_lines, rejected_lines
from tla_sim.host.desk.marks import bill_degraded
from tla_sim.host.desk.pieces import Travel, attach_scan, send_sheet_on_paper
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.conditions import Order, Sort
from tla_sim.host.ledger.desk_lists import owners_in, recipients_in, sum_up
from tla_sim.host.ledger.desk_model import OPEN_FILES, FileState, PieceRole, Rights
from tla_sim.host.ledger.files import FileSort, file_lines, file_window, sum_up_files
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.sending.arl import Rejection, compose, read_arl
from tla_sim.host.sending.send import file_content, send_to_folder
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.names import fold_name
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import DAY, NURSE, Insured

ALL = DocumentFilter()
TO_SECURE = DeskList.FSE_TO_SECURE
COUNT = 23
OTHER = "75100002"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


@pytest.fixture
def full(desk: Desk) -> Ledger:
    """A ledger whose documents share days, names and amounts, so that every order needs all its keys."""
    ledger = desk.ledger
    for at in range(COUNT):
        patient = Insured("2450775120047", ("ÉMÉ", "EME", "martin", "Zoé")[at % 4], "ANNE")
        who = (OTHER, ("TOUBIB", "PAUL")) if at % 3 == 0 else (NURSE, ("PIQURE2969", "MAYA"))
        made = make_invoice(
            190_305_001 + at,
            who[0],
            ps=who[1],
            total=1_000 * (1 + at % 5),
            made_on=DAY - timedelta(days=at % 6),
            patient=patient,
            prescription=None if at % 7 == 0 else make_invoice().prescription,
            recipient=("CPAM - DEMONSTRATION", "MSA")[at % 2],
        )
        ledger.record_prepared(documents_of(made))
        if at % 4 == 0:
            bill_degraded(ledger, made, Rights.PRACTICE, on_paper=at % 8 == 0)
    scan = image_bytes(page())
    for at in (1, 2, 9):
        attach_scan(ledger, scan, "o.jpg", [(_owner(at), _number(at))], PieceRole.PRESCRIPTION)
    attach_scan(ledger, scan, "f.jpg", [(_owner(4), _number(4))], PieceRole.CARE_SHEET)
    desk.sign_digitally()
    return ledger


def _owner(at: int) -> str:
    return OTHER if at % 3 == 0 else NURSE


def _number(at: int) -> str:
    return f"{190_305_001 + at:09}"


def whole(ledger: Ledger, order: Order, size: int, wanted: DocumentFilter = ALL) -> list[SeenLine]:
    """A list put together from its windows."""
    documents = listed(TO_SECURE, wanted)
    count, _ = sum_up(ledger, documents)
    found: list[SeenLine] = []
    for start in range(0, count, size):
        found += look_into(ledger, documents, order, start, size, count)
    return found


TRAVELS = (Travel.PAPER, Travel.DIGITAL, Travel.NOT_NEEDED)
FIRST_KEYS: dict[Sort, Callable[[DeskLine], object]] = {
    Sort.DATE: lambda line: line.made_on,
    Sort.NUMBER: lambda line: line.number,
    Sort.PATIENT: lambda line: fold_name(line.patient),
    Sort.RECIPIENT: lambda line: fold_name(line.recipient),
    Sort.TOTAL: lambda line: line.total,
    Sort.OWNER: lambda line: fold_name(line.owner_name),
    Sort.DEGRADED: lambda line: line.degraded,
    Sort.THIRD_PARTY: lambda line: line.third_party,
    Sort.STATE: lambda line: line.state,
    Sort.PRESCRIPTION: lambda line: list(TRAVELS).index(line.prescription),
    Sort.SHEET: lambda line: list(TRAVELS).index(line.sheet),
}
NATURALLY_DESCENDING = (Sort.DATE, Sort.TOTAL, Sort.DEGRADED, Sort.THIRD_PARTY)


@pytest.mark.parametrize("descending", [None, True, False])
@pytest.mark.parametrize("sort", list(Sort))
def test_windows_put_together_are_the_list_in_order(
    full: Ledger, sort: Sort, descending: bool | None
) -> None:
    order = Order(sort, descending)
    lines = [each.line for each in whole(full, order, 5)]
    assert lines == [each.line for each in whole(full, order, 500)]
    assert sorted(lines) == sorted(desk_lines(full, TO_SECURE))
    turned = sort in NATURALLY_DESCENDING if descending is None else descending
    keys = [FIRST_KEYS[sort](line) for line in lines]
    assert keys == sorted(keys, reverse=turned)  # type: ignore[type-var]
    if descending is None:
        assert lines == desk_lines(full, TO_SECURE, sort=sort)


def test_the_other_direction_is_the_whole_order_turned_round(full: Ledger) -> None:
    for sort in Sort:
        up, down = (whole(full, Order(sort, descending), 4) for descending in (False, True))
        assert up == down[::-1]


@pytest.mark.parametrize(("start", "limit"), [(0, 0), (COUNT, 5), (COUNT + 900, 5), (COUNT - 2, 500)])
def test_a_window_ends_where_the_list_ends(full: Ledger, start: int, limit: int) -> None:
    found = look_into(full, listed(TO_SECURE, ALL), Order(), start, limit, COUNT)
    assert [each.line for each in found] == desk_lines(full, TO_SECURE)[start : start + limit]


def test_sums_and_facets_are_those_of_the_filtered_list(full: Ledger) -> None:
    lines = desk_lines(full, TO_SECURE)
    assert sum_up(full, listed(TO_SECURE, ALL)) == (COUNT, sum(each.total for each in lines))
    wanted = DocumentFilter(patient="eme", owner=NURSE, last_day=DAY - timedelta(days=1))
    mine = desk_lines(full, TO_SECURE, wanted)
    assert 0 < len(mine) < COUNT
    assert sum_up(full, listed(TO_SECURE, wanted)) == (len(mine), sum(each.total for each in mine))
    assert [each.line for each in whole(full, Order(), 3, wanted)] == mine
    documents = listed(TO_SECURE, ALL)
    owners = {each.value: (each.name, each.count) for each in owners_in(full, documents)}
    assert owners == {NURSE: ("PIQURE2969 MAYA", 15), OTHER: ("TOUBIB PAUL", 8)}
    assert [(each.name, each.count) for each in recipients_in(full, documents)] == [
        ("CPAM - DEMONSTRATION", 12),
        ("MSA", 11),
    ]
    assert sum_up(full, listed(DeskList.DRE_TO_SEND, ALL)) == (0, 0)


def test_a_line_has_its_pieces(full: Ledger) -> None:
    seen = {each.line.number: each for each in whole(full, Order(), 6)}
    assert [each.role for each in seen[_number(4)].pieces] == [PieceRole.CARE_SHEET]
    assert [each.name for each in seen[_number(9)].pieces] == ["o.jpg"]
    assert seen[_number(3)].pieces == ()
    assert {each.closed for each in seen.values()} == {""}
    assert seen[_number(20)].line.sheet is Travel.DIGITAL
    send_sheet_on_paper(full, _number(20), True)
    seen = {each.line.number: each for each in whole(full, Order(), 6)}
    assert seen[_number(20)].line.sheet is Travel.PAPER


def test_what_is_in_a_lot_is_closed_and_what_was_rejected_says_why(desk: Desk, tmp_path: Path) -> None:
    first, second = "190305001", "190305002"
    for number in (first, second):
        desk.degraded(number)
    desk.ledger.record_prepared(documents_of(desk_invoice("190305003")))
    (file,) = desk.files().files
    send_to_folder(desk.ledger, file.identity, Outbox(tmp_path / "outbox"))
    refused = [Rejection(DocumentId(NURSE, second, DocumentKind.FSE), "R01", "Droits non ouverts")]
    arl = tmp_path / "arl.json"
    arl.write_bytes(compose(file.identity, digest(file_content(desk.ledger, file.identity)), refused))
    read_arl(desk.ledger, arl)
    documents = listed(None, ALL)
    assert sum_up(desk.ledger, documents) == (1, 15_620)
    (seen,) = look_into(desk.ledger, documents, Order(), 0, 10, 1)
    assert [(seen.line, seen.code, seen.reason)] == rejected_lines(desk.ledger)
    assert seen.closed == f"Invoice {second} is in a lot already; its pieces cannot change"
    (left,) = look_into(desk.ledger, listed(TO_SECURE, ALL), Order(), 0, 10, 1)
    assert left.closed == ""


def test_windows_of_files(desk: Desk, tmp_path: Path) -> None:
    for number in ("190305001", "190305002", "190305003"):
        desk.degraded(number)
        desk.files()
    files = file_lines(desk.ledger)
    assert len(files) == 3
    assert sum_up_files(desk.ledger, ALL) == (3, 3 * 15_620)
    for sort in FileSort:
        for descending in (None, True, False):
            every = file_window(desk.ledger, ALL, sort, descending, 0, 10)
            apart = [
                line for at in range(3) for line in file_window(desk.ledger, ALL, sort, descending, at, 1)
            ]
            assert apart == every
            assert sorted(every) == sorted(files)
    assert file_window(desk.ledger, ALL, FileSort.MADE, True, 0, 9) == files[::-1]
    nobody = DocumentFilter(patient="nobody")
    assert (
        sum_up_files(desk.ledger, nobody),
        file_window(desk.ledger, nobody, FileSort.MADE, None, 0, 9),
    ) == (
        (0, 0),
        [],
    )
    send_to_folder(desk.ledger, files[0].identity, Outbox(tmp_path / "outbox"))
    assert sum_up_files(desk.ledger, ALL, OPEN_FILES) == (2, 2 * 15_620)
    assert sum_up_files(desk.ledger, ALL, [FileState.SENT]) == (1, 15_620)
