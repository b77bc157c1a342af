"""Desk mode: the FSE is in the ledger before the reader lets go, whatever is cut, and there is only one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.reader_kit import Bench
from tla_sim.host.client import ReaderClient
from tla_sim.host.desk.certification import AlreadyCertified, certify_at_desk
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.errors import LedgerFull, LoadedElsewhere
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.transport import Transport
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.commands.certifying import CERTIFY, Certified
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.commands.unloading import ACKNOWLEDGE_FSE, Acknowledged
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import ConnectionLost, IncoherentAnswer, StatusError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.people import CODE, DOCTOR, SECRETARY
from tla_sim.tools.simulator.in_process import in_process

ANCHORS = TrustAnchors.shipped()
Tamper = Callable[[Transport, bytes], bytes]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.insert_ps(SECRETARY, cpe=True)
    bench.insert_vitale()
    return bench


@pytest.fixture
def document() -> OutgoingDocument:
    return documents(DOCTOR, 1)[0]


def client_of(bench: Bench, tamper: Tamper | None = None) -> ReaderClient:
    """An authenticated host on a new cable; `tamper` carries its commands out."""
    bench.unplug()
    inner = in_process(bench.reader, "desk")
    transport: Transport = inner
    if tamper is not None:
        transport = InProcessTransport(lambda _lad, apdu: tamper(inner, apdu))
    client = ReaderClient(transport, bench.entropy.take)
    client.verify_code(CODE)
    return client


def test_it_is_in_the_ledger_and_off_the_reader(
    bench: Bench, ledger: Ledger, document: OutgoingDocument
) -> None:
    client = client_of(bench)
    verified = certify_at_desk(client, ledger, ANCHORS, document)
    assert verified.state is InvoiceState.PARTIAL
    assert ledger.fse(document.id) == verified.content
    assert client.list_documents() == ()


def test_cut_between_ledger_and_acknowledgement_the_next_run_finishes_it(
    bench: Bench, ledger: Ledger, document: OutgoingDocument
) -> None:
    def cut(inner: Transport, apdu: bytes) -> bytes:
        if apdu[1] == ACKNOWLEDGE_FSE.ins:
            raise ConnectionLost("cut", "")
        return inner.transmit(apdu, Lad.LOG_SV)

    with pytest.raises(ConnectionLost):
        certify_at_desk(client_of(bench, cut), ledger, ANCHORS, document)
    kept = ledger.fse(document.id)
    client = client_of(bench)
    assert len(client.list_documents()) == 1
    assert certify_at_desk(client, ledger, ANCHORS, document).content == kept
    assert client.list_documents() == ()
    with pytest.raises(AlreadyCertified, match="PARTIAL"):
        certify_at_desk(client, ledger, ANCHORS, document)
    assert ledger.fse(document.id) == kept


def test_cut_before_the_answer_the_next_run_gets_the_same_signatures(
    bench: Bench, ledger: Ledger, document: OutgoingDocument
) -> None:
    answers: list[bytes] = []

    def cut(inner: Transport, apdu: bytes) -> bytes:
        answer = inner.transmit(apdu, Lad.LOG_SV)
        if apdu[1] == CERTIFY.ins:
            answers.append(answer)
            raise ConnectionLost("cut", "")
        return answer

    with pytest.raises(ConnectionLost):
        certify_at_desk(client_of(bench, cut), ledger, ANCHORS, document)
    verified = certify_at_desk(client_of(bench), ledger, ANCHORS, document)
    assert CERTIFY.response.parse(answers[0][:-2]).content == verified.content


def test_a_full_disk_acknowledges_nothing(
    bench: Bench, ledger: Ledger, document: OutgoingDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise LedgerFull(ledger.path)

    client = client_of(bench)
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "record_pulled", full)
        with pytest.raises(LedgerFull):
            certify_at_desk(client, ledger, ANCHORS, document)
    assert len(client.list_documents()) == 1
    certify_at_desk(client, ledger, ANCHORS, document)
    assert client.list_documents() == ()


@pytest.mark.parametrize("other", [False, True])
def test_a_reader_that_lies_leaves_no_trace_in_the_ledger(
    bench: Bench, ledger: Ledger, document: OutgoingDocument, other: bool
) -> None:
    """It gives an altered FSE, or another invoice's."""

    def lie(inner: Transport, apdu: bytes) -> bytes:
        answer = inner.transmit(apdu, Lad.LOG_SV)
        if apdu[1] != CERTIFY.ins or answer[-2:] != b"\x90\x00":
            return answer
        content = bytearray(CERTIFY.response.parse(answer[:-2]).content)
        if other:
            whole = Fse.parse(bytes(content))
            foreign = documents(DOCTOR, 2)[1].content
            content = bytearray(Fse(whole.kind, whole.mode, foreign, whole.blocks).build())
        else:
            content[-1] ^= 1
        return CERTIFY.response.build(Certified(bytes(content))) + answer[-2:]

    with pytest.raises(IncoherentAnswer):
        certify_at_desk(client_of(bench, lie), ledger, ANCHORS, document)
    assert ledger.state(document.id) is LedgerState.PREPARED


def test_an_fse_of_another_reader_leaves_no_trace_in_the_ledger(
    bench: Bench, ledger: Ledger, document: OutgoingDocument
) -> None:
    """Every signature holds, but the reader on the cable is not the one that had them made."""
    elsewhere = Bench(seed=2)
    elsewhere.insert_ps(SECRETARY, cpe=True)
    elsewhere.insert_vitale()
    foreign = client_of(elsewhere).certify(document.kind, document.mode, document.content)

    def lie(inner: Transport, apdu: bytes) -> bytes:
        answer = inner.transmit(apdu, Lad.LOG_SV)
        return CERTIFY.response.build(Certified(foreign)) + answer[-2:] if apdu[1] == CERTIFY.ins else answer

    with pytest.raises(
        IncoherentAnswer, match=f"comes from reader {elsewhere.reader.app.serial_number}, not from"
    ):
        certify_at_desk(client_of(bench, lie), ledger, ANCHORS, document)
    assert ledger.state(document.id) is LedgerState.PREPARED


@pytest.mark.parametrize("kept", [False, True])
def test_the_desk_sees_that_the_reader_lets_go(
    bench: Bench, ledger: Ledger, document: OutgoingDocument, kept: bool
) -> None:
    """An acknowledgement that names another document than was meant, or whose answer alone was altered."""

    def lie(inner: Transport, apdu: bytes) -> bytes:
        if apdu[1] != ACKNOWLEDGE_FSE.ins:
            return inner.transmit(apdu, Lad.LOG_SV)
        if not kept:
            inner.transmit(apdu, Lad.LOG_SV)
        return ACKNOWLEDGE_FSE.response.build(Acknowledged(0)) + b"\x90\x00"

    client = client_of(bench, lie)
    if not kept:
        certify_at_desk(client, ledger, ANCHORS, document)
        return
    with pytest.raises(IncoherentAnswer, match=f"keeps invoice {document.id.number}"):
        certify_at_desk(client, ledger, ANCHORS, document)
    assert ledger.state(document.id) is LedgerState.PARTIAL


def test_what_is_loaded_on_another_reader_may_be_signed_there(
    bench: Bench, ledger: Ledger, document: OutgoingDocument
) -> None:
    ledger.record_loaded([document], "TLA00000000")
    client = client_of(bench)
    with pytest.raises(LoadedElsewhere, match="TLA00000000"):
        certify_at_desk(client, ledger, ANCHORS, document)
    assert client.diagnostics().signature_counter == 0


def test_without_the_vitale_nothing_is_certified(
    bench: Bench, ledger: Ledger, document: OutgoingDocument
) -> None:
    bench.reader.remove(Slot.VITALE)
    with pytest.raises(StatusError) as refused:
        certify_at_desk(client_of(bench), ledger, ANCHORS, document)
    assert refused.value.status is Status.VITALE_ABSENT
    assert ledger.state(document.id) is LedgerState.PREPARED
