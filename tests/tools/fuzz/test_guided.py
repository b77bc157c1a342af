"""The coverage-guided mode: atheris drives a target and writes findings as any campaign does."""

from __future__ import annotations

from pathlib import Path

from tools.fuzz.guided import executions_per_second, run_guided


def test_atheris_runs_a_target_and_grows_a_corpus(tmp_path: Path) -> None:
    guided = run_guided("vpcd", "1", 4, tmp_path)
    assert executions_per_second(guided) > 1
    assert guided.findings == ()
    assert len(list((tmp_path / "guided").iterdir())) > 3
