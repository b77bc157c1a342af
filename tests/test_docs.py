"""The pages a user reads: links lead somewhere, examples run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_python_example_for_practice_software_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/practice-software.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("TLA")
    assert "5 FACTURES SIGNEES" in ran.stdout


def test_every_verb_is_in_a_page() -> None:
    from tla_sim.tools.cli.app import VERBS

    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert [verb for verb in VERBS if f"tla {verb}" not in text] == []
