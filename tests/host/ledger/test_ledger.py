"""The ledger's rules, one by one, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.samples import COMPLETE, FINAL, make_fse, send, sign, verified
from tla_sim.host.ledger.errors import (
    ContentDiffers,
    LoadedElsewhere,
    OtherFse,
    StepRefused,
    UnknownDocument,
)
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger, LedgerState
from tla_sim.host.ledger.model import LedgerCount, SignerNote
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Role, SecurityMode
from tla_sim.protocol.documents.invoice import digest
from tla_sim.tools.cast.invoices import make_document, make_invoice
from tla_sim.tools.cast.people import DESMAUX, NURSE

READER = "TLA0001"
NOON = datetime(2019, 3, 5, 12, 0, 0, tzinfo=UTC)
ID = DocumentId(NURSE, "190305028", DocumentKind.FSE)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.db", clock=lambda: NOON) as opened:
        yield opened


PARTIAL_FSE = verified(make_fse(make_invoice()))
OTHER_PARTIAL = verified(make_fse(make_invoice(), counter=7))
COMPLETE_FSE = verified(make_fse(make_invoice(), COMPLETE))
FINAL_FSE = verified(sign(PARTIAL_FSE.fse, (Role.TITULAIRE,), counter=9))


def test_the_life_of_a_document_with_its_history(ledger: Ledger) -> None:
    document = make_document()
    assert ledger.state(ID) is None
    assert ledger.record_prepared([document]) == 1
    assert ledger.record_loaded([document], READER) == 1
    assert ledger.record_pulled([PARTIAL_FSE], READER) == (digest(PARTIAL_FSE.content),)
    assert [each.document.content for each in ledger.to_sign()] == [PARTIAL_FSE.content]
    assert ledger.record_final([FINAL_FSE], "TLA0002") == (digest(FINAL_FSE.content),)
    assert ledger.to_sign() == []
    assert [each.document.content for each in ledger.transmissible()] == [FINAL_FSE.content]
    send(ledger, FINAL_FSE)
    assert ledger.transmissible() == []
    assert ledger.fse(ID) == FINAL_FSE.content
    assert ledger.invoice(ID) == document.content
    vitale = SignerNote(Role.VITALE, "MARTIN PAUL", "V0000001")
    partial = SignerNote(Role.PARTIAL, "PIQURE2969 MAYA", "C0000001")
    titulaire = SignerNote(Role.TITULAIRE, "PIQURE2969 MAYA", "C0000001")
    assert [(each.state.name, each.reader, each.signers) for each in ledger.events(ID)] == [
        ("PREPARED", "", ()),
        ("LOADED", READER, ()),
        ("PARTIAL", READER, (vitale, partial)),
        ("FINAL", "TLA0002", (titulaire,)),
        ("TRANSMITTED", "", ()),
    ]
    assert {each.at for each in ledger.events()} == {"2019-03-05T12:00:00+00:00"}
    ledger.check()


def test_a_line_says_what_a_list_shows(ledger: Ledger) -> None:
    ledger.record_loaded([make_document()], READER)
    line = ledger.get(ID)
    assert line is not None
    assert (line.id, line.state, line.mode, line.reader) == (
        ID,
        LedgerState.LOADED,
        SecurityMode.SECURED,
        READER,
    )
    assert (line.owner_name, line.patient, line.recipient) == (
        "PIQURE2969 MAYA",
        "MARTIN PAUL",
        "CPAM - DEMONSTRATION",
    )
    assert (line.made_on, line.prescribed_on) == (date(2019, 3, 5), date(2019, 1, 1))
    assert (line.total, line.fund, line.complementary, line.insured, line.to_pay) == (15_620, 15_620, 0, 0, 0)
    assert (line.third_party_amo, line.third_party_amc) == (True, False)
    assert "MARTIN" not in repr(line)
    assert ledger.get(ID._replace(kind=DocumentKind.DRE)) is None


def test_lists_are_filtered(ledger: Ledger) -> None:
    ledger.record_prepared(
        [
            make_document(1, made_on=date(2019, 3, 4)),
            make_document(2, made_on=date(2019, 3, 5), patient=DESMAUX),
            make_document(3, "75100002", recipient="AUTRE CAISSE - NÎMES"),
            make_document(3, "75100002", kind=DocumentKind.DRE),
            make_document(4, "75100002", mode=SecurityMode.DEGRADED),
        ]
    )
    ledger.record_loaded([make_document(1, made_on=date(2019, 3, 4))], READER)

    def numbers(**conditions: object) -> list[str]:
        return [str(int(each.number)) for each in ledger.documents(DocumentFilter(**conditions))]  # type: ignore[arg-type]

    assert [each.id[:2] for each in ledger.documents()] == [
        ("75100002", "000000003"),
        ("75100002", "000000003"),
        ("75100002", "000000004"),
        (NURSE, "000000001"),
        (NURSE, "000000002"),
    ]
    assert numbers(owner=NURSE) == ["1", "2"]
    assert numbers(states=(LedgerState.LOADED, LedgerState.FINAL)) == ["1"]
    assert numbers(states=()) == []
    assert numbers(numbers=("000000002", "000000004")) == ["4", "2"]
    assert numbers(kind=DocumentKind.DRE) == ["3"]
    assert numbers(mode=SecurityMode.DEGRADED) == ["4"]
    assert numbers(reader=READER) == ["1"]
    assert numbers(patient="desmaux") == ["2"]
    assert numbers(patient="%") == []
    for written in ("autre", "nîmes", "NIMES", "Nîmes"):
        assert numbers(recipient=written) == ["3"]
    assert numbers(first_day=date(2019, 3, 5), owner=NURSE) == ["2"]
    assert numbers(last_day=date(2019, 3, 4)) == ["1"]


def test_counts_add_up_by_owner_kind_and_state(ledger: Ledger) -> None:
    ledger.record_prepared([make_document(1, total=100), make_document(2, total=250)])
    ledger.record_loaded([make_document(3, "75100002", total=7)], READER)
    assert ledger.counts() == [
        LedgerCount("75100002", DocumentKind.FSE, LedgerState.LOADED, 1, 7),
        LedgerCount(NURSE, DocumentKind.FSE, LedgerState.PREPARED, 2, 350),
    ]


def test_repeating_a_step_changes_nothing(ledger: Ledger) -> None:
    document = make_document()
    ledger.record_loaded([document], READER)
    assert ledger.record_prepared([document]) == 0
    assert ledger.record_loaded([document], READER) == 0
    first = ledger.record_pulled([PARTIAL_FSE], READER)
    assert ledger.record_pulled([PARTIAL_FSE, PARTIAL_FSE], READER) == first * 2
    ledger.record_final([FINAL_FSE], READER)
    assert ledger.record_final([FINAL_FSE], READER) == (digest(FINAL_FSE.content),)
    assert len(ledger.events(ID)) == 3


def test_a_partial_that_comes_again_after_its_final_signature_may_be_acknowledged(ledger: Ledger) -> None:
    ledger.record_pulled([PARTIAL_FSE], READER)
    ledger.record_final([FINAL_FSE], READER)
    send(ledger, FINAL_FSE)
    assert ledger.record_pulled([PARTIAL_FSE], READER) == (digest(PARTIAL_FSE.content),)
    assert ledger.fse(ID) == FINAL_FSE.content
    assert ledger.state(ID) is LedgerState.TRANSMITTED


def test_there_is_never_a_second_fse_of_an_invoice(ledger: Ledger) -> None:
    ledger.record_loaded([make_document()], READER)
    with pytest.raises(OtherFse):
        ledger.record_pulled([PARTIAL_FSE, OTHER_PARTIAL], READER)
    assert ledger.state(ID) is LedgerState.LOADED
    ledger.record_pulled([PARTIAL_FSE], READER)
    for other in (OTHER_PARTIAL, COMPLETE_FSE):
        with pytest.raises(OtherFse, match="held already"):
            ledger.record_pulled([other], READER)
    with pytest.raises(OtherFse):
        ledger.record_final([verified(sign(OTHER_PARTIAL.fse, (Role.TITULAIRE,)))], READER)
    ledger.record_final([FINAL_FSE], READER)
    with pytest.raises(OtherFse):
        ledger.record_final([verified(sign(PARTIAL_FSE.fse, (Role.TITULAIRE,), counter=11))], READER)
    assert ledger.fse(ID) == FINAL_FSE.content


def test_an_fse_of_another_invoice_than_was_pushed_is_refused(ledger: Ledger) -> None:
    ledger.record_loaded([make_document(total=15_620)], READER)
    forged = verified(make_fse(make_invoice(total=99_999)))
    degraded = verified(make_fse(make_invoice(), (Role.TITULAIRE,), mode=SecurityMode.DEGRADED))
    for each in (forged, degraded):
        with pytest.raises(ContentDiffers, match="other content on the reader") as caught:
            ledger.record_pulled([each], READER)
        assert caught.value.document == ID
        assert caught.value.ssv == 0xF0FF
    assert ledger.state(ID) is LedgerState.LOADED


def test_an_fse_whose_invoice_was_never_seen_is_taken_in_whole(ledger: Ledger) -> None:
    ledger.record_pulled([COMPLETE_FSE], READER)
    line = ledger.get(ID)
    assert line is not None
    assert (line.state, line.total, line.patient) == (LedgerState.COMPLETE, 15_620, "MARTIN PAUL")
    assert ledger.invoice(ID) == make_invoice().build()
    assert [each.state for each in ledger.events(ID)] == [LedgerState.COMPLETE]


def test_a_final_fse_does_not_come_from_a_round(ledger: Ledger) -> None:
    with pytest.raises(StepRefused, match="cannot become FINAL"):
        ledger.record_pulled([verified(make_fse(make_invoice(), FINAL))], READER)
    with pytest.raises(UnknownDocument):
        ledger.record_final([FINAL_FSE], READER)
    ledger.record_loaded([make_document()], READER)
    with pytest.raises(StepRefused, match="is LOADED and cannot become FINAL"):
        ledger.record_final([FINAL_FSE], READER)
    with pytest.raises(StepRefused):
        ledger.record_final([PARTIAL_FSE], READER)


def test_a_document_is_on_one_reader_at_a_time(ledger: Ledger) -> None:
    document = make_document()
    ledger.record_loaded([document], READER)
    with pytest.raises(LoadedElsewhere, match=READER):
        ledger.record_loaded([make_document(2), document], "TLA0002")
    assert ledger.state(DocumentId(NURSE, "000000002", DocumentKind.FSE)) is None
    assert ledger.record_unloaded([ID, DocumentId(NURSE, "999999999", DocumentKind.FSE)], READER) == 1
    assert ledger.state(ID) is LedgerState.PREPARED
    assert ledger.record_loaded([document], "TLA0002") == 1


def test_unloading_touches_only_what_is_loaded_on_that_reader(ledger: Ledger) -> None:
    ledger.record_loaded([make_document()], READER)
    assert ledger.record_unloaded([ID], "TLA0002") == 0
    ledger.record_pulled([PARTIAL_FSE], READER)
    assert ledger.record_unloaded([ID], READER) == 0
    assert ledger.state(ID) is LedgerState.PARTIAL


def test_a_corrected_invoice_replaces_only_what_is_on_no_reader(ledger: Ledger) -> None:
    first, corrected = make_document(total=100), make_document(total=200)
    ledger.record_prepared([first])
    assert ledger.record_prepared([corrected]) == 1
    assert ledger.invoice(ID) == corrected.content
    ledger.record_loaded([corrected], READER)
    for record in (ledger.record_prepared, lambda items: ledger.record_loaded(items, READER)):
        with pytest.raises(ContentDiffers, match=f"Erase it from reader {READER}"):
            record([first])
    ledger.record_cancelled([ID], READER)
    assert ledger.record_prepared([corrected]) == 0
    assert ledger.state(ID) is LedgerState.CANCELLED
    assert ledger.record_prepared([first]) == 1
    assert ledger.state(ID) is LedgerState.PREPARED
    assert ledger.record_cancelled([ID], READER) == 0, "what was cancelled is the former one"
    assert ledger.state(ID) is LedgerState.PREPARED


def test_what_is_certified_can_neither_be_cancelled_nor_corrected(ledger: Ledger) -> None:
    ledger.record_pulled([PARTIAL_FSE], READER)
    with pytest.raises(StepRefused):
        ledger.record_cancelled([ID], READER)
    with pytest.raises(StepRefused):
        ledger.record_loaded([make_document()], READER)
    with pytest.raises(ContentDiffers, match="a number of its own"):
        ledger.record_prepared([make_document(total=1)])
    with pytest.raises(UnknownDocument):
        ledger.record_cancelled([DocumentId(NURSE, "000000000", DocumentKind.FSE)], READER)


def test_nothing_leaves_that_lacks_a_signature_or_is_not_what_is_on_disk(ledger: Ledger) -> None:
    ledger.record_pulled([PARTIAL_FSE], READER)
    with pytest.raises(StepRefused, match="is PARTIAL and cannot become TRANSMITTED"):
        send(ledger, FINAL_FSE)
    ledger.record_final([FINAL_FSE], READER)
    for other in (PARTIAL_FSE, COMPLETE_FSE):
        with pytest.raises(StepRefused):
            send(ledger, other)
    assert ledger.state(ID) is LedgerState.FINAL
    send(ledger, FINAL_FSE)
    with pytest.raises(StepRefused, match="is TRANSMITTED"):
        send(ledger, FINAL_FSE)
    with pytest.raises(UnknownDocument):
        send(ledger, verified(make_fse(make_invoice(0), COMPLETE)))


def test_a_batch_is_written_whole_or_not_at_all(ledger: Ledger) -> None:
    fses = [verified(make_fse(make_invoice(number))) for number in range(5)]
    ledger.record_pulled([fses[3]], READER)
    other = verified(make_fse(make_invoice(3), counter=99))
    with pytest.raises(OtherFse) as caught:
        ledger.record_pulled([*fses[:3], other], READER)
    assert caught.value.document == DocumentId(NURSE, "000000003", DocumentKind.FSE)
    assert [each.number for each in ledger.documents()] == ["000000003"]
    assert len(ledger.events()) == 1


def test_fse_and_dre_of_one_invoice_live_apart(ledger: Ledger) -> None:
    ledger.record_loaded([make_document(), make_document(kind=DocumentKind.DRE)], READER)
    ledger.record_pulled([verified(make_fse(make_invoice(), COMPLETE, kind=DocumentKind.DRE))], READER)
    assert ledger.state(ID) is LedgerState.LOADED
    assert ledger.state(ID._replace(kind=DocumentKind.DRE)) is LedgerState.COMPLETE
