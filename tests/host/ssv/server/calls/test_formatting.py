"""SSV_FormaterFactures: each way and kind, what it refuses, and that a document is certified once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desk_kit import ANCHORS, invoice, with_dre
from tests.host.ssv.server.calls.desk import ProgramsDesk
from tests.host.ssv.server.calls.ill_formed import ILL_FORMED_INVOICES
from tests.ssv_kit import Program, Returned, zone
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.desk.marks import bill_degraded, bill_secured
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import Rights
from tla_sim.host.ledger.ledger import LedgerState
from tla_sim.host.ssv.functions import FORMATER_FACTURES
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.ssv_calls import HeldDocument
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, MAYA, PAUL, SECRETARY, WRONG_CODE

NUMBER = "190305001"
FSE, DRE, BOTH = (ord(each) for each in "123")
NOMINAL, OUT_OF_STEP, DEGRADED = (ord(each) for each in "123")


@pytest.fixture
def desk(tmp_path: Path) -> ProgramsDesk:
    return ProgramsDesk(tmp_path)


def certify(
    program: Program,
    securing: int = NOMINAL,
    create: int = FSE,
    prepared: PreparedInvoice | None = None,
    **more: str,
) -> Returned:
    """Call the function with an invoice."""
    groups = (prepared or invoice(NUMBER)).groups()
    return program.call(FORMATER_FACTURES, create=create, securing=securing, zone=zone(*groups), **more)


def documents(returned: Returned) -> list[HeldDocument]:
    """The documents of an answer."""
    assert returned.code == 0
    found = [each for each in returned.groups if isinstance(each, HeldDocument)]
    assert len(found) == len(returned.groups)
    return found


@pytest.mark.parametrize(
    ("securing", "cpe", "state", "mode"),
    [
        (NOMINAL, False, "COMPLETE", SecurityMode.SECURED),
        (OUT_OF_STEP, False, "COMPLETE", SecurityMode.SECURED),
        (OUT_OF_STEP, True, "PARTIAL", SecurityMode.SECURED),
        (DEGRADED, False, "COMPLETE", SecurityMode.DEGRADED),
    ],
)
@pytest.mark.parametrize(
    ("create", "kinds"), [(FSE, [DocumentKind.FSE]), (DRE, [DocumentKind.DRE]), (BOTH, list(DocumentKind))]
)
def test_each_way_certifies_each_kind(
    desk: ProgramsDesk,
    securing: int,
    cpe: bool,
    state: str,
    mode: SecurityMode,
    create: int,
    kinds: list[DocumentKind],
) -> None:
    if cpe:
        desk.bench.insert_ps(SECRETARY, cpe=True)
    if securing == DEGRADED:
        desk.bench.reader.remove(Slot.VITALE)
    found = documents(certify(desk.program(), securing, create, with_dre(invoice(NUMBER))))
    assert [(each.kind, each.state, each.mode) for each in found] == [
        (int(kind), state, int(mode)) for kind in kinds
    ]
    with desk.ledger() as ledger:
        lines = ledger.documents()
        held = [(each.kind, ledger.fse(each.id)) for each in lines if each.state is LedgerState[state]]
    assert held == [(each.kind, each.content) for each in found]
    assert desk.client().list_documents() == ()


def test_an_invoice_without_a_complementary_part_makes_its_fse_alone(desk: ProgramsDesk) -> None:
    program = desk.program()
    assert [each.kind for each in documents(certify(program, create=BOTH))] == [DocumentKind.FSE]
    before = desk.traces()
    assert certify(desk.program(), create=DRE).code == 0xF0FF
    assert desk.traces() == before


def test_another_ps_certifies_desynchronised_alone(desk: ProgramsDesk) -> None:
    desk.bench.insert_ps(PAUL)
    before = desk.traces()
    program = desk.program()
    assert certify(program, NOMINAL).code == 0xF004
    assert certify(program, DEGRADED).code == 0xF004
    assert desk.traces() == before
    (found,) = documents(certify(desk.program(), OUT_OF_STEP))
    assert found.state == "PARTIAL"


@pytest.mark.parametrize("kind", ["cpe", "cpf"])
def test_neither_cpe_nor_cpf_gives_a_titulaires_signature(desk: ProgramsDesk, kind: str) -> None:
    desk.bench.insert_ps(MAYA, cpe=kind == "cpe", cpf=kind == "cpf")
    before = desk.traces()
    assert [certify(desk.program(), each).code for each in (NOMINAL, DEGRADED)] == [0xF004, 0xF004]
    assert desk.traces() == before


def test_what_is_desynchronised_is_not_nominal(desk: ProgramsDesk) -> None:
    desk.bench.insert_ps(SECRETARY, cpe=True)
    documents(certify(desk.program(), OUT_OF_STEP))
    desk.bench.insert_ps()
    before = desk.traces()
    assert certify(desk.program(), NOMINAL).code == 0xF0FF
    assert desk.traces() == before


@pytest.mark.parametrize(
    ("create", "securing"),
    [(0, NOMINAL), (1, NOMINAL), (ord("4"), NOMINAL), (FSE, 0), (FSE, ord("4")), (0, 0)],
)
def test_other_characters_are_f802_and_cost_no_try(desk: ProgramsDesk, create: int, securing: int) -> None:
    before = desk.traces()
    program = desk.program()
    for _ in range(3):
        assert certify(program, securing, create, code=WRONG_CODE).code == 0xF802
    assert desk.exchanges == 0
    assert desk.traces() == before
    assert certify(desk.program()).code == 0


NO_INVOICE = {**ILL_FORMED_INVOICES, "two invoices": zone(*invoice(NUMBER).groups()) * 2}


@pytest.mark.parametrize("spoilt", NO_INVOICE.values(), ids=NO_INVOICE.keys())
def test_an_ill_formed_zone_is_f802_and_nothing_changes(desk: ProgramsDesk, spoilt: bytes) -> None:
    before = desk.traces()
    for create, securing in ((FSE, NOMINAL), (BOTH, OUT_OF_STEP), (DRE, DEGRADED)):
        returned = desk.program().call(FORMATER_FACTURES, create=create, securing=securing, zone=spoilt)
        assert returned.code == 0xF802
    assert desk.traces() == before


def test_the_cards_refusals_have_their_codes(desk: ProgramsDesk) -> None:
    program = desk.program()
    assert certify(program, ps_resource="Vitale").code == 0xF101
    assert certify(program, reader="CPS").code == 0xF101
    assert certify(program, code="").code == 0xF003
    assert certify(program, code=WRONG_CODE).code == 0xF003
    desk.bench.reader.remove(Slot.VITALE)
    assert certify(program).code == 0xF011
    assert certify(program, OUT_OF_STEP).code == 0xF011
    desk.bench.reader.remove(Slot.PS)
    assert certify(program).code == 0xF001
    with desk.ledger() as ledger:
        assert [each.state for each in ledger.documents()] == [LedgerState.PREPARED]
    assert desk.client().diagnostics().signature_counter == 0


@pytest.mark.parametrize("securing", [NOMINAL, OUT_OF_STEP, DEGRADED])
def test_called_again_it_gives_the_same_documents(desk: ProgramsDesk, securing: int) -> None:
    both = with_dre(invoice(NUMBER))
    first = certify(desk.program(), securing, BOTH, both)
    before = desk.traces()
    assert certify(desk.program(), securing, BOTH, both) == first
    assert certify(desk.program(), securing, FSE, both).groups == first.groups[:1]
    assert desk.traces() == before


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("securing", [NOMINAL, DEGRADED])
def test_cut_at_any_exchange_and_called_again_it_certifies_once(
    tmp_path: Path, securing: int, answered: bool
) -> None:
    both = with_dre(invoice(NUMBER))
    whole = ProgramsDesk(tmp_path)
    certify(whole.program(), securing, BOTH, both)
    signatures = whole.client().diagnostics().signature_counter
    for at in range(whole.exchanges):
        folder = tmp_path / str(at)
        folder.mkdir()
        desk = ProgramsDesk(folder)
        assert certify(desk.program(cut_at=at, answered=answered), securing, BOTH, both).code == 0xF101
        found = documents(certify(desk.program(), securing, BOTH, both))
        assert [each.state for each in found] == ["COMPLETE", "COMPLETE"], at
        with desk.ledger() as ledger:
            assert [ledger.fse(each.id) for each in ledger.documents()] == [each.content for each in found]
        client = desk.client()
        assert client.list_documents() == (), at
        assert client.diagnostics().signature_counter == signatures, at


@pytest.mark.parametrize("securing", [NOMINAL, DEGRADED])
def test_it_certifies_as_the_verb_does_to_the_byte(tmp_path: Path, securing: int) -> None:
    both = with_dre(invoice(NUMBER))
    ours, verbs = (ProgramsDesk(tmp_path / name) for name in ("ours", "verbs"))
    for each in (ours, verbs):
        each.path.parent.mkdir()
    found = documents(certify(ours.program(), securing, BOTH, both))
    client = verbs.client()
    client.verify_code(CODE)
    with verbs.ledger() as ledger:
        prepared = (
            bill_degraded(ledger, both, Rights.PRACTICE) if securing == DEGRADED else documents_of(both)
        )
        done = certify_documents(client, ledger, ANCHORS, prepared)
    assert [each.content for each in found] == [each.content for each in done]


def test_a_degraded_invoice_says_where_its_rights_come_from(desk: ProgramsDesk) -> None:
    plain = invoice(NUMBER)
    adr = replace(plain, coverage=replace(plain.coverage, rights_source="ADR"))
    (found,) = documents(certify(desk.program(), DEGRADED, prepared=adr))
    assert Document(found.content).invoice.coverage.rights_source == "ADR"
    assert certify(desk.program(), DEGRADED, prepared=plain).groups == (found,), "no rights are any rights"
    odd = replace(plain, coverage=replace(plain.coverage, rights_source="HEARSAY"))
    before = desk.traces()
    assert certify(desk.program(), DEGRADED, prepared=odd).code == 0xF802
    practice = replace(plain, coverage=replace(plain.coverage, rights_source="CABINET"))
    assert certify(desk.program(), DEGRADED, prepared=practice).code == 0xF0FF
    assert certify(desk.program(), NOMINAL).code == 0xF0FF
    assert desk.traces() == before


def test_the_program_says_how_an_open_invoice_is_billed(desk: ProgramsDesk) -> None:
    with desk.ledger() as ledger:
        bill_degraded(ledger, invoice(NUMBER), Rights.ADR)
        bill_degraded(ledger, invoice("190305002"), Rights.ADR)
        bill_secured(ledger, invoice("190305003"))
    (secured,) = documents(certify(desk.program(), NOMINAL))
    assert (secured.mode, secured.state) == (SecurityMode.SECURED, "COMPLETE")
    (kept,) = documents(certify(desk.program(), DEGRADED, prepared=invoice("190305002")))
    assert Document(kept.content).invoice.coverage.rights_source == "ADR"
    (degraded,) = documents(certify(desk.program(), DEGRADED, prepared=invoice("190305003")))
    assert Document(degraded.content).invoice.coverage.rights_source == "CABINET"


def test_another_invoice_under_its_number_is_refused(desk: ProgramsDesk) -> None:
    documents(certify(desk.program()))
    before = desk.traces()
    day = invoice(NUMBER).made_on + timedelta(days=1)
    other = replace(invoice(NUMBER), identification=replace(invoice(NUMBER).identification, made_on=day))
    for securing in (NOMINAL, OUT_OF_STEP, DEGRADED):
        assert certify(desk.program(), securing, prepared=other).code == 0xF0FF
    assert desk.traces() == before
