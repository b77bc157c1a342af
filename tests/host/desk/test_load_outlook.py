"""What waits to be loaded, where no reader has said anything yet, and where it has no room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tla_sim.host.desk.load_outlook import NoRoom, check_room, look_at_loading
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.tools.cast import demo_practice

NURSE = "75629690"
SERIAL = "TLA0000001"


def test_the_reader_must_have_room_for_all_or_none() -> None:
    check_room(5, 5)
    with pytest.raises(NoRoom) as refused:
        check_room(5, 4)
    assert refused.value.action


def test_what_was_cut_before_its_commit_still_waits(tmp_path: Path) -> None:
    invoices = prepared_invoices(demo_practice())
    nurses = [document for each in invoices if each.owner == NURSE for document in documents_of(each)]
    with Ledger.open(tmp_path / "book.db") as ledger:
        ledger.record_loaded(nurses, SERIAL)

        def waiting(held: list[int]) -> int:
            listed = [nurses[place].id for place in held]
            outlook = look_at_loading(ledger, invoices, NURSE, None, listed, SERIAL)
            return sum(each.waits for each in outlook.lines)

        assert waiting([0, 1, 2, 3, 4]) == 0
        assert waiting([0, 1]) == 3
        outlook = look_at_loading(ledger, invoices, NURSE, None, None, SERIAL)
        assert (outlook.owners[0].invoices, outlook.owners[0].loaded) == (0, 5), (
            "not asked: as the ledger has it"
        )
