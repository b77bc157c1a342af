"""SSV_TraduireFSE: what a document says, and which of its signatures hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.desk_kit import ANCHORS, invoice, with_dre
from tests.host.ssv.server.calls.desk import ProgramsDesk
from tests.ssv_kit import Returned, zone
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.documents import documents_of
from tla_sim.host.round.sign import sign
from tla_sim.host.ssv.functions import TRADUIRE_FSE
from tla_sim.host.ssv.server.document_zones import document_group
from tla_sim.host.ssv.server.invoice_zones import invoice_of
from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.groups.ssv_calls import DocumentSignature
from tla_sim.tools.cast.people import CODE, MORNING, SECRETARY

NUMBER = "190305001"
INVOICE = with_dre(invoice(NUMBER))


@pytest.fixture
def desk(tmp_path: Path) -> ProgramsDesk:
    return ProgramsDesk(tmp_path)


@pytest.fixture
def final(desk: ProgramsDesk) -> list[bytes]:
    """An FSE and a DRE with three signatures each."""
    desk.bench.insert_ps(SECRETARY, cpe=True)
    client = desk.client()
    client.verify_code(CODE)
    with desk.ledger() as ledger:
        certify_documents(client, ledger, ANCHORS, documents_of(INVOICE))
        desk.bench.insert_ps()
        sign(client, ledger, card=client.verify_code(CODE))
        return [ledger.fse(each.id) for each in ledger.documents()]


def translate(desk: ProgramsDesk, raw: bytes) -> Returned:
    """Call the function with no reader on the cable."""
    return desk.elsewhere().call(TRADUIRE_FSE, zone=raw)


def signatures(returned: Returned) -> list[DocumentSignature]:
    assert returned.code == 0
    return [each for each in returned.groups if isinstance(each, DocumentSignature)]


def test_it_tells_document_invoice_and_signatures(desk: ProgramsDesk, final: list[bytes]) -> None:
    told = translate(desk, final[0])
    document, *groups = told.groups
    assert document == document_group(final[0], with_content=False)
    assert invoice_of(groups[:-3]).build() == INVOICE.build()
    first, second, third = signatures(told)
    assert tuple(groups[-3:]) == (first, second, third)
    assert [each.role for each in (first, second, third)] == ["VITALE", "PARTIAL", "TITULAIRE"]
    assert "SECRETAIRE" in second.signer or SECRETARY.last_name in second.signer
    assert third.signer == "PIQURE2969 MAYA"
    assert all(each.valid for each in (first, second, third))
    blocks = Document(final[0]).fse.blocks
    assert [each.card_serial for each in (first, second, third)] == [
        blocks[0].context.vitale_serial,
        blocks[1].context.ps_serial,
        blocks[2].context.ps_serial,
    ]
    assert {each.reader_serial for each in (first, second, third)} == {blocks[0].context.reader_serial}
    day = datetime.fromtimestamp(MORNING // 1000, UTC).date()
    assert {each.signed_at.date() for each in (first, second, third) if each.signed_at} == {day}


def test_groups_and_bytes_say_the_same(desk: ProgramsDesk, final: list[bytes]) -> None:
    one = [translate(desk, each) for each in final]
    assert [translate(desk, zone(document_group(each))) for each in final] == one
    both = translate(desk, zone(*map(document_group, final)))
    assert both.groups == one[0].groups + one[1].groups


def test_what_is_not_signed_is_told_without_signatures(desk: ProgramsDesk) -> None:
    content = Document.of(Fse(DocumentKind.DRE, SecurityMode.SECURED, INVOICE.build())).content
    told = translate(desk, content)
    assert signatures(told) == []
    assert told.groups[1:] == INVOICE.groups()


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_signature_that_does_not_hold_and_all_on_top_of_it_are_invalid(
    desk: ProgramsDesk, final: list[bytes], index: int
) -> None:
    fse = Document(final[0]).fse
    spoilt = bytearray(fse.build())
    at = spoilt.index(fse.blocks[index].signature)
    spoilt[at] ^= 1
    told = signatures(translate(desk, bytes(spoilt)))
    assert [each.valid for each in told] == [each < index for each in range(3)]
    assert told[2].signer == "PIQURE2969 MAYA", "its certificate is sound"


def test_who_trusts_none_of_the_authorities_has_no_names(desk: ProgramsDesk, final: list[bytes]) -> None:
    program = desk.elsewhere()
    object.__setattr__(program.work, "anchors", TrustAnchors.shipped([CardKind.REAL]))
    told = signatures(program.call(TRADUIRE_FSE, zone=final[0]))
    assert [(each.valid, each.signer) for each in told] == [(False, "")] * 3


def test_what_is_no_document_is_refused(desk: ProgramsDesk, final: list[bytes]) -> None:
    assert translate(desk, b"").code == 0xF802
    assert translate(desk, b"FSE").code == 0xF802
    assert translate(desk, final[0][:-1]).code == 0xF802
    assert translate(desk, zone(document_group(final[0]))[:-1]).code == 0xF802
    assert translate(desk, zone(*INVOICE.groups())).code == 0xF802
    broken = Fse(DocumentKind.FSE, SecurityMode.SECURED, b"no groups at all").build()
    assert translate(desk, broken).code == 0xF802


def test_an_invoice_that_does_not_add_up_is_f0ff(desk: ProgramsDesk) -> None:
    raw = INVOICE.build().replace(b"15620", b"15621", 1)
    assert translate(desk, Fse(DocumentKind.FSE, SecurityMode.SECURED, raw).build()).code == 0xF0FF
