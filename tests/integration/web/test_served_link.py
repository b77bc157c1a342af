"""Practice software drives the reader by a served link while somebody watches the page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.integration.web.conftest import LookAt
from tests.integration.web.web_process import WebProcess
from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.round.push import push_owner
from tla_sim.host.transport import open_transport
from tla_sim.tools.cast import demo_practice

NURSE = "75629690"


@pytest.mark.parametrize("link", ["tcp:0", "pty:{folder}/line"])
def test_a_host_program_loads_while_the_page_watches(
    web: WebProcess, look: LookAt, tmp_path: Path, link: str
) -> None:
    bench = look()
    reader = bench.reader("reader-1")
    reader.shows("TLA 1.40")
    bench.tab("Trace").click()
    web.ask("PUT", "/readers/reader-1/cable", {"plugged": True})
    opened = web.ask("POST", "/readers/reader-1/links", {"link": link.format(folder=tmp_path)})
    mine = [each for each in outgoing(prepared_invoices(demo_practice())) if each.invoice.owner == NURSE]
    with Ledger.open(tmp_path / "ledger.db") as ledger, open_transport(opened["url"]) as transport:
        client = ReaderClient(transport, os.urandom)
        pushed = push_owner(client, ledger, NURSE, mine)
        shown = client.list_documents()
    assert pushed.loaded == len(mine) == len(shown)
    rows = bench.page.locator("tr[data-number]")
    expect(rows.filter(has_text="commit_load")).to_have_count(1)
    expect(rows.filter(has_text="list_invoices").first).to_be_visible()
    told = web.ask("GET", "/readers/reader-1/trace")["exchanges"]
    expect(rows).to_have_count(len(told))
    numbers = rows.evaluate_all("rows => rows.map((row) => Number(row.dataset.number))")
    assert sorted(numbers) == [each["number"] for each in told]
    web.ask("DELETE", f"/readers/reader-1/links/{opened['id']}")
    bench.tab("Links").click()
    expect(bench.page.get_by_text(opened["url"])).to_have_count(0)
