"""Every finding kept in this directory is played again and must pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tla_sim.tools.fuzz.finding import Finding, try_case

FILES = sorted(Path(__file__).parent.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_finding_stays_fixed(path: Path) -> None:
    finding = Finding.read(path)
    failure = try_case(finding.target, finding.case)
    assert failure is None, f"{path.name} fails again: {failure}"
