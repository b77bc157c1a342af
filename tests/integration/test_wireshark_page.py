"""The page on Wireshark: what is typed on it does what it says, with tshark in place of the window."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.named_places import ROOT

PAGES = {
    "en": (ROOT / "docs" / "how-to" / "wireshark.md").read_text("utf-8"),
    "fr": (ROOT / "docs" / "fr" / "wireshark.md").read_text("utf-8"),
}
_ENDS = "trap 'kill $(jobs -p) 2>/dev/null; true' EXIT\n"
_WINDOW = """#!/bin/sh
# A file is listed. A live capture ends after three packets of a program that asks the reader something.
if [ "$1" != -k ]; then exec tshark -r "$1" > opened.txt; fi
exec 3<&0  # a shell gives what runs in the background no input of its own
tshark -i - -c 3 <&3 > live.txt &
while kill -0 $! 2> /dev/null; do tla identify --reader serial:port > identified.txt; done
tla identify --reader serial:port > identified.txt
"""


@pytest.fixture(scope="module", params=["en", "fr"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all that a page says was typed in one shell, by somebody with a home of their own."""
    folder: Path = tmp_path_factory.mktemp("wireshark page")
    programs = folder / "bin"
    programs.mkdir()
    (programs / "tla").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tla_sim.tools.cli.entry "$@"\n')
    (programs / "wireshark").write_text(_WINDOW)
    for program in programs.iterdir():
        program.chmod(0o755)
    runtime = folder / "run"
    runtime.mkdir(0o700)
    blocks = re.findall(r"^```\n(.*?)^```", PAGES[request.param], re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _ENDS + "\n".join(blocks)],
        cwd=folder,
        env=os.environ
        | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(folder / "data"),
            "TLA_LANG": request.param,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "said.txt").write_text(done.stdout)
    return folder


def test_the_file_opens_in_wireshark(folder: Path) -> None:
    opened = (folder / "opened.txt").read_text()
    assert "ATR" in opened
    assert "Read binary" in opened


def test_the_dissectors_are_installed(folder: Path) -> None:
    assert (folder / ".local/lib/wireshark/plugins/tla.lua").exists()
    assert (folder / ".config/wireshark/extcap/tla").exists()


def test_a_running_reader_is_captured(folder: Path) -> None:
    assert len((folder / "live.txt").read_text().splitlines()) == 3


def test_everything_is_decoded(folder: Path) -> None:
    (text,) = (each.read_text() for each in folder.glob("*.txt") if each.name in ("round.txt", "tournee.txt"))
    for inside in ("load_invoice", "identification de la facture", "signature", "READ BINARY"):
        assert inside in text


def test_two_runs_are_the_same_flow(folder: Path) -> None:
    said = (folder / "said.txt").read_text()
    assert "The same flow" in said or "La même cinématique" in said
