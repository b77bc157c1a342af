"""SSV_SecuriserFacture: whose card signs what, what a program may pass, and that nothing is signed twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.desk_kit import ANCHORS, invoice, with_dre
from tests.host.ssv.server.calls.desk import ProgramsDesk
from tests.reader_kit import Bench
from tests.ssv_kit import Program, Returned, zone
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.ledger import LedgerState
from tla_sim.host.round.sign import sign
from tla_sim.host.sending.lots import make_lots
from tla_sim.host.ssv.functions import SECURISER_FACTURE
from tla_sim.host.ssv.server.calls import signing
from tla_sim.host.ssv.server.document_zones import document_group
from tla_sim.protocol.commands.certifying import SIGN_FINAL, FinalSignature, FinalSignatures
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.ssv_calls import HeldDocument
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.issue import issue_cps
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import CODE, DOCTOR, MAYA, NURSE, PAUL, SECRETARY, WRONG_CODE

A, B, C = "190305001", "190305002", "190305003"


@pytest.fixture
def desk(tmp_path: Path) -> ProgramsDesk:
    return ProgramsDesk(tmp_path)


def certified(
    desk: ProgramsDesk, *prepared: PreparedInvoice, complete: bool = False, into: Path | None = None
) -> list[bytes]:
    """The FSEs and DREs of invoices, certified by the secretary or by the nurse herself, whose card is in at
    the end; into another ledger if there is one."""
    if not complete:
        desk.bench.insert_ps(SECRETARY, cpe=True)
    client = desk.client()
    client.verify_code(CODE)
    mine, desk.path = desk.path, into or desk.path
    with desk.ledger() as ledger:
        done = [
            fse for each in prepared for fse in certify_documents(client, ledger, ANCHORS, documents_of(each))
        ]
    desk.path = mine
    desk.bench.insert_ps()
    return [each.content for each in done]


def secure(
    program: Program, invoice: str = "", contents: Sequence[bytes] = (), situation: int = 0, **more: str
) -> Returned:
    """Call the function."""
    raw = zone(*(document_group(each) for each in contents))
    return program.call(SECURISER_FACTURE, invoice=invoice, zone=raw, situation=situation, **more)


def documents(returned: Returned) -> list[HeldDocument]:
    """The documents of an answer."""
    assert returned.code == 0
    found = [each for each in returned.groups if isinstance(each, HeldDocument)]
    assert len(found) == len(returned.groups)
    return found


def states(returned: Returned) -> list[tuple[str, int, str]]:
    """What an answer says of each document."""
    return [(each.number, each.kind, each.state) for each in documents(returned)]


def test_all_that_waits_for_the_card_is_signed(desk: ProgramsDesk) -> None:
    certified(desk, with_dre(invoice(A)), invoice(B))
    done = secure(desk.program())
    assert states(done) == [(A, 1, "FINAL"), (A, 2, "FINAL"), (B, 1, "FINAL")]
    with desk.ledger() as ledger:
        assert [(each.state, ledger.fse(each.id)) for each in ledger.documents()] == [
            (LedgerState.FINAL, each.content) for each in documents(done)
        ]
    before = desk.traces()
    assert secure(desk.program()) == done
    assert desk.traces() == before


def test_an_invoice_alone_is_signed(desk: ProgramsDesk) -> None:
    certified(desk, invoice(A), with_dre(invoice(B)))
    assert states(secure(desk.program(), B)) == [(B, 1, "FINAL"), (B, 2, "FINAL")]
    with desk.ledger() as ledger:
        assert [each.line.number for each in ledger.to_sign()] == [A]


def test_the_documents_of_a_zone_alone_are_signed(desk: ProgramsDesk) -> None:
    fse, dre, other = certified(desk, with_dre(invoice(A)), invoice(B))
    assert states(secure(desk.program(), contents=[dre])) == [(A, 2, "FINAL")]
    assert states(secure(desk.program(), A, [fse])) == [(A, 1, "FINAL")]
    with desk.ledger() as ledger:
        assert [each.document.content for each in ledger.to_sign()] == [other]


def test_a_partial_fse_passed_again_is_answered_final(desk: ProgramsDesk) -> None:
    (partial,) = certified(desk, invoice(A))
    (final,) = documents(secure(desk.program(), contents=[partial]))
    before = desk.traces()
    assert documents(secure(desk.program(), contents=[partial])) == [final]
    assert documents(secure(desk.program(), contents=[final.content])) == [final]
    assert desk.traces() == before


def test_it_signs_as_the_verb_does_to_the_byte(tmp_path: Path) -> None:
    ours, verbs = (ProgramsDesk(tmp_path / name) for name in ("ours", "verbs"))
    for each in (ours, verbs):
        each.path.parent.mkdir()
        certified(each, with_dre(invoice(A)), invoice(B))
    found = documents(secure(ours.program()))
    client = verbs.client()
    with verbs.ledger() as ledger:
        sign(client, ledger, card=client.verify_code(CODE))
        assert [each.content for each in found] == [ledger.fse(each.id) for each in ledger.documents()]


def test_what_is_in_a_lot_is_given_by_its_number_alone(desk: ProgramsDesk) -> None:
    certified(desk, invoice(A))
    done = secure(desk.program())
    client = desk.client()
    with desk.ledger() as ledger:
        make_lots(client, ledger, card=client.verify_code(CODE))
    assert secure(desk.program()) == Returned(0, (b"",))
    assert secure(desk.program(), A) == done


def test_an_fse_that_the_ledger_lacks_is_taken_in_first(desk: ProgramsDesk, tmp_path: Path) -> None:
    (partial,) = certified(desk, invoice(A), into=tmp_path / "lost.db")
    (final,) = documents(secure(desk.program(), contents=[partial]))
    assert final.state == "FINAL"
    assert final.content.startswith(partial)
    with desk.ledger() as ledger:
        assert [each.state for each in ledger.events()] == [LedgerState.PARTIAL, LedgerState.FINAL]


def test_an_fse_of_another_reader_is_not_taken_in(desk: ProgramsDesk, tmp_path: Path) -> None:
    elsewhere = ProgramsDesk(tmp_path / "elsewhere")
    elsewhere.path.parent.mkdir()
    elsewhere.bench = Bench(seed=2)
    elsewhere.bench.insert_vitale()
    (foreign,) = certified(elsewhere, invoice(A))
    before = desk.traces()
    assert secure(desk.program(), contents=[foreign]).code == 0xF0FF
    assert desk.traces() == before


def test_an_altered_fse_is_not_taken_in(desk: ProgramsDesk, tmp_path: Path) -> None:
    fine, partial = certified(desk, invoice(A), invoice(B), into=tmp_path / "lost.db")
    before = desk.traces()
    altered = partial[:-1] + bytes([partial[-1] ^ 1])
    assert secure(desk.program(), contents=[fine, altered]).code == 0xF0FF
    assert desk.traces() == before


def test_another_fse_of_a_held_invoice_is_refused(desk: ProgramsDesk, tmp_path: Path) -> None:
    first = certified(desk, invoice(A), into=tmp_path / "first.db")
    certified(desk, invoice(A))
    before = desk.traces()
    with desk.ledger() as ledger:
        assert ledger.fse(ledger.documents()[0].id) not in first
    assert secure(desk.program(), contents=first).code == 0xF0FF
    assert desk.traces() == before


def test_only_the_owners_cps_signs(desk: ProgramsDesk) -> None:
    partial = certified(desk, invoice(A))
    before = desk.traces()
    for card in (ps_image(PAUL), ps_image(SECRETARY, cpe=True), ps_image(SECRETARY, cpf=True)):
        desk.bench.insert_chip(Slot.PS, card)
        assert secure(desk.program(), A).code == 0xF004
        assert secure(desk.program(), contents=partial).code == 0xF004
    desk.bench.insert_ps(may_sign=False)
    assert secure(desk.program()).code == 0xF004
    desk.bench.insert_ps()
    assert secure(desk.program(), code=WRONG_CODE).code == 0xF003
    assert secure(desk.program(), code="").code == 0xF003
    assert secure(desk.program(), ps_resource="Vitale").code == 0xF101
    desk.bench.reader.remove(Slot.PS)
    assert secure(desk.program()).code == 0xF001
    assert desk.traces() == before


def test_what_waits_for_another_card_is_left_alone(desk: ProgramsDesk) -> None:
    certified(desk, invoice(A), make_invoice(B, DOCTOR, ps=(PAUL.last_name, PAUL.first_name)))
    assert states(secure(desk.program())) == [(A, 1, "FINAL")]
    desk.bench.insert_ps(PAUL)
    assert states(secure(desk.program())) == [(B, 1, "FINAL")]


def in_two_situations(desk: ProgramsDesk) -> None:
    """Insert a CPS with the nurse's billing number in situation 3, and the doctor's in 7."""
    holder = PsHolder(card_type="0", national_id=MAYA.national_id, last_name="PIQURE2969", first_name="MAYA")
    situations = [
        PsSituation(logical_number=each, billing_number=number, may_sign_invoice=True, may_sign_lot=True)
        for each, number in ((3, NURSE), (7, DOCTOR))
    ]
    desk.bench.insert_chip(Slot.PS, issue_cps(holder, situations, ShippedKeys(MAYA.keys)))


def test_the_situation_says_whose_documents_are_signed(desk: ProgramsDesk) -> None:
    contents = certified(desk, invoice(A), make_invoice(B, DOCTOR), invoice(C))
    in_two_situations(desk)
    before = desk.traces()
    assert secure(desk.program(), situation=1).code == 0xF802
    assert secure(desk.program(), A, situation=7).code == 0xF004
    assert secure(desk.program(), contents=contents[1:2], situation=3).code == 0xF004
    assert desk.traces() == before
    assert states(secure(desk.program(), situation=7)) == [(B, 1, "FINAL")]
    assert states(secure(desk.program(), C, situation=3)) == [(C, 1, "FINAL")]
    assert states(secure(desk.program())) == [(A, 1, "FINAL"), (C, 1, "FINAL"), (B, 1, "FINAL")]


def test_what_waits_for_no_final_signature_is_refused(desk: ProgramsDesk) -> None:
    complete = certified(desk, invoice(A), complete=True)
    with desk.ledger() as ledger:
        ledger.record_prepared(documents_of(invoice(B)))
    prepared = Document.of(Fse(DocumentKind.FSE, SecurityMode.SECURED, invoice(C).build())).content
    before = desk.traces()
    assert secure(desk.program(), A).code == 0xF0FF
    assert secure(desk.program(), B).code == 0xF0FF
    assert secure(desk.program(), C).code == 0xF802, "the ledger has no such invoice"
    assert secure(desk.program(), contents=complete).code == 0xF0FF
    assert secure(desk.program(), contents=[prepared]).code == 0xF0FF
    assert secure(desk.program()) == Returned(0, (b"",))
    assert desk.traces() == before


def test_a_final_fse_that_the_ledger_lacks_is_refused(desk: ProgramsDesk) -> None:
    certified(desk, invoice(A))
    (final,) = documents(secure(desk.program()))
    desk.path = desk.path.with_name("other.db")
    before = desk.traces()
    assert secure(desk.program(), contents=[final.content]).code == 0xF0FF
    assert desk.traces() == before


def test_a_zone_of_something_else_is_f802(desk: ProgramsDesk) -> None:
    contents = certified(desk, invoice(A))
    before = desk.traces()
    assert secure(desk.program(), B, contents).code == 0xF802, "documents of another invoice"
    for raw in (zone(*invoice(A).groups()), zone(document_group(contents[0]))[:-1], b"\0"):
        assert desk.program().call(SECURISER_FACTURE, zone=raw).code == 0xF802
    assert desk.traces() == before


def test_more_than_a_zone_holds_is_not_signed(desk: ProgramsDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    certified(desk, invoice(A), invoice(B))
    monkeypatch.setattr(signing, "MAX_ZONE_BYTES", 14_000)
    before = desk.traces()
    assert secure(desk.program()).code == 0xF801
    assert desk.traces() == before
    assert states(secure(desk.program(), A)) == [(A, 1, "FINAL")]


@pytest.mark.parametrize("answered", [False, True])
def test_cut_at_any_exchange_and_called_again_it_signs_once(tmp_path: Path, answered: bool) -> None:
    def prepare(folder: Path) -> ProgramsDesk:
        folder.mkdir()
        desk = ProgramsDesk(folder)
        lost = certified(desk, invoice(B), into=folder / "lost.db")
        certified(desk, with_dre(invoice(A)))
        desk.lost = lost
        return desk

    whole = prepare(tmp_path / "whole")
    secure(whole.program(), contents=whole.lost)
    for at in range(whole.exchanges):
        desk = prepare(tmp_path / f"cut at {at}")
        assert secure(desk.program(cut_at=at, answered=answered), contents=desk.lost).code == 0xF101
        (final,) = documents(secure(desk.program(), contents=desk.lost))
        assert final.state == "FINAL"
        found = documents(secure(desk.program()))
        assert [each.state for each in found] == ["FINAL"] * 3
        with desk.ledger() as ledger:
            assert [ledger.fse(each.id) for each in ledger.documents()] == [each.content for each in found]


def test_what_the_reader_refuses_stays_partial(desk: ProgramsDesk) -> None:
    certified(desk, invoice(A), invoice(B))

    def refuse(apdu: bytes, answer: bytes, which: Sequence[int]) -> bytes:
        if apdu[1] != SIGN_FINAL.ins:
            return answer
        blocks = SIGN_FINAL.response.parse(answer[:-2]).blocks
        spoilt = [
            FinalSignature(Status.SIGNATURE_INVALID, b"") if at in which else each
            for at, each in enumerate(blocks)
        ]
        return SIGN_FINAL.response.build(FinalSignatures(tuple(spoilt))) + answer[-2:]

    both = desk.program(spoil=lambda apdu, answer: refuse(apdu, answer, (0, 1)))
    assert secure(both).code == 0xF0FF
    one = desk.program(spoil=lambda apdu, answer: refuse(apdu, answer, (0,)))
    assert states(secure(one)) == [(A, 1, "PARTIAL"), (B, 1, "FINAL")]
    assert states(secure(desk.program())) == [(A, 1, "FINAL"), (B, 1, "FINAL")]
