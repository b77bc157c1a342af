"""Golden screens in pytest: the fixture `tla_screens`, its options, and the page of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

VISIT = """
def test_visit(tla_reader, tla_screens):
    tla_screens.note("the patient's card")
    tla_reader.insert_vitale("MARTIN")
    tla_screens.note("taken out")
    tla_reader.remove_cards()
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:randomly", *arguments)


def recorded(pytester: pytest.Pytester, text: str = VISIT) -> Path:
    pytester.makepyfile(test_it=text)
    run(pytester, "--tla-golden-run").assert_outcomes(passed=1)
    (golden,) = (pytester.path / "golden").rglob("*.json")
    return golden


def test_the_screens_of_a_test_are_recorded_and_compared(pytester: pytest.Pytester) -> None:
    golden = recorded(pytester)
    assert golden.relative_to(pytester.path) == Path("golden/test_it/test_visit.json")
    screens = json.loads(golden.read_text())["screens"]
    assert [(each["after"], each["screen"][1]) for each in screens] == [
        ("", "INSEREZ LA CARTE"),
        ("the patient's card", "AUCUNE FACTURE"),
        ("taken out", "INSEREZ LA CARTE"),
    ]
    run(pytester).assert_outcomes(passed=1)
    assert not (pytester.path / "golden-screens.html").exists()


def test_a_test_without_golden_screens_fails_and_says_how_to_record_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=VISIT)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["There are no golden screens in golden/test_it/test_visit.json: record them with --tla-golden-run"]
    )


def test_a_test_that_shows_other_screens_fails_and_names_the_page(pytester: pytest.Pytester) -> None:
    recorded(pytester)
    pytester.makepyfile(test_it=VISIT.replace("MARTIN", "DESMAUX"))
    result = run(pytester)
    result.assert_outcomes(failed=1)
    page = pytester.path / "golden-screens.html"
    result.stdout.fnmatch_lines(
        [f"1 of 3 screens not as recorded in golden/test_it/test_visit.json; {page}*"]
    )
    text = page.read_text("utf-8")
    assert "DESMAUX NATHALIE" in text
    assert "test_it.py::test_visit" in text
    assert "the patient&#x27;s card" in text


def test_a_test_that_fails_by_itself_is_not_compared(pytester: pytest.Pytester) -> None:
    golden = recorded(pytester)
    before = golden.read_bytes()
    pytester.makepyfile(test_it=VISIT.replace("MARTIN", "DESMAUX") + "    assert False\n")
    run(pytester, "--tla-golden-run").assert_outcomes(failed=1)
    assert golden.read_bytes() == before
    run(pytester).assert_outcomes(failed=1)
    assert not (pytester.path / "golden-screens.html").exists()


def test_a_golden_file_that_was_changed_by_hand_is_refused(pytester: pytest.Pytester) -> None:
    golden = recorded(pytester)
    golden.write_text(golden.read_text().replace("AUCUNE", "AUCUN"))
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*screen 2 is not as it was recorded: record it again*"])


def test_a_code_is_never_in_a_golden_file(pytester: pytest.Pytester) -> None:
    golden = recorded(
        pytester,
        "def test_code(tla_reader, tla_screens):\n"
        "    tla_reader.insert_ps('PIQURE2969')\n"
        "    tla_reader.add_rule('CODE PORTEUR', keys=[tla_reader.code, 'VAL'])\n"
        "    tla_reader.client().verify_code_at_reader()\n",
    )
    text = golden.read_text()
    assert "****" in text
    assert "1234" not in text.replace("sha256", "")


def test_one_page_shows_what_differs_in_all_workers(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLA_LANG", "fr")
    tests = [VISIT.replace("test_visit", f"test_visit_{number}") for number in range(4)]
    pytester.makepyfile(test_it="".join(tests))
    run(pytester, "--tla-golden-run").assert_outcomes(passed=4)
    pytester.makepyfile(test_it="".join(tests).replace("MARTIN", "DESMAUX"))
    result = pytester.runpytest_subprocess("-n", "2", "--tla-golden-page", "kept/differ.html", timeout=120)
    result.assert_outcomes(failed=4)
    text = (pytester.path / "kept/differ.html").read_text("utf-8")
    assert [text.count(f"test_it.py::test_visit_{number}") for number in range(4)] == [1, 1, 1, 1]
    assert "4 écrans diffèrent des écrans de référence" in text
