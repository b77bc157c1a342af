"""The pytest plugin, as a developer of practice software uses it: the page's file is pasted and run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.share(2)
@pytest.mark.parametrize(("name", "passed"), [("practice-software-tests", 10), ("fuzzing", 3)])
def test_the_file_of_a_page_passes_as_pasted(name: str, passed: int, tmp_path: Path) -> None:
    page = (ROOT / f"docs/how-to/{name}.md").read_text("utf-8")
    (pasted,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "test_pasted.py").write_text(pasted, "utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--strict-markers",
        str(tmp_path),
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert re.search(rf"\b{passed} passed", ran.stdout), ran.stdout


def test_the_page_names_every_fixture() -> None:
    page = (ROOT / "docs/how-to/practice-software-tests.md").read_text("utf-8")
    plugin = (ROOT / "tools/testing/pytest_plugin.py").read_text("utf-8")
    fixtures = re.findall(r"@pytest\.fixture.*\ndef (tla_\w+)", plugin)
    assert len(fixtures) == 8
    assert [name for name in fixtures if f"`{name}`" not in page] == []
