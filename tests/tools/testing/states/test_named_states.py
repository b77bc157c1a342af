"""Named states in pytest, as somebody with a test suite of their own meets them."""

from __future__ import annotations

import os
import tempfile

import pytest

pytest_plugins = ["pytester"]

LOADED = """
import pytest
import tla_sim

@pytest.mark.tla_provides("loaded")
def test_load(tla_reader, tla_practice, tmp_path):
    with tla_sim.Ledger.open(tmp_path / "ledger.db") as ledger:
        tla_sim.push(tla_reader.client(), ledger, tla_practice, ["75629690"])
    with open("runs.txt", "a") as runs:
        print("load", file=runs)
"""
VISIT = """
@pytest.mark.tla_requires("loaded")
def test_visit(tla_reader):
    assert len(tla_reader.client().list_documents()) == 5
"""
FAILING = """
import pytest

@pytest.mark.tla_requires("loaded")
def test_visit(tla_reader):
    pass

@pytest.mark.tla_provides("loaded")
def test_load(tla_reader):
    assert "five" == "six"
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:randomly", "--strict-markers", *arguments)


def times_loaded(pytester: pytest.Pytester) -> int:
    return len((pytester.path / "runs.txt").read_text().splitlines())


def test_a_test_starts_from_the_state_that_another_provides(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LOADED + VISIT)
    run(pytester).assert_outcomes(passed=2)
    assert times_loaded(pytester) == 1


def test_the_order_of_the_tests_does_not_matter(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n" + VISIT + LOADED)
    result = run(pytester, "-v")
    result.assert_outcomes(passed=2)
    assert times_loaded(pytester) == 1
    result.stdout.fnmatch_lines(["*::test_visit PASSED*", "*::test_load PASSED*"])


@pytest.mark.parametrize("selection", [["-k", "visit"], ["test_round.py::test_visit"], ["test_round.py"]])
def test_a_provider_that_is_not_selected_runs_first(pytester: pytest.Pytester, selection: list[str]) -> None:
    pytester.makepyfile(test_load=LOADED, test_round="import pytest\n" + VISIT)
    run(pytester, *selection).assert_outcomes(passed=1, deselected=1 if "-k" in selection else 0)
    assert times_loaded(pytester) == 1


def test_a_provider_in_the_same_file_that_is_not_selected_runs_first(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(LOADED + VISIT)
    (file,) = pytester.path.glob("test_*.py")
    run(pytester, f"{file.name}::test_visit").assert_outcomes(passed=1)


def test_a_provider_in_another_folder_is_found_with_its_own_fixtures(pytester: pytest.Pytester) -> None:
    inner = pytester.mkpydir("inner")
    (inner / "conftest.py").write_text(
        "import pytest\n@pytest.fixture\ndef people(tla_practice):\n    return tla_practice\n"
    )
    (inner / "test_load.py").write_text(LOADED.replace("tla_practice", "people"))
    outer = pytester.mkpydir("outer")
    (outer / "test_round.py").write_text("import pytest\n" + VISIT)
    run(pytester, "outer").assert_outcomes(passed=1)
    run(pytester, "outer/test_round.py::test_visit").assert_outcomes(passed=1)
    run(pytester).assert_outcomes(passed=2)


def test_last_failed_alone_brings_its_provider(pytester: pytest.Pytester) -> None:
    wrong = VISIT.replace("== 5", "== 6")
    pytester.makepyfile(test_load=LOADED, test_round="import pytest\n" + wrong)
    run(pytester).assert_outcomes(passed=1, failed=1)
    run(pytester, "--lf").assert_outcomes(failed=1)
    assert times_loaded(pytester) == 2


def test_states_build_on_each_other_and_a_state_is_kept_as_it_was(pytester: pytest.Pytester) -> None:
    more = """
@pytest.mark.tla_requires("loaded")
@pytest.mark.tla_provides("on a visit")
def test_insert(tla_reader):
    tla_reader.insert_ps("PIQURE2969")
    tla_reader.insert_vitale("MARTIN")
    tla_reader.press("VAL")

@pytest.mark.tla_requires("on a visit")
def test_sign(tla_reader):
    tla_reader.press(tla_reader.code, "VAL")
    assert "3 FACTURES SIGNEES" in tla_reader.screen

@pytest.mark.tla_requires("loaded")
def test_nobody_is_there_yet(tla_reader):
    assert "MARTIN" not in " ".join(tla_reader.screen)
"""
    pytester.makepyfile(LOADED + more)
    run(pytester).assert_outcomes(passed=4)
    run(pytester, "-k", "sign").assert_outcomes(passed=1, deselected=3)
    assert times_loaded(pytester) == 2


def test_the_state_is_that_at_the_end_of_the_test_and_the_cable_is_out(pytester: pytest.Pytester) -> None:
    more = """
@pytest.mark.tla_requires("later")
def test_clock_and_cards_are_kept(tla_reader):
    assert tla_reader.screen[0] == "MARTIN PAUL"
    tla_reader.remove_cards()
    assert tla_reader.screen[0].endswith("08:10")
    tla_reader.insert_vitale("MARTIN")
    assert tla_reader.client().list_documents() == ()

@pytest.fixture
def put_in(tla_reader):
    tla_reader.insert_vitale("MARTIN")
    yield
    tla_reader.remove_cards()

@pytest.mark.tla_provides("later")
def test_later(tla_reader, put_in):
    tla_reader.client().identify()
    tla_reader.advance(600_000)
"""
    pytester.makepyfile("import pytest\n" + more)
    run(pytester).assert_outcomes(passed=2)


def test_faults_of_a_test_count_from_the_state_that_it_requires(pytester: pytest.Pytester) -> None:
    faulty = """
@pytest.mark.tla_requires("loaded")
@pytest.mark.tla_faults("reader.reset@0")
def test_lost(tla_reader):
    assert tla_reader.struck == ()
    assert len(tla_reader.client().list_documents()) == 5
    assert len(tla_reader.struck) == 1
"""
    pytester.makepyfile(LOADED + faulty)
    run(pytester).assert_outcomes(passed=2)


def test_a_state_is_readable_for_its_owner_only_and_gone_at_the_end(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = """
import pathlib, stat, tempfile

@pytest.mark.tla_requires("loaded")
def test_look(tla_reader):
    (kept,) = pathlib.Path(tempfile.gettempdir()).glob("tla-states-*/*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
"""
    places = pytester.mkdir("places")
    pytester.makepyfile(LOADED + look)
    monkeypatch.setattr(tempfile, "tempdir", str(places))
    run(pytester).assert_outcomes(passed=2)
    notes = places / f"tla-made-{os.getuid()}"
    assert list(places.glob("**/*")) == [notes], "nothing but the empty folder of notes"


def test_a_failing_provider_fails_its_dependants_with_one_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=FAILING)
    result = run(pytester)
    result.assert_outcomes(failed=1, errors=1)
    said = 'The state "loaded" was not reached: test_it.py::test_load failed'
    result.stdout.fnmatch_lines([said])
    assert result.stdout.str().count("\nE       AssertionError: assert 'five' == 'six'") == 1


def test_the_failure_of_a_provider_that_was_not_selected_is_shown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=FAILING)
    result = run(pytester, "test_it.py::test_visit")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*was not reached*", "*test_it.py::test_load*", "*assert 'five' == 'six'*"])


def test_a_skipped_provider_skips_its_dependants(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING.replace('assert "five" == "six"', 'pytest.skip("no")'))
    run(pytester).assert_outcomes(skipped=2)


def test_a_fixture_that_cannot_be_taken_down_before_a_provider_is_reported(pytester: pytest.Pytester) -> None:
    first = """
import pytest
@pytest.fixture(scope="module", autouse=True)
def stubborn():
    yield
    raise OSError("stays")

def test_before(): pass
"""
    pytester.makepyfile(test_a=first + VISIT, test_b=LOADED)
    result = run(pytester)
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*OSError: stays*"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (VISIT, '*test_it.py::test_visit requires the state "loaded", which no test provides'),
        (LOADED + LOADED.replace("test_load", "test_other"), '*Two tests provide the state "loaded": *'),
        (
            '@pytest.mark.tla_provides("a")\n@pytest.mark.tla_requires("b")\ndef test_a(tla_reader): pass\n'
            '@pytest.mark.tla_provides("b")\n@pytest.mark.tla_requires("a")\ndef test_b(tla_reader): pass\n',
            '*can never be reached: "a" requires "b" requires "a"',
        ),
        ("@pytest.mark.tla_requires\ndef test_a(tla_reader): pass", "*write the marker as tla_requires(*"),
        ('@pytest.mark.tla_requires("a", "b")\ndef test_a(tla_reader): pass', "*write the marker as*"),
        ('@pytest.mark.tla_provides("a")\ndef test_a(): pass', "*does not use the fixture tla_reader"),
    ],
)
def test_what_cannot_be_is_refused_before_any_test_runs(
    pytester: pytest.Pytester, body: str, said: str
) -> None:
    pytester.makepyfile(test_it="import pytest\n" + body)
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


def test_a_file_that_does_not_import_is_named_when_its_state_is_missed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a="import pytest\n" + VISIT, test_b="import nowhere\n" + LOADED)
    result = run(pytester, "test_a.py")
    result.stderr.fnmatch_lines(["*which no test provides; test_b.py cannot be collected"])


def test_tests_without_the_markers_load_nothing_of_the_reader(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\ndef test_it():\n    assert 'tla_sim.reader_fw.reader' not in sys.modules\n"
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


@pytest.mark.parametrize("spread", ["load", "worksteal", "each"])
def test_each_worker_of_xdist_reaches_the_state_once(pytester: pytest.Pytester, spread: str) -> None:
    many = "\n".join(VISIT.replace("test_visit", f"test_visit_{number}") for number in range(12))
    pytester.makepyfile("import pytest\n" + many + LOADED)
    result = pytester.runpytest_subprocess("-n", "2", "--dist", spread, timeout=120)
    result.assert_outcomes(passed=26 if spread == "each" else 13)
    assert times_loaded(pytester) <= 2


def test_a_usage_error_ends_workers_of_xdist_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it="import pytest\n" + VISIT)
    result = pytester.runpytest_subprocess("-n", "2", timeout=120)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ['*test_it.py::test_visit requires the state "loaded", which no test provides']
    )
