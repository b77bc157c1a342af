"""Loading by SSV_ChargerFacturesPdT: the same documents as a push, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tla_sim
from tests.cut_line import CutLine
from tests.host.ssv.server.calls.ill_formed import ILL_FORMED_INVOICES
from tests.ssv_kit import Program, Returned, zone
from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import documents_of
from tla_sim.host.ssv.functions import CHARGER_FACTURES_PDT
from tla_sim.host.ssv.server.invoice_zones import read_invoice
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.kinds import DocumentKind, SecurityMode
from tla_sim.protocol.groups.invoice import AmcBody
from tla_sim.protocol.groups.ssv_calls import HeldDocument, LoadReport

PREPARED = tla_sim.prepared_invoices(tla_sim.demo_practice())
NURSE, DOCTOR = "75629690", "75112040"
THEIRS = [each for each in PREPARED if each.owner == NURSE]

FIRST, SECOND = THEIRS[:2]
TWO_PARTS = replace(
    FIRST,
    amc=AmcBody(identifier="99999997", name="MUTUELLE - DEMONSTRATION"),
    coverage=replace(FIRST.coverage, third_party_amc=True),
    totals=replace(FIRST.totals, fund=FIRST.totals.fund - 1_000, complementary=1_000),
)
"""The first invoice with a part for the complementary insurer, which makes a DRE."""


def zones_of(invoices: Sequence[PreparedInvoice]) -> list[bytes]:
    return [zone(*invoice.groups()) for invoice in invoices]


def header(invoice: PreparedInvoice, **more: object) -> HeldDocument:
    told = {"owner": invoice.owner, "number": invoice.number, "kind": 1, "mode": 1}
    return HeldDocument(**told | more)  # type: ignore[arg-type]


def told(returned: Returned) -> list[tuple[str, int, str]]:
    """Number, kind and result of each document."""
    assert returned.code == 0
    groups = [group for group in returned.groups if isinstance(group, LoadReport)]
    assert len(groups) == len(returned.groups)
    return [(each.number, each.kind, each.result) for each in groups]


def on_board(program: Program) -> object:
    return program.work.client.list_documents()


def in_ledger(program: Program) -> list[tuple[object, str]]:
    with program.work.ledger() as ledger:
        return [(line.id, line.state.name) for line in ledger.documents()]


@pytest.mark.parametrize("invoice", PREPARED, ids=lambda invoice: invoice.number)
def test_a_zone_says_the_same_invoice_as_the_practice_file(invoice: PreparedInvoice) -> None:
    assert read_invoice(zone(*invoice.groups())).digest == invoice.digest


def test_all_of_the_demo_practice_is_loaded_as_by_a_push(program: Program, tmp_path: Path) -> None:
    returned = program.call(CHARGER_FACTURES_PDT, zones=zones_of(PREPARED))
    assert len(returned.zones) == len(PREPARED)
    expected = [(each.id.number, int(each.kind), "loaded") for one in PREPARED for each in documents_of(one)]
    assert told(returned) == expected
    with (
        tla_sim.SimulatedReader.in_memory(seed=1) as other,
        tla_sim.Ledger.open(tmp_path / "other.db") as ledger,
    ):
        tla_sim.push(other.client(), ledger, tla_sim.demo_practice())
        assert on_board(program) == other.client().list_documents()
        assert in_ledger(program) == [(line.id, line.state.name) for line in ledger.documents()]


def test_an_invoice_of_two_parts_is_loaded_as_fse_and_dre(program: Program) -> None:
    returned = program.call(CHARGER_FACTURES_PDT, zones=zones_of([TWO_PARTS, SECOND]))
    assert len(returned.zones) == 2, "one for each invoice"
    assert told(returned) == [
        (FIRST.number, 1, "loaded"),
        (FIRST.number, 2, "loaded"),
        (SECOND.number, 1, "loaded"),
    ]


def test_what_is_there_already_is_told_and_not_sent_again(program: Program) -> None:
    program.call(CHARGER_FACTURES_PDT, billing=NURSE, zones=zones_of(THEIRS[:2]))
    again = program.call(CHARGER_FACTURES_PDT, billing=NURSE, zones=zones_of(THEIRS[1:3]))
    assert [(number, result) for number, _, result in told(again)] == [
        (THEIRS[1].number, "already"),
        (THEIRS[2].number, "loaded"),
    ]


def test_one_zone_may_hold_several_invoices(program: Program) -> None:
    first, second = THEIRS[:2]
    both = zone(*first.groups(), header(second), *second.groups())
    returned = program.call(CHARGER_FACTURES_PDT, zones=[both])
    assert [number for number, _, _ in told(returned)] == [first.number, second.number]
    assert len(returned.zones) == 2


def test_an_old_reader_is_answered_in_one_zone_and_loads_no_dre(tmp_path: Path) -> None:
    ours = [TWO_PARTS, SECOND]
    doctors = [each for each in PREPARED if each.owner == DOCTOR]
    with tla_sim.SimulatedReader.in_memory(seed=1, profile="1.31") as reader:
        program = Program(reader.client(), tmp_path / "ledger.db")
        returned = program.call(CHARGER_FACTURES_PDT, billing=NURSE, zones=zones_of(ours))
        assert len(returned.zones) == 1
        assert told(returned) == [(each.number, 1, "loaded") for each in ours]
        assert program.call(CHARGER_FACTURES_PDT, zones=zones_of(doctors)).code == 0xF0FF, "a second owner"
        assert {document.id.owner for document in program.work.client.list_documents()} == {NURSE}


def test_an_old_reader_refuses_what_it_cannot_take_before_anything_is_loaded(tmp_path: Path) -> None:
    with tla_sim.SimulatedReader.in_memory(seed=1, profile="1.31") as reader:
        program = Program(reader.client(), tmp_path / "ledger.db")
        the_dre = zone(header(TWO_PARTS, kind=2), *TWO_PARTS.groups())
        for zones in (zones_of(PREPARED), [*zones_of([SECOND]), the_dre]):
            assert program.call(CHARGER_FACTURES_PDT, zones=zones).code == 0xF0FF
        assert on_board(program) == ()
        assert in_ledger(program) == []


@pytest.mark.parametrize(("mode", "secured"), [(0, True), (1, True), (2, False)])
def test_a_group_9310_says_kind_and_mode_of_the_only_document(
    program: Program, mode: int, secured: bool
) -> None:
    wanted = zone(header(TWO_PARTS, kind=2, mode=mode), *TWO_PARTS.groups())
    assert told(program.call(CHARGER_FACTURES_PDT, zones=[wanted])) == [(FIRST.number, 2, "loaded")]
    with program.work.ledger() as ledger:
        (line,) = ledger.documents()
    assert line.kind is DocumentKind.DRE
    assert line.mode is (SecurityMode.SECURED if secured else SecurityMode.DEGRADED)


ILL_FORMED = {
    **ILL_FORMED_INVOICES,
    "a document without an invoice": zone(header(FIRST)),
    "another owner than its 9310": zone(header(FIRST, owner=DOCTOR), *FIRST.groups()),
    "another number than its 9310": zone(header(FIRST, number="1"), *FIRST.groups()),
    "a third kind": zone(header(FIRST, kind=3), *FIRST.groups()),
    "a third mode": zone(header(FIRST, mode=3), *FIRST.groups()),
    "a DRE of an invoice that makes none": zone(header(FIRST, kind=2), *FIRST.groups()),
    "a signed document": zone(header(FIRST, content=b"FSE"), *FIRST.groups()),
    "another mode than before": zone(header(SECOND, mode=2), *SECOND.groups()),
}


@pytest.mark.parametrize("spoilt", ILL_FORMED.values(), ids=ILL_FORMED.keys())
def test_an_ill_formed_zone_is_f802_and_nothing_is_loaded(program: Program, spoilt: bytes) -> None:
    code = program.call(CHARGER_FACTURES_PDT, zones=[*zones_of([SECOND]), spoilt]).code
    assert code == 0xF802
    assert on_board(program) == ()
    assert in_ledger(program) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_to_a_zone_is_more_than_refused(program: Program, data: st.DataObject) -> None:
    whole = zone(*FIRST.groups())
    at = data.draw(st.integers(0, len(whole) - 1))
    spoilt = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 4)) :]
    before = on_board(program)
    code = program.call(CHARGER_FACTURES_PDT, zones=[spoilt]).code
    assert code in (0, 0xF802, 0xF0FF)
    assert code == 0 or on_board(program) == before


@pytest.mark.parametrize("billing", ["75112040", "7562969", "nurse", "7562969O"])
def test_another_owner_than_the_one_named_is_f802_and_nothing_is_loaded(
    program: Program, billing: str
) -> None:
    assert program.call(CHARGER_FACTURES_PDT, billing=billing, zones=zones_of(THEIRS)).code == 0xF802
    assert on_board(program) == ()
    assert in_ledger(program) == []


def test_no_zone_at_all_is_f802(program: Program) -> None:
    assert program.call(CHARGER_FACTURES_PDT, billing=NURSE).code == 0xF802


def test_other_content_under_a_number_is_refused_and_nothing_is_loaded(program: Program) -> None:
    program.call(CHARGER_FACTURES_PDT, zones=zones_of([FIRST]))
    before = on_board(program), in_ledger(program)
    changed = replace(FIRST, patient=replace(FIRST.patient, last_name="AUTRE"))
    doctors = [each for each in PREPARED if each.owner == DOCTOR]
    zones = zones_of([*doctors, SECOND, changed])
    assert program.call(CHARGER_FACTURES_PDT, zones=zones).code == 0xF0FF
    assert (on_board(program), in_ledger(program)) == before


def test_a_damaged_invoice_is_refused_and_nothing_is_loaded(program: Program) -> None:
    program.call(CHARGER_FACTURES_PDT, zones=zones_of([FIRST]))
    before = on_board(program)
    with program.work.ledger() as ledger, ledger.writing():
        ledger.database.write("UPDATE documents SET invoice_digest = zeroblob(3)", ())
    assert program.call(CHARGER_FACTURES_PDT, zones=zones_of([FIRST, SECOND])).code == 0xF0FF
    assert on_board(program) == before


@pytest.mark.parametrize(("profile", "heard"), [("1.40", False), ("1.40", True), ("1.31", True)])
def test_a_load_cut_at_any_exchange_and_called_again_loads_each_document_once(
    tmp_path: Path, profile: str, heard: bool
) -> None:
    zones = zones_of(THEIRS)
    cut = 0
    while True:
        with tla_sim.SimulatedReader.in_memory(seed=1, profile=profile) as reader:
            program = Program(reader.client(), tmp_path / f"ledger-{cut}.db")
            line = CutLine(reader, cut, heard=heard)
            spoilt = Program(ReaderClient(line.transport), program.work.ledger_path)
            code = spoilt.call(CHARGER_FACTURES_PDT, billing=NURSE, zones=zones).code
            line.transport.close()
            again = told(program.call(CHARGER_FACTURES_PDT, billing=NURSE, zones=zones))
            assert {number for number, _, _ in again} == {each.number for each in THEIRS}
            listed = program.work.client.list_documents()
            assert len(listed) == len({each.id for each in listed}) == len(again)
            assert {state for _, state in in_ledger(program)} == {"LOADED"}
            assert len(in_ledger(program)) == len(listed)
        if not line.was_cut:
            assert code == 0
            break
        assert code == 0xF101
        cut += 1
    assert cut > 6
