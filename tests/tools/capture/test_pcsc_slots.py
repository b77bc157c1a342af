"""The slots of a PC/SC service are listed by its own protocol."""

from __future__ import annotations

from pathlib import Path

from tests.tools.capture.pcsc_service import PcscService
from tests.tools.capture.test_pcsc_messages import looking
from tla_sim.reader_fw.cards.atr import PS_ATR
from tla_sim.tools.capture.pcsc_slots import list_slot_names


def test_every_slot_is_listed_with_a_card_or_without() -> None:
    question, answer = looking({"TLA virtual 00 00": PS_ATR, "empty": b""})
    with PcscService(answer) as service:
        assert list_slot_names(service.path) == ["TLA virtual 00 00", "empty"]
    assert service.asked == question


def test_a_service_that_hangs_up_has_no_slots() -> None:
    with PcscService(looking({"TLA virtual 00 00": PS_ATR})[1][:500]) as service:
        assert list_slot_names(service.path) == []


def test_a_service_that_does_not_run_has_no_slots(tmp_path: Path) -> None:
    assert list_slot_names(tmp_path / "none") == []
