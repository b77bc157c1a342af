"""Where a practice's documents stand, from its file and its ledger."""

from __future__ import annotations

from pathlib import Path

from tla_sim.host.desk.marks import bill_degraded
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.desk_model import Rights
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.web.surgery.overview import by_owner, standing
from tla_sim.tools.web.surgery.telling import surgery_now

PRACTICE = demo_practice()
INVOICES = prepared_invoices(PRACTICE)


def test_what_no_reader_has_is_prepared(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        found = standing(INVOICES, ledger)
    assert {each.state for each in found} == {LedgerState.PREPARED}
    owners = by_owner(PRACTICE, found)
    assert [(each.name, each.counts[LedgerState.PREPARED]) for each in owners] == [
        ("PIQURE2969 MAYA", 5),
        ("TOUBIB PAUL", 3),
        ("MASSEUR3107 LUC", 2),
    ]
    assert sum(each.total for each in owners) == sum(each.totals.total for each in INVOICES)


def test_what_the_ledger_knows_is_where_it_says(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        ledger.record_loaded(outgoing(INVOICES[:2]), "TLA1")
        bill_degraded(ledger, INVOICES[2], Rights.ADR)
        found = {each.id.number: each for each in standing(INVOICES, ledger)}
    assert len(found) == len(INVOICES), "each stands once"
    first, second, third = (found[each.number] for each in INVOICES[:3])
    assert (first.state, first.reader, first.file) == (LedgerState.LOADED, "TLA1", "")
    assert second.state is LedgerState.LOADED
    assert (third.state, third.mode.name) == (LedgerState.PREPARED, "DEGRADED")
    assert (first.patient, first.total) == ("MARTIN PAUL", INVOICES[0].totals.total)


def test_a_large_practice_is_counted_whole_and_shown_in_part(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        found = standing(INVOICES, ledger)
    now = surgery_now(PRACTICE, found * 150, (), None, None)
    assert (len(now.documents), now.more) == (1_000, 500)
    assert sum(each.prepared for each in now.owners) == 1_500
