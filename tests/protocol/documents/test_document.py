"""A document's content is hashed and parsed when it is first asked for, and not again."""

from __future__ import annotations

import hashlib

import pytest

from tests.effort import Effort, count_effort
from tests.samples import make_fse
from tla_sim.protocol.documents.document import Document
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
    fse = make_fse(make_invoice())
    content = fse.build()
    effort = count_effort(monkeypatch)
    document = Document(content)
    assert effort == Effort()
    for _ in range(3):
        assert document.digest
        assert document.fse
        assert document.invoice
        assert Document.of(document.fse).fse is document.fse
    assert effort.hashed == {content: 1}
    assert effort.parsed == {content: 1}
    assert effort.invoices == {fse.invoice_bytes: 1}
