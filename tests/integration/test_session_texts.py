"""A recorded session as HTTP calls, pasted into a file and run by a shell against a bench."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import rmtree

import pytest

from tests.tools.cli.command_line import ROOT, command
from tests.tools.web.session_text.recorded import CODE, FROM_NEW, SESSIONS, made, play_round, write_start
from tla_sim.tools.web.session_text.text import session_text


@pytest.fixture
def bench() -> Iterator[str]:
    """The address of a bench."""
    serving = subprocess.Popen(
        command("web", "--json"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert serving.stdout is not None
        yield json.loads(serving.stdout.readline())["url"]
    finally:
        serving.terminate()
        serving.communicate(timeout=30)


def run(text: str, bench: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "session.sh"
    file.write_text(text, "utf-8")
    return subprocess.run(
        ["sh", str(file)],
        cwd=folder,
        env={**os.environ, "TLA_URL": bench, "TLA_CODE": CODE},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_calls_run_as_they_are_and_compare_every_screen(bench: str, tmp_path: Path) -> None:
    with made() as control:
        play_round(control, tmp_path)
        text = session_text(control, "http")
    done = run(text, bench, tmp_path)
    assert done.returncode == 0, done.stderr
    readers = subprocess.run(["curl", "-s", f"{bench}v1/readers"], capture_output=True, text=True, check=True)
    assert "session-" not in readers.stdout, "its reader is gone again"

    other = run(text.replace("expect 'CODE PORTEUR FAUX'", "expect 'CODE PORTEUR BON'"), bench, tmp_path)
    assert other.returncode == 1
    assert "The screen should show\nCODE PORTEUR BON\n" in other.stderr
    assert CODE not in other.stderr


@pytest.mark.parametrize("name", SESSIONS)
def test_the_calls_of_any_session_run_by_themselves(bench: str, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    folder.mkdir()
    with closing(SESSIONS[name](folder)) as control:
        text, screen = session_text(control, "http"), control.screen
        write_start(control, tmp_path)
    rmtree(folder)
    shown = 'curl -s "$bench/readers/$reader/screen.txt"\n'
    done = run(text + shown, bench, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.rstrip() for line in done.stdout.splitlines()[-4:]] == [
        line.rstrip() for line in screen.lines
    ]
    if name not in FROM_NEW:
        (tmp_path / "elsewhere").mkdir()
        lost = run(text, bench, tmp_path / "elsewhere")
        assert lost.returncode != 0
        assert "-start.snapshot" in lost.stderr


def test_a_call_that_is_refused_ends_the_script_with_the_reason(bench: str, tmp_path: Path) -> None:
    with made() as control:
        control.press("VAL")
        text = session_text(control, "http")
    refused = run(text.replace('"profile\\": \\"1.40', '"profile\\": \\"9.99'), bench, tmp_path)
    assert refused.returncode == 1
    assert "POST readers" in refused.stderr
    assert "9.99" in refused.stderr
