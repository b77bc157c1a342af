"""Lots: their two parts belong together, and their signature holds only as it was given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reader_kit import Bench
from tests.samples import make_fse
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.fse import Fse, Role, SignatureBlock
from tla_sim.protocol.documents.lot import MAX_LOT_DOCUMENTS, Lot, LotSignatureInvalid, verify_lot
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import encode_typed
from tla_sim.protocol.groups.lot import LotDocument, LotHeader, LotPiece
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import CODE, MAYA, NURSE

HEADER = LotHeader(number=7, owner=NURSE, recipient="CPAM - DEMONSTRATION", kind=1, mode=2)
DOCUMENT = LotDocument(number="190305028", total=15_620, digest="ab" * 32)
PIECE = LotPiece(number="190305028", role=2, digest="cd" * 32)
ANCHORS = TrustAnchors.shipped()


def lot() -> Lot:
    return Lot.of(HEADER, [DOCUMENT, replace(DOCUMENT, number="190305029")], [PIECE])


def signed() -> tuple[bytes, SignatureBlock]:
    bench = Bench()
    bench.insert_ps(MAYA)
    client = bench.client()
    client.verify_code(CODE)
    header = lot().header_bytes()
    (answer,) = client.sign_lots([header])
    return header, SignatureBlock.parse(answer.block)


def test_a_lot_reads_back_from_its_two_parts() -> None:
    made = lot()
    read = Lot.parse(made.header_bytes(), made.list_bytes())
    assert read == made
    assert (read.header.count, read.header.total) == (2, 31_240)


def test_a_list_of_another_lot_is_refused() -> None:
    other = Lot.of(HEADER, [DOCUMENT])
    with pytest.raises(CodecError, match="do not agree"):
        Lot.parse(lot().header_bytes(), other.list_bytes())


def test_a_header_that_overstates_its_total_is_refused() -> None:
    made = lot()
    inflated = encode_typed((replace(made.header, total=99),))
    with pytest.raises(CodecError, match="do not agree"):
        Lot.parse(inflated, made.list_bytes())


@pytest.mark.parametrize("count", [0, MAX_LOT_DOCUMENTS + 1])
def test_a_lot_is_neither_empty_nor_endless(count: int) -> None:
    with pytest.raises(CodecError, match="1 to 999"):
        Lot.of(HEADER, [DOCUMENT] * count)


def test_a_lot_signed_by_its_owners_card_verifies() -> None:
    header, block = signed()
    signer = verify_lot(header, block, ANCHORS)
    assert (block.role, signer.name) == (Role.LOT, "PIQURE2969 MAYA")


def test_an_altered_lot_does_not_verify() -> None:
    _, block = signed()
    other = Lot.of(replace(HEADER, number=8), [DOCUMENT]).header_bytes()
    with pytest.raises(LotSignatureInvalid, match="altered"):
        verify_lot(other, block, ANCHORS)


def test_the_signature_of_an_fse_is_none_of_a_lot_and_the_other_way_round() -> None:
    header, block = signed()
    with pytest.raises(LotSignatureInvalid, match="not given over a lot"):
        verify_lot(header, replace(block, role=Role.TITULAIRE), ANCHORS)
    partial = make_fse(make_invoice())
    with pytest.raises(CodecError, match="allowed order"):
        Fse.parse(partial.build() + block.build())
