"""Loading: what it costs the reader to take a document in."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import pytest

from tests.reader_kit import Bench
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import NURSE


def test_a_document_is_hashed_and_its_invoice_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the reader's own processor both count; the index takes what was read, until the power goes."""
    bench = Bench()
    sent = documents(NURSE, 3)
    stored = [Fse(each.kind, each.mode, each.content).build() for each in sent]
    hashed: Counter[bytes] = Counter()
    read: Counter[bytes] = Counter()
    sha256, parse = hashlib.sha256, PreparedInvoice.parse

    def counted_sha256(data: bytes = b"") -> Any:
        hashed[data] += 1
        return sha256(data)

    def counted_parse(raw: bytes) -> PreparedInvoice:
        read[raw] += 1
        return parse(raw)

    client = bench.client()
    monkeypatch.setattr(hashlib, "sha256", counted_sha256)
    monkeypatch.setattr(PreparedInvoice, "parse", counted_parse)
    load(client, sent)
    bench.unplug()
    bench.insert_vitale()
    assert "3 A CERTIFIER" in bench.screen
    assert [hashed[each] for each in stored] == [1, 1, 1]
    assert [read[each.content] for each in sent] == [1, 1, 1]
