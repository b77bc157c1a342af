"""Campaigns: the same results however they are run, stopped and gone on with; findings, report, JUnit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from distributed import LocalCluster

from tests.tools.cli.command_line import tla
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz import junit, report_html
from tla_sim.tools.fuzz.campaign import Campaign, CampaignUnusable, Plan
from tla_sim.tools.fuzz.finding import Finding, FindingUnreadable, try_case
from tla_sim.tools.fuzz.mutants.apply import plant
from tla_sim.tools.fuzz.report_data import read_report
from tla_sim.tools.fuzz.workers import Inline, cluster, local
from tla_sim.tools.language import Language, speak
from tla_sim.tools.language.french import to_french

KEPT = Path(__file__).parents[2] / "regressions" / "log_sv-f1f986d32dde.json"
TARGETS = ("vpcd", "cards")


def plan(cases: int = 60, shards: int = 2, probes: bool = False, targets: tuple[str, ...] = TARGETS) -> Plan:
    return Plan(targets, "s", shards, cases, probes=probes)


def finished(directory: Path, planned: Plan) -> Campaign:
    campaign = Campaign(directory, planned)
    for _ in campaign.run(Inline(), 1):
        pass
    return campaign


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
    ) as made:
        yield made.scheduler_address


@pytest.mark.soak
def test_a_dask_cluster_of_processes_gives_what_one_process_gives(tmp_path: Path, scheduler: str) -> None:
    here = finished(tmp_path / "here", plan())
    campaign = Campaign(tmp_path / "there", plan(probes=True))
    with cluster(scheduler) as (executor, workers):
        assert workers == 2
        # More tasks than workers, as when somebody joins: those of one process wait for each other.
        for _ in campaign.run(executor, 2 * workers):
            pass
    assert campaign.results() == here.results()
    assert here.tally.cases == {"vpcd": 60, "cards": 60}


def test_processes_of_this_machine_give_the_same(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path / "there", plan(20))
    with local(2) as executor:
        for _ in campaign.run(executor, 2):
            pass
    assert campaign.results() == finished(tmp_path / "here", plan(20)).results()


def test_a_stopped_campaign_goes_on_where_it_was(tmp_path: Path) -> None:
    stopped = Campaign(tmp_path / "a", plan(40))
    for at, _ in enumerate(running := stopped.run(Inline(), 1)):
        if at == 1:
            running.close()
            break
    assert 0 < sum(stopped.tally.cases.values()) < 80
    again = finished(tmp_path / "a", plan(40))
    assert again.results() == finished(tmp_path / "b", plan(40)).results()
    with pytest.raises(CampaignUnusable, match="seed s"):
        Campaign(tmp_path / "a", Plan(TARGETS, "other", 2, 5))


def test_a_finding_is_shrunk_kept_in_one_file_replayed_and_reported(tmp_path: Path) -> None:
    with plant("acknowledge-loaded"):
        campaign = finished(tmp_path, plan(60, 1, targets=("log_sv",)))
        (found,) = [
            each for _, _, each in campaign.tally.findings.values() if "rules say LOADED" in each.cause
        ][:1]
        path = tmp_path / "findings" / found.file_name
        finding = Finding.read(path)
        assert len(finding.case) <= 10
        failure = try_case(finding.target, finding.case)
        assert failure is not None
        assert failure.cause == finding.cause
    assert try_case(finding.target, finding.case) is None
    report = read_report(tmp_path)
    page = report_html.render(report)
    assert finding.cause.replace("'", "&#x27;") in page
    assert page.count("<svg") == 3
    assert isinstance(finding.message, Sentence)
    speak(Language.FR)
    try:
        page, said = report_html.render(report), to_french(finding.message)
    finally:
        speak(Language.EN)
    assert '<html lang="fr">' in page
    assert escape(said) in page
    assert said != finding.message
    english = ("Findings", "Over time", "Branches reached", "Play it again", "needs a flash", "cases<")
    assert [each for each in english if each in page] == []
    suite = ElementTree.fromstring(junit.render(report))
    assert suite.get("failures") == str(len(report.findings))


@pytest.mark.soak
def test_coverage_is_measured_and_new_cases_are_kept(tmp_path: Path) -> None:
    campaign = finished(tmp_path, plan(20, 1, probes=True, targets=("log_sv",)))
    assert campaign.tally.arc_count > 500
    assert list((tmp_path / "corpus").glob("log_sv-*.json"))
    assert 0.1 < read_report(tmp_path).goal_share < 1


def test_a_finding_of_an_earlier_version_is_read_as_text(tmp_path: Path) -> None:
    kept = json.loads(KEPT.read_text("utf-8"))
    kept.pop("said", None)
    path = tmp_path / "old.json"
    path.write_text(json.dumps(kept), "utf-8")
    assert Finding.read(path).message == kept["message"]


def test_a_file_that_is_no_finding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    kept = json.loads(KEPT.read_text("utf-8"))
    odd = json.dumps(kept | {"steps": [["fly", "", ""]]})
    for text in ("", "{}", '{"format": 3}', "[1]", odd):
        path.write_text(text, "utf-8")
        with pytest.raises(FindingUnreadable):
            Finding.read(path)


@pytest.mark.soak
def test_the_verb_runs_replays_and_reports(tmp_path: Path) -> None:
    def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tla_sim.tools.cli.entry", "fuzz", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    ran = fuzz("run", "vpcd", "--cases", "30", "--seed", "7", "--dir", "here")
    assert ran.returncode == 0, ran.stderr
    assert "30 cases" in ran.stdout
    written = fuzz("report", "here", "--out", "r.html", "--junit", "j.xml")
    assert written.returncode == 0, written.stderr
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")
    assert fuzz("replay", str(KEPT)).stdout.endswith("It passes.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run nothing", "no target nothing"),
        ("run t1 --time soon", "not a duration"),
        ("run t1 --time 5s --cases 5", "Give one of them"),
        ("run all --coverage", "one target"),
        ("run t1 --coverage --scheduler tcp://127.0.0.1:1", "cannot be combined with --scheduler"),
        ("run t1 --corpus campaign.json --cases 1", "neither a trace nor a case"),
        ("run log_sv --cases 1 --dir .", "holds no campaign"),
        ("replay campaign.json", "not a finding"),
        ("report nowhere", "holds no campaign"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(
    arguments: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("campaign.json").write_text("[]", "utf-8")
    ran = tla("fuzz", *arguments.split())
    assert ran.exit_code == 2, "1 would say that there is a finding"
    assert said in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr
