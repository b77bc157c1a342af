"""What `tla sim` tells of PC/SC links."""

from __future__ import annotations

from pathlib import Path

from tests.integration.simulator import simulator


def test_a_vpcd_link_says_which_slot_goes_to_which_port(tmp_path: Path) -> None:
    with simulator(tmp_path / "reader", "vpcd:127.0.0.1:9?slots=ps,log_sv") as running:
        assert "ps goes to vpcd's slot at port 9" in running.output
        assert "log_sv goes to vpcd's slot at port 10" in running.output
        assert "two slots" not in running.output


def test_more_slots_than_vpcd_usually_has_are_pointed_out(tmp_path: Path) -> None:
    with simulator(tmp_path / "reader", "vpcd:127.0.0.1:9") as running:
        assert "log_sv goes to vpcd's slot at port 11" in running.output
        assert "vpcd as Debian ships it has two slots" in running.output
