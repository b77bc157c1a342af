"""`tla web` before it serves: what it refuses, in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.cli.command_line import tla


@pytest.mark.parametrize("again", ["same", "through a link", "through another folder"])
def test_a_folder_that_is_named_twice_is_said(tmp_path: Path, again: str) -> None:
    home = tmp_path / "reader"
    link = tmp_path / "link"
    link.symlink_to(home)
    spelt = {"same": home, "through a link": link, "through another folder": tmp_path / "x" / ".." / "reader"}
    refused = tla("web", "--state", home, "--state", tmp_path / "other", "--state", spelt[again])
    assert refused.exit_code == 2
    assert refused.stderr == f"The folder {home} is named twice. Name each reader's folder once.\n"
    assert not home.exists(), "nothing was begun"
