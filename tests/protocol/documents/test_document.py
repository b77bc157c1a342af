"""A document's content is hashed and parsed when it is first asked for, and not again."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.samples import make_fse
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import CodecError
from tla_sim.tools.cast.invoices import make_invoice


def test_it_says_what_its_bytes_say() -> None:
    fse = make_fse(make_invoice())
    document = Document(fse.build())
    assert document.fse == fse
    assert document.invoice == make_invoice()
    assert document.digest == hashlib.sha256(fse.build()).digest()
    assert document.fingerprint == document.digest[:8]
    assert Document.of(fse) == document
    assert "MARTIN" not in repr(document)


def test_bytes_that_are_no_fse_are_a_document_until_it_is_asked_for() -> None:
    document = Document(b"garbage")
    assert len(document.digest) == 32
    with pytest.raises(CodecError):
        _ = document.fse


def test_nothing_is_worked_out_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(name: str, function: Any) -> Any:
        def call(*args: Any) -> Any:
            calls.append(name)
            return function(*args)

        return call

    content = make_fse(make_invoice()).build()
    monkeypatch.setattr(hashlib, "sha256", counted("hash", hashlib.sha256))
    monkeypatch.setattr(Fse, "parse", counted("fse", Fse.parse))
    monkeypatch.setattr(PreparedInvoice, "parse", counted("invoice", PreparedInvoice.parse))
    document = Document(content)
    assert calls == []
    for _ in range(3):
        assert document.digest
        assert document.fse
        assert document.invoice
    assert sorted(calls) == ["fse", "hash", "invoice"]
    of_fse = Document.of(document.fse)
    assert of_fse.fse is document.fse
    assert sorted(calls) == ["fse", "hash", "invoice"]
