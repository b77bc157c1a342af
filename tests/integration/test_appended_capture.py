"""A round that TLA_TRACE collected from several verbs, as Debian's tshark shows it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla
from tla_sim.tools.capture.pcapng import MAGIC, read_packets

TIMEOUT = 120


def test_each_packet_has_the_interface_that_it_was_written_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "round.pcapng"
    monkeypatch.setenv("TLA_TRACE", str(path))
    for _ in range(2):
        assert tla("identify", "--reader", f"state:{tmp_path / 'reader'}").exit_code == 0
        assert tla("demo", "--seed", "3").exit_code == 0
    ran = subprocess.run(
        ["tshark", "-r", path, "-T", "fields", "-e", "frame.interface_name"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    with path.open("rb") as stream:
        written = [each.interface.name for each in read_packets(stream)]
    assert ran.stdout.splitlines() == written
    assert sorted(set(written)) == sorted(
        [f"state:{tmp_path / 'reader'} Log_SV", "in process Log_SV", "slot PS", "slot Vitale"]
    )
    assert path.read_bytes().count(MAGIC) == 1, "interfaces of later sections are not looked up rightly"
