"""Degraded documents and lots on the reader: the owner's card alone, and never taken for secured ones."""

from __future__ import annotations

import pytest

from tests.reader_kit import Bench
from tla_sim.host.documents import OutgoingDocument
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.lot import Lot
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.protocol.errors import CodecError, StatusError
from tla_sim.protocol.groups.lot import LotDocument, LotHeader
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.invoices import make_document
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import CODE, MAYA, NURSE, PAUL, SECRETARY, Person

DEGRADED = SecurityMode.DEGRADED


def prepared(number: str, mode: SecurityMode, kind: DocumentKind = DocumentKind.FSE) -> OutgoingDocument:
    return make_document(number, NURSE, kind=kind, mode=mode)


def loaded() -> Bench:
    """A secured invoice, and a degraded one with its DRE."""
    bench = Bench()
    client = bench.client()
    load(client, [prepared("190305001", SecurityMode.SECURED)])
    load(
        client,
        [prepared("190305002", DEGRADED)],
    )
    load(client, [prepared("190305002", DEGRADED, DocumentKind.DRE)])
    bench.unplug()
    return bench


def states(bench: Bench) -> dict[tuple[str, int], InvoiceState]:
    return {(each.key.number, each.key.kind): each.state for each in bench.reader.app.store.entries()}


def test_the_owners_card_alone_is_offered_the_degraded_invoices_and_one_code_signs_them() -> None:
    bench = loaded()
    bench.insert_ps(MAYA)
    assert "FACTURES DEGRADEES\nSANS CARTE VITALE\n2 A CERTIFIER" in bench.text
    bench.press("VAL")
    bench.type_code()
    assert "1 FACTURE SIGNEE" in bench.text
    assert "DEGRADEE" in bench.text
    assert states(bench) == {
        ("190305001", 1): InvoiceState.LOADED,
        ("190305002", 1): InvoiceState.COMPLETE,
        ("190305002", 2): InvoiceState.COMPLETE,
    }
    client = bench.client()
    client.verify_code(CODE)
    (answer,) = client.unload([DocumentId(NURSE, "190305002", DocumentKind.FSE)])
    verified = verify_fse(Document(answer.content), TrustAnchors.shipped())
    assert verified.fse.mode is DEGRADED
    assert [signer.name for signer in verified.signers] == ["PIQURE2969 MAYA"]
    assert verified.fse.blocks[0].context.vitale_serial == ""


def test_a_degraded_fse_renamed_secured_is_no_fse() -> None:
    bench = loaded()
    bench.insert_ps(MAYA)
    bench.press("VAL")
    bench.type_code()
    client = bench.client()
    client.verify_code(CODE)
    (answer,) = client.unload([DocumentId(NURSE, "190305002", DocumentKind.FSE)])
    forged = bytearray(answer.content)
    assert forged[8] == DEGRADED
    forged[8] = SecurityMode.SECURED
    with pytest.raises(CodecError, match="allowed order"):
        Fse.parse(bytes(forged))


@pytest.mark.parametrize(("person", "cpe"), [(PAUL, False), (SECRETARY, True)])
def test_nobody_else_is_offered_them(person: Person, cpe: bool) -> None:
    bench = loaded()
    bench.insert_ps(person, cpe=cpe)
    assert "INSEREZ LA CARTE" in bench.text
    bench.press("MENU")
    assert "INSEREZ LA CARTE" in bench.text


def test_a_vitale_goes_first_and_menu_leads_back_to_the_degraded_ones() -> None:
    bench = loaded()
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    assert "1 A CERTIFIER" in bench.text
    bench.reader.remove(Slot.VITALE)
    assert "MENU=DEGRADEES     2" in bench.text
    bench.press("MENU")
    assert "FACTURES DEGRADEES" in bench.text
    bench.press("ANN")
    assert "INSEREZ CARTE VITALE" in bench.text


def test_picking_an_invoice_takes_its_dre_along() -> None:
    bench = Bench()
    client = bench.client()
    load(client, [prepared("190305001", SecurityMode.SECURED), prepared("190305002", SecurityMode.SECURED)])
    load(client, [prepared("190305002", SecurityMode.SECURED, DocumentKind.DRE)])
    bench.unplug()
    bench.insert_ps(MAYA)
    bench.insert_vitale()
    bench.press("DOWN", "DOWN", "VAL")
    bench.type_code()
    assert states(bench) == {
        ("190305001", 1): InvoiceState.LOADED,
        ("190305002", 1): InvoiceState.COMPLETE,
        ("190305002", 2): InvoiceState.COMPLETE,
    }


def header(owner: str = NURSE) -> bytes:
    document = LotDocument(number="190305001", total=1, digest="00" * 32)
    return Lot.of(LotHeader(number=1, owner=owner, kind=1, mode=1), [document]).header_bytes()


def test_lots_are_signed_by_a_card_entitled_to_and_by_no_other() -> None:
    bench = Bench()
    for person, may_sign, word in (
        (MAYA, True, Status.OK),
        (MAYA, False, Status.NOT_ENTITLED),
        (PAUL, True, Status.NOT_OWNER),
    ):
        bench.insert_ps(person, may_sign=may_sign)
        client = bench.client()
        client.verify_code(CODE)
        (answer,) = client.sign_lots([header()])
        assert answer.status == word
        bench.unplug()
    bench.insert_ps(MAYA)
    client = bench.client()
    with pytest.raises(StatusError):
        client.sign_lots([header()])
    client.verify_code(CODE)
    (answer,) = client.sign_lots([b"no lot"])
    assert answer.status == Status.WRONG_DATA
