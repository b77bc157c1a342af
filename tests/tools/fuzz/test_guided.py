"""The coverage-guided mode: atheris drives a target, and what came of it is kept as any campaign's is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tla_sim.tools.fuzz.campaign import Campaign, CampaignUnusable, Plan
from tla_sim.tools.fuzz.guided import GuidedRun
from tla_sim.tools.fuzz.report_data import read_report

RUNS = 400


def guided(directory: Path, cases: int = RUNS) -> Campaign:
    return Campaign(directory, Plan(("vpcd",), "1", 1, cases, probes=False, guided=True))


@pytest.mark.soak
def test_atheris_runs_a_target_is_reported_and_gone_on_with(tmp_path: Path) -> None:
    campaign = guided(tmp_path, RUNS)
    for _ in GuidedRun(campaign).run():
        pass
    assert campaign.tally.cases["vpcd"] >= RUNS
    assert campaign.tally.arc_count > 100
    assert campaign.tally.findings == {}
    assert campaign.tally.kept == len(list((tmp_path / "guided").iterdir())) > 3
    assert [each.cases for each in read_report(tmp_path).targets] == [campaign.tally.cases["vpcd"]]
    again = guided(tmp_path, 2 * RUNS)
    assert again.tally.cases == campaign.tally.cases
    for _ in GuidedRun(again).run():
        pass
    assert again.tally.cases["vpcd"] >= 2 * RUNS


def test_a_guided_campaign_is_no_other_one(tmp_path: Path) -> None:
    guided(tmp_path).save()
    with pytest.raises(CampaignUnusable, match="coverage"):
        Campaign(tmp_path, Plan(("vpcd",), "1", 1, 5))
