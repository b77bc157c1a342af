"""What is known of a file half way, what is in it, and what is ready to be put into lots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.desk_kit import Desk, invoice, open_desk
from tla_sim.host.desk.rectification import propose_number
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import HeldFile
from tla_sim.host.ledger.file_contents import file_documents, file_events, lots_in
from tla_sim.host.ledger.files import held_file
from tla_sim.host.ledger.ready_lists import held_back_groups, ready_groups
from tla_sim.host.sending.doubt import find_doubt
from tla_sim.host.sending.ready import why_held_back
from tla_sim.host.sending.send import give_to_program
from tla_sim.tools.cast.people import NURSE

FIRST, SECOND = "190305028", "190305029"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


def held(desk: Desk, identity: str) -> HeldFile:
    found = held_file(desk.ledger, identity)
    assert found is not None
    return found


def test_what_is_ready_leaves_the_list_with_its_lot(desk: Desk) -> None:
    desk.secured(FIRST, dre=True)
    desk.degraded(SECOND)
    told = [(each.kind.name, each.count, each.total) for each in ready_groups(desk.ledger)]
    assert told == [("FSE", 2, 31_240), ("DRE", 1, 6_248)]
    files = desk.files((SECOND,)).files
    assert [(each.kind.name, each.count) for each in ready_groups(desk.ledger)] == [("FSE", 1), ("DRE", 1)]
    assert [each.documents for each in files] == [1]


def test_what_may_not_leave_says_why(desk: Desk) -> None:
    desk.ledger.record_prepared(documents_of(invoice(FIRST)))
    desk.ledger.record_loaded(documents_of(invoice(SECOND)), "READER")
    assert [why_held_back(each) for each in held_back_groups(desk.ledger)] == [
        "In a reader: to be certified there, then unloaded",
        "Prepared: to be certified with the Vitale and a PS card",
    ]


def test_a_file_tells_its_lots_its_documents_in_windows_and_its_steps(desk: Desk) -> None:
    desk.secured(FIRST)
    desk.degraded(SECOND)
    (made,) = desk.files().files
    file = held(desk, made.identity)
    assert sorted((each.number, each.documents, each.total) for each in lots_in(desk.ledger, file)) == [
        (1, 1, 15_620),
        (2, 1, 15_620),
    ]
    apart = [each.id.number for at in range(3) for each in file_documents(desk.ledger, file, at, 1)]
    assert sorted(apart) == [FIRST, SECOND]
    assert [each.outcome for each in file_documents(desk.ledger, file, 0, 9)] == [None, None]
    assert [each.state.name for each in file_events(desk.ledger, file)] == ["TO_SEND"]


def test_a_file_that_a_program_has_is_in_doubt_and_any_other_is_not(desk: Desk) -> None:
    desk.degraded(FIRST)
    (made,) = desk.files().files
    assert find_doubt(desk.ledger, held(desk, made.identity)) is None
    give_to_program(desk.ledger, [made.identity])
    doubt = find_doubt(desk.ledger, held(desk, made.identity))
    assert doubt is not None
    assert (doubt.folder, doubt.again) == (None, False)
    assert doubt.known == "It was given to a program, which may have sent it."


def test_a_number_is_proposed_that_nobody_has(desk: Desk) -> None:
    day = date(2019, 3, 5)
    assert propose_number(desk.ledger, NURSE, day) == "190305001"
    for number in ("190305001", "190305002", "190305004"):
        desk.ledger.record_prepared(documents_of(invoice(number)))
    assert propose_number(desk.ledger, NURSE, day) == "190305003"
    assert propose_number(desk.ledger, NURSE, day, {"190305003"}) == "190305005"
    assert propose_number(desk.ledger, "75600002", day, {"190305001"}) == "190305002"
