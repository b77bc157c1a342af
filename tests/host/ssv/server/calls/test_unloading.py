"""Unloading by SSV: what a program holds is what a pull gives, and a cut call made again loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import tla_sim
from tests.cut_line import CutLine
from tests.ssv_kit import Program, Returned, zone
from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.round.transmit import transmit
from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.functions import (
    CHARGER_FACTURES_PDT,
    DECHARGER_BENEFICIAIRES,
    DECHARGER_FACTURES_PDT,
    DECHARGER_FSE_TLA,
    EFFACER_TLA,
)
from tla_sim.host.ssv.server.invoice_zones import invoice_of
from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.kinds import DocumentKind
from tla_sim.protocol.groups.ssv_calls import HeldDocument
from tla_sim.protocol.groups.vitale import Beneficiary, Insured
from tla_sim.tools.cast.people import CODE

PREPARED = tla_sim.prepared_invoices(tla_sim.demo_practice())
NURSE, DOCTOR, PHYSIO = "75629690", "75112040", "75712040"
CARDS = {NURSE: "PIQURE2969", DOCTOR: "TOUBIB", PHYSIO: "MASSEUR3107"}


def load_all(reader: tla_sim.SimulatedReader, ledger: Path) -> None:
    """Load the demo practice by calls."""
    program = Program(reader.client(), ledger)
    assert program.call(CHARGER_FACTURES_PDT, zones=[zone(*each.groups()) for each in PREPARED]).code == 0
    reader.unplug()


def visit(reader: tla_sim.SimulatedReader, card: str = "PIQURE2969", patient: str = "MARTIN") -> None:
    """Have a patient's invoices signed at home with a PS card, which stays in."""
    reader.insert_ps(card)
    reader.insert_vitale(patient)
    reader.press("VAL", CODE, "VAL")


def round_made(reader: tla_sim.SimulatedReader, ledger: Path) -> Program:
    """Load, visit, and be back on the cable."""
    load_all(reader, ledger)
    visit(reader)
    return Program(reader.client(), ledger)


def documents(returned: Returned) -> dict[DocumentId, HeldDocument]:
    """The documents that a program got, each once."""
    assert returned.code == 0
    found = [group for group in returned.groups if isinstance(group, HeldDocument)]
    held = {DocumentId(each.owner, each.number, DocumentKind(each.kind)): each for each in found}
    assert len(held) == len(found) == len(returned.zones)
    return held


def contents(returned: Returned) -> dict[DocumentId, bytes]:
    """Their bytes, which match their digests."""
    held = documents(returned)
    assert all(digest(each.content).hex() == each.digest for each in held.values())
    return {name: each.content for name, each in held.items()}


def fses(ledger: Ledger) -> dict[DocumentId, bytes]:
    """What a ledger holds certified."""
    states = (LedgerState.PARTIAL, LedgerState.COMPLETE)
    return {each.id: ledger.fse(each.id) for each in ledger.documents() if each.state in states}


@pytest.fixture
def made(reader: tla_sim.SimulatedReader, tmp_path: Path) -> Program:
    return round_made(reader, tmp_path / "ledger.db")


@pytest.mark.parametrize("function", [DECHARGER_FSE_TLA, DECHARGER_FACTURES_PDT])
def test_a_program_holds_to_the_byte_what_a_pull_gives(
    made: Program, function: Function, tmp_path: Path
) -> None:
    got = contents_signed(made.call(function))
    with tla_sim.SimulatedReader.in_memory(seed=1) as other:
        client = round_made(other, tmp_path / "other.db").work.client
        client.verify_code(CODE)
        with Ledger.open(tmp_path / "other.db") as ledger:
            pulled = tla_sim.pull(client, ledger)
            expected = fses(ledger)
    assert pulled.partial + pulled.complete == len(expected) == 5
    assert got == expected
    with made.work.ledger() as ledger:
        assert fses(ledger) == expected
    assert {each.state.name for each in made.work.client.list_documents()} == {"LOADED"}


def test_states_and_modes_are_those_of_the_documents(made: Program) -> None:
    held = documents(made.call(DECHARGER_FSE_TLA)).values()
    assert {(each.owner == NURSE, each.state) for each in held} == {(True, "COMPLETE"), (False, "PARTIAL")}
    assert {each.mode for each in held} == {1}


def test_a_program_that_got_nothing_calls_again_and_gets_it_from_the_ledger(made: Program) -> None:
    first = made.call(DECHARGER_FSE_TLA)
    assert made.call(DECHARGER_FSE_TLA) == first
    number = min(documents(first)).number
    (one,) = contents(made.call(DECHARGER_FSE_TLA, invoice=number)).items()
    assert one in contents(first).items()


def test_what_was_transmitted_comes_only_by_its_number(made: Program, tmp_path: Path) -> None:
    first = documents(made.call(DECHARGER_FSE_TLA))
    complete = sorted(name for name, each in first.items() if each.state == "COMPLETE")
    with made.work.ledger() as ledger:
        assert len(transmit(ledger, tmp_path / "outbox").sent) == len(complete) == 3
    assert {each.state for each in documents(made.call(DECHARGER_FSE_TLA)).values()} == {"PARTIAL"}
    (again,) = documents(made.call(DECHARGER_FSE_TLA, invoice=complete[0].number)).values()
    assert again == first[complete[0]]


def test_what_is_in_a_lot_comes_only_by_its_number(made: Program) -> None:
    first = documents(made.call(DECHARGER_FSE_TLA))
    with made.work.ledger() as ledger:
        tla_sim.make_lots(made.work.client, ledger)
    complete = sorted(name for name, each in first.items() if each.state == "COMPLETE")
    assert {each.state for each in documents(made.call(DECHARGER_FSE_TLA)).values()} == {"PARTIAL"}
    (again,) = documents(made.call(DECHARGER_FSE_TLA, invoice=complete[0].number)).values()
    assert again == first[complete[0]]


def test_a_finally_signed_document_comes_by_its_number(
    made: Program, reader: tla_sim.SimulatedReader
) -> None:
    first = documents(made.call(DECHARGER_FSE_TLA))
    partial = min(name for name, each in first.items() if each.owner == DOCTOR)
    reader.insert_ps("TOUBIB")
    made.work.client.verify_code(CODE)
    with made.work.ledger() as ledger:
        assert tla_sim.sign(made.work.client, ledger).signed == 2 - sum(n.owner == PHYSIO for n in first)
        held = ledger.fse(partial)
    (again,) = documents(made.call(DECHARGER_FSE_TLA, invoice=partial.number)).values()
    assert (again.state, again.content) == ("FINAL", held)


@pytest.mark.parametrize("card", CARDS.values())
def test_a_card_gets_what_it_owns_or_signed_and_no_more(
    made: Program, reader: tla_sim.SimulatedReader, card: str
) -> None:
    everything = contents(made.call(DECHARGER_FSE_TLA))
    reader.insert_ps(card)
    owner = next(number for number, name in CARDS.items() if name == card)
    may = {name for name in everything if owner in (name.owner, NURSE)}
    assert set(contents(made.call(DECHARGER_FSE_TLA))) == may
    for name, content in everything.items():
        answer = made.call(DECHARGER_FSE_TLA, invoice=name.number)
        if name in may:
            assert contents(answer) == {name: content}
        else:
            assert answer.code == 0xF004


def test_anothers_documents_stay_on_the_reader(reader: tla_sim.SimulatedReader, tmp_path: Path) -> None:
    program = round_made(reader, tmp_path / "ledger.db")
    reader.insert_ps("MASSEUR3107")
    assert all(name.owner == PHYSIO for name in documents(program.call(DECHARGER_FSE_TLA)))
    certified = [each.id for each in program.work.client.list_documents() if each.state.name != "LOADED"]
    assert {each.owner for each in certified} == {NURSE, DOCTOR}
    assert program.call(DECHARGER_FSE_TLA, invoice=min(certified).number).code == 0xF004
    reader.insert_ps("PIQURE2969")
    assert set(certified) <= set(documents(program.call(DECHARGER_FSE_TLA)))


def test_a_secretarys_cpe_gets_what_it_signed(reader: tla_sim.SimulatedReader, tmp_path: Path) -> None:
    load_all(reader, tmp_path / "ledger.db")
    visit(reader, "ACCUEIL4242")
    program = Program(reader.client(), tmp_path / "ledger.db")
    held = documents(program.call(DECHARGER_FSE_TLA))
    assert len(held) == 5
    assert {each.state for each in held.values()} == {"PARTIAL"}
    assert set(documents(program.call(DECHARGER_FACTURES_PDT))) == set(held), "it owns nothing unsigned"
    assert program.call(EFFACER_TLA).code == 0xF004


@pytest.mark.parametrize(
    ("invoice", "code"),
    [("999999999", 0xF0FF), ("19030502x", 0xF802), ("1903050280", 0xF802), ("190220006", 0)],
)
def test_what_a_number_may_be(made: Program, invoice: str, code: int) -> None:
    answer = made.call(DECHARGER_FSE_TLA, invoice=invoice)
    assert (answer.code, answer.zones) == (code, ()), "190220006 waits for its patient"


def test_a_document_that_does_not_verify_stays_on_the_reader(made: Program, tmp_path: Path) -> None:
    others = tla_sim.TrustAnchors.shipped((CardKind.REAL,))
    program = Program(made.work.client, tmp_path / "ledger.db", anchors=others)
    assert documents(program.call(DECHARGER_FSE_TLA)) == {}
    certified = [each for each in made.work.client.list_documents() if each.state.name == "COMPLETE"]
    assert len(certified) == 3
    assert program.call(DECHARGER_FSE_TLA, invoice=certified[0].id.number).code == 0xF0FF
    assert len(documents(made.call(DECHARGER_FSE_TLA))) == 5


def test_what_was_not_certified_is_told_with_its_invoice(
    reader: tla_sim.SimulatedReader, tmp_path: Path
) -> None:
    load_all(reader, tmp_path / "ledger.db")
    reader.insert_ps("PIQURE2969")
    reader.insert_vitale("MARTIN")
    reader.press("DOWN", "DOWN", "MENU", "MENU", "VAL")
    program = Program(reader.client(), tmp_path / "ledger.db")
    answer = program.call(DECHARGER_FACTURES_PDT)
    held = documents_of_invoices(answer)
    assert {state for state, _ in held.values()} == {"LOADED", "CANCELLED"}
    assert {name.owner for name in held} == {NURSE}
    prepared = {each.number: each.digest for each in PREPARED if each.owner == NURSE}
    assert {name.number: told for name, (_, told) in held.items()} == prepared
    on_board = {each.id for each in program.work.client.list_documents(NURSE)}
    assert on_board == {name for name, (state, _) in held.items() if state == "LOADED"}
    assert documents_of_invoices(program.call(DECHARGER_FACTURES_PDT)) == held
    (given_up,) = (name.number for name, (state, _) in held.items() if state == "CANCELLED")
    assert set(documents_of_invoices(program.call(DECHARGER_FACTURES_PDT, invoice=given_up))) == {
        DocumentId(NURSE, given_up, DocumentKind.FSE)
    }
    assert program.call(DECHARGER_FSE_TLA).zones == ()


def test_what_was_given_up_is_told_to_its_owner_whoever_pulled(
    reader: tla_sim.SimulatedReader, tmp_path: Path
) -> None:
    load_all(reader, tmp_path / "ledger.db")
    reader.insert_vitale("MARTIN")
    reader.press("DOWN", "MENU", "MENU", "VAL")
    reader.insert_ps("PIQURE2969")
    program = Program(reader.client(), tmp_path / "ledger.db")
    assert {name.owner for name in documents(program.call(DECHARGER_FACTURES_PDT))} == {NURSE}
    assert len(program.work.client.list_documents(DOCTOR)) == 2
    reader.insert_ps("TOUBIB")
    held = documents_of_invoices(program.call(DECHARGER_FACTURES_PDT))
    assert sorted(state for state, _ in held.values()) == ["CANCELLED", "LOADED", "LOADED"]


def documents_of_invoices(returned: Returned) -> dict[DocumentId, tuple[str, bytes]]:
    """State, and digest of the invoice behind it, of each document that is not certified."""
    assert returned.code == 0
    found: dict[DocumentId, tuple[str, bytes]] = {}
    for each in returned.zones:
        header, *groups = Returned(0, (each,)).groups
        assert isinstance(header, HeldDocument)
        assert header.content == b""
        name = DocumentId(header.owner, header.number, DocumentKind(header.kind))
        found[name] = header.state, invoice_of(groups).digest
    return found


def numbers_asked_for(zones: list[bytes], program: Program) -> set[str]:
    return {name.number for name in documents(program.call(DECHARGER_FACTURES_PDT, zones=zones))}


def test_zones_in_say_which_invoices_are_wanted(made: Program) -> None:
    mine = [each for each in PREPARED if each.owner == NURSE]
    loaded, other = (each for each in mine if each.patient.last_name != "MARTIN"), mine[0]
    waiting = next(loaded)
    by_document = zone(HeldDocument(owner=NURSE, number=other.number, kind=1))
    by_invoice = zone(*waiting.groups())
    assert numbers_asked_for([by_document, by_invoice], made) == {other.number, waiting.number}
    assert numbers_asked_for([zone(waiting.identification)], made) == {waiting.number}
    assert numbers_asked_for([zone(HeldDocument(owner=DOCTOR, number=other.number, kind=1))], made) == set()
    everything = {name.number for name in documents(made.call(DECHARGER_FACTURES_PDT))}
    assert {each.number for each in mine} <= everything


@pytest.mark.parametrize("given", [b"", b"\x01", zone(PREPARED[0].totals)])
def test_a_zone_that_names_no_invoice_is_f802_and_nothing_is_pulled(made: Program, given: bytes) -> None:
    before = made.work.client.list_documents()
    assert made.call(DECHARGER_FACTURES_PDT, zones=[given]).code == 0xF802
    assert made.work.client.list_documents() == before


def test_an_invoice_that_another_workstation_loaded_is_told_without_its_groups(
    reader: tla_sim.SimulatedReader, tmp_path: Path
) -> None:
    load_all(reader, tmp_path / "another.db")
    reader.insert_ps("PIQURE2969")
    program = Program(reader.client(), tmp_path / "ledger.db")
    held = documents(program.call(DECHARGER_FACTURES_PDT))
    assert {(name.owner, each.state, each.content) for name, each in held.items()} == {(NURSE, "LOADED", b"")}


def test_each_vitale_met_is_a_zone(made: Program, reader: tla_sim.SimulatedReader) -> None:
    reader.unplug()
    visit(reader, patient="DESMAUX")
    program = Program(reader.client(), made.work.ledger_path)
    patients = program.call(DECHARGER_BENEFICIAIRES)
    assert patients.code == 0
    met = [Returned(0, (each,)).groups for each in patients.zones]
    assert [sum(isinstance(group, Insured) for group in groups) for groups in met] == [1, 1]
    names = [group.usual_name for groups in met for group in groups if isinstance(group, Beneficiary)]
    assert sorted(set(names)) == ["DESMAUX", "MARTIN"]
    assert program.call(DECHARGER_BENEFICIAIRES, billing=NURSE) == patients
    assert program.call(DECHARGER_BENEFICIAIRES, billing="75600001").code == 0xF004


def test_anothers_patients_are_f004(made: Program, reader: tla_sim.SimulatedReader) -> None:
    reader.insert_ps("MASSEUR3107")
    assert made.call(DECHARGER_BENEFICIAIRES, billing=NURSE).code == 0xF004
    reader.insert_ps("ACCUEIL4242")
    assert made.call(DECHARGER_BENEFICIAIRES) == Returned(0), "a CPE that met nobody"


@pytest.mark.parametrize("kind", ["", "0"])
def test_erasing_takes_all_of_the_cards_owner_and_it_may_be_loaded_again(made: Program, kind: str) -> None:
    assert made.call(DECHARGER_FSE_TLA).code == 0
    others = [each for each in made.work.client.list_documents() if each.id.owner != NURSE]
    assert made.call(EFFACER_TLA, kind=kind).code == 0
    assert list(made.work.client.list_documents()) == others
    assert made.call(DECHARGER_BENEFICIAIRES).zones == ()
    with made.work.ledger() as ledger:
        assert LedgerState.LOADED not in {each.state for each in ledger.documents() if each.owner == NURSE}
    ours = [zone(*each.groups()) for each in PREPARED if each.owner == NURSE]
    assert made.call(CHARGER_FACTURES_PDT, billing=NURSE, zones=ours).code == 0


def test_what_was_certified_is_erased_by_its_owner_alone(
    made: Program, reader: tla_sim.SimulatedReader
) -> None:
    before = made.work.client.list_documents()
    reader.insert_ps("MASSEUR3107")
    assert made.call(EFFACER_TLA, billing=NURSE).code == 0xF0FF
    assert made.work.client.list_documents() == before
    reader.insert_ps("PIQURE2969")
    assert made.call(EFFACER_TLA, billing=NURSE).code == 0
    assert NURSE not in {each.id.owner for each in made.work.client.list_documents()}


@pytest.mark.parametrize("inputs", [{"kind": "1"}, {"kind": "FSE"}, {"billing": "all"}])
def test_other_kinds_of_data_are_f802_and_nothing_is_erased(made: Program, inputs: dict[str, str]) -> None:
    before = made.work.client.list_documents()
    assert made.call(EFFACER_TLA, **inputs).code == 0xF802
    assert made.work.client.list_documents() == before


@pytest.mark.parametrize(
    ("function", "heard"),
    [(DECHARGER_FSE_TLA, False), (DECHARGER_FSE_TLA, True), (DECHARGER_FACTURES_PDT, True)],
)
def test_an_unload_cut_at_any_exchange_and_called_again_gives_each_document_once(
    tmp_path: Path, function: Function, heard: bool
) -> None:
    expected: dict[DocumentId, bytes] | None = None
    cut = 0
    while True:
        path = tmp_path / f"ledger-{cut}.db"
        with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
            load_all(reader, path)
            visit(reader)
            line = CutLine(reader, cut, heard=heard)
            client = ReaderClient(line.transport, batch_bytes=8_000)
            code = Program(client, path).call(function).code
            line.transport.close()
            program = Program(reader.client(), path)
            got = contents_signed(program.call(function))
            expected = expected or got
            assert got == expected
            assert len(got) == 5
            with program.work.ledger() as ledger:
                assert fses(ledger) == got
            assert {each.state.name for each in program.work.client.list_documents()} == {"LOADED"}
        if not line.was_cut:
            assert code == 0
            break
        assert code == 0xF101
        cut += 1
    assert cut > 8


def contents_signed(returned: Returned) -> dict[DocumentId, bytes]:
    return {name: each.content for name, each in documents(returned).items() if each.content}
