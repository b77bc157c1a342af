"""The pytest plugin, as a developer of practice software uses it: the page's file is pasted and run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tla_sim.tools.capture.reading import ReadReset, read_file
from tla_sim.tools.testing.golden.plugin import PAGE, RECORD
from tla_sim.tools.testing.traces import TRACES

ROOT = Path(__file__).resolve().parents[3]


TESTS_PAGE = "practice-software-tests"


def run_pasted(page: str, number: int, folder: Path, *options: str) -> str:
    """Paste a page's n-th Python file, run it, and return what pytest says."""
    text = (ROOT / f"docs/how-to/{page}.md").read_text("utf-8")
    pasted = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[number - 1]
    (folder / "test_pasted.py").write_text(pasted, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", *options]
    ran = subprocess.run([*command, str(folder)], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.mark.parametrize(
    ("page", "number", "passed"), [(TESTS_PAGE, 1, 10), (TESTS_PAGE, 2, 4), ("fuzzing", 1, 3)]
)
def test_the_file_of_a_page_passes_as_pasted(page: str, number: int, passed: int, tmp_path: Path) -> None:
    assert re.search(rf"\b{passed} passed", run_pasted(page, number, tmp_path))


def test_the_flow_of_the_page_is_recorded_and_compared_as_it_says(tmp_path: Path) -> None:
    assert "1 passed" in run_pasted(TESTS_PAGE, 3, tmp_path, "--tla-golden-run")
    assert "1 passed" in run_pasted(TESTS_PAGE, 3, tmp_path)


def test_each_reader_of_each_test_has_a_trace_of_its_own(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    (tmp_path / "test_two.py").write_text(
        "def test_one(tla_reader, tla_make_reader):\n"
        "    for reader in (tla_reader, tla_make_reader()):\n"
        "        reader.client('serial').identify()\n"
        "def test_other(tla_serve):\n"
        "    tla_serve('tcp:0').client().identify()\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TRACES, str(traces)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    names = sorted(each.name for each in traces.iterdir())
    assert names == [
        "test_two.py-test_one-2.pcapng",
        "test_two.py-test_one.pcapng",
        "test_two.py-test_other.pcapng",
    ]
    for file in traces.iterdir():
        with file.open("rb") as stream:
            first, *others = read_file(stream)
        assert isinstance(first, ReadReset)
        assert others


def test_the_page_names_every_marker_and_option() -> None:
    page = (ROOT / f"docs/how-to/{TESTS_PAGE}.md").read_text("utf-8")
    for name in ("tla_provides", "tla_requires", "tla_faults", RECORD, PAGE, TRACES):
        assert f"{name}" in page


def test_the_page_names_every_fixture() -> None:
    page = (ROOT / "docs/how-to/practice-software-tests.md").read_text("utf-8")
    plugin = (ROOT / "tools/testing/pytest_plugin.py").read_text("utf-8")
    fixtures = re.findall(r"@pytest\.fixture.*\ndef (tla_\w+)", plugin)
    assert len(fixtures) == 8
    assert [name for name in fixtures if f"`{name}`" not in page] == []
