"""The mypy plugin sees where a sentence becomes plain text."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

from tla_sim.tools.maintenance import lost_french
from tla_sim.tools.maintenance.lost_french import ROOMS

LOST = (
    'f"{said}!"',
    '", ".join([said, "b"])',
    '", ".join(Sentence(each) for each in "ab")',
    '"{}".format(said)',
    '"Note: " + said',
    'said + "!"',
    "said.lower()",
    'f"{error}"',
)
KEPT = (
    'Sentence("{said}!", said=said)',
    "(said, said)",
    'f"{error.code}"',
    'f"{said.template}"',
    '", ".join({"a": said})',
)
SENTENCE = """\
class Sentence(str):
    template: str
    def __new__(cls, template: str, **values: object) -> "Sentence": ...
"""
ERRORS = """\
class TlaError(Exception):
    code: str
"""
HEAD = """\
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
said, error = Sentence("a"), TlaError("b")
"""


def test_what_loses_its_french_is_reported_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [*HEAD.splitlines(), *LOST, *KEPT]
    files = {
        "tla_sim/protocol/sentence.pyi": SENTENCE,
        "tla_sim/protocol/errors.pyi": ERRORS,
        f"{ROOMS[0]}/said.py": "\n".join(lines),
        "mypy.ini": f"[mypy]\nplugins = {lost_french.__file__}\nnamespace_packages = True\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    told, problems, _ = api.run(["--config-file", "mypy.ini", f"{ROOMS[0]}/said.py"])
    reported = {lines[int(each.split(":")[1]) - 1] for each in told.splitlines() if "[lost-french]" in each}
    assert reported == set(LOST), told + problems
