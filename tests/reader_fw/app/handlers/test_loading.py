"""Loading: what it costs the reader to take a document in."""

from __future__ import annotations

import pytest

from tests.effort import count_effort
from tests.reader_kit import Bench
from tla_sim.protocol.documents.fse import Fse
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import NURSE


def test_a_document_is_hashed_and_its_invoice_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the reader's own processor both count; the index takes what was read, until the power goes."""
    bench = Bench()
    sent = documents(NURSE, 3)
    stored = [Fse(each.kind, each.mode, each.content).build() for each in sent]
    digests = [each.digest for each in sent]
    client = bench.client()
    effort = count_effort(monkeypatch)
    load(client, sent)
    bench.unplug()
    bench.insert_vitale()
    assert "3 A CERTIFIER" in bench.text
    assert [each.digest for each in bench.reader.app.store.entries()] == digests
    assert [effort.hashed[each] for each in stored] == [1, 1, 1]
    assert [effort.invoices[each.content] for each in sent] == [1, 1, 1]
