"""FSEs: what a signature covers, which orders of signatures exist, garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.documents.test_invoice import an_invoice
from tla_sim.protocol.documents.fse import (
    DocumentKind,
    Fse,
    Role,
    SecurityMode,
    SignatureBlock,
    SignatureContext,
    find_missing_roles,
)
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import CodecError

NAMES = st.text("0123456789ABCDEF", max_size=12)
CONTEXTS = st.builds(
    SignatureContext, NAMES, st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), NAMES, NAMES
)
ORDERS: dict[tuple[SecurityMode, tuple[Role, ...]], InvoiceState] = {
    (SecurityMode.SECURED, (Role.VITALE, Role.PARTIAL)): InvoiceState.PARTIAL,
    (SecurityMode.SECURED, (Role.VITALE, Role.TITULAIRE)): InvoiceState.COMPLETE,
    (SecurityMode.SECURED, (Role.VITALE, Role.PARTIAL, Role.TITULAIRE)): InvoiceState.FINAL,
    (SecurityMode.DEGRADED, (Role.TITULAIRE,)): InvoiceState.COMPLETE,
}


@st.composite
def documents(draw: st.DrawFn) -> Fse:
    mode, roles = draw(st.sampled_from(list(ORDERS)))
    blocks = tuple(
        SignatureBlock(
            role,
            draw(CONTEXTS),
            draw(st.binary(max_size=40)),
            draw(st.binary(min_size=256, max_size=256)),
        )
        for role in roles
    )
    kind = draw(st.sampled_from(DocumentKind))
    return Fse(kind, mode, an_invoice([draw(st.integers(0, 9))]).build(), blocks)


@given(documents())
def test_a_document_comes_back_as_it_was(fse: Fse) -> None:
    assert Fse.parse(fse.build()) == fse
    assert fse.state is ORDERS[fse.mode, tuple(block.role for block in fse.blocks)]
    assert fse.invoice.number == "190305028"


@given(documents())
def test_a_signature_covers_everything_before_it(fse: Fse) -> None:
    raw = fse.build()
    for index, block in enumerate(fse.blocks):
        signed = fse.signed_bytes(index)
        assert raw.startswith(signed + block.signature)
        before = Fse(fse.kind, fse.mode, fse.invoice_bytes, fse.blocks[:index])
        assert before.to_sign(block.role, block.context, block.certificate) == signed
    assert raw == fse.signed_bytes(len(fse.blocks) - 1) + fse.blocks[-1].signature


@given(documents(), st.data())
def test_cut_lengthened_or_changed_documents_are_refused_or_differ(fse: Fse, data: st.DataObject) -> None:
    raw = fse.build()
    for bad in (raw[: data.draw(st.integers(0, len(raw) - 1))], raw + b"\0"):
        try:
            assert Fse.parse(bad).build() == bad
        except CodecError:
            continue
    position = data.draw(st.integers(0, len(raw) - 1))
    bad = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
    try:
        assert Fse.parse(bad) != fse
    except CodecError:
        return


@given(st.binary(max_size=200))
def test_garbage_is_no_fse(raw: bytes) -> None:
    with pytest.raises(CodecError):
        Fse.parse(raw)
    with pytest.raises(CodecError):
        SignatureBlock.parse(raw)


def test_signatures_come_in_the_declared_orders_only() -> None:
    block = SignatureBlock(Role.TITULAIRE, SignatureContext("R", 1, 2, "", "P"), b"", bytes(256))
    unsigned = Fse(DocumentKind.FSE, SecurityMode.SECURED, b"x")
    with pytest.raises(CodecError, match="allowed order"):
        unsigned.with_blocks(block)
    with pytest.raises(CodecError, match="allowed order"):
        Fse.parse(unsigned.header() + block.build())
    assert SignatureBlock.parse(block.build()) == block


def test_what_is_lacking_is_named() -> None:
    unsigned = Fse(DocumentKind.FSE, SecurityMode.SECURED, b"x")
    context = SignatureContext("R", 1, 2, "V", "P")
    partial = Fse(
        DocumentKind.FSE,
        SecurityMode.SECURED,
        b"x",
        (
            SignatureBlock(Role.VITALE, context, b"", bytes(256)),
            SignatureBlock(Role.PARTIAL, context, b"", bytes(256)),
        ),
    )
    assert find_missing_roles(unsigned) == (Role.VITALE, Role.TITULAIRE)
    assert find_missing_roles(partial) == (Role.TITULAIRE,)
    assert find_missing_roles(Fse(DocumentKind.FSE, SecurityMode.DEGRADED, b"x")) == (Role.TITULAIRE,)
