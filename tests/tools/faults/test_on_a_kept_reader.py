"""A cut around a write of a card's memory strikes a reader that lives in a directory too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.simulator.kept_kit import client_of, issue, make_reader
from tla_sim.protocol.errors import TlaError
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cards.file import load_image
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.in_process import in_process
from tla_sim.tools.simulator.kept_reader import KeptReader


@pytest.mark.parametrize(("moment", "tries"), [("before", 3), ("after", 2)])
def test_all_power_goes_around_the_write_of_a_retry_counter(tmp_path: Path, moment: str, tries: int) -> None:
    home = make_reader(tmp_path / "reader")
    card = issue(tmp_path / "cards") / "cps-piqure2969-maya.card"
    strikes = Strikes(FaultPlan.parse(f"reader.tear@0:{moment}"))
    with KeptReader.open(home, faults=strikes, cards={Slot.PS: card}) as kept:
        assert isinstance(kept.reader, FaultyReader)
        kept.reader.power_on()
        with pytest.raises(TlaError):
            client_of(in_process(kept.reader)).verify_code("9999")
        assert [fault.name for fault in strikes.struck] == ["reader.tear"]
        assert not kept.reader.on
        code = load_image(card).code
        assert code is not None
        assert code.tries_left == tries
        kept.reader.power_on()
        client_of(in_process(kept.reader)).verify_code("1234")
    code = load_image(card).code
    assert code is not None
    assert code.tries_left == 3
