"""A process that is killed leaves no folder for good: the next one to make one removes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.serving import PATIENCE
from tests.integration.simulator import ROOT, environment
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.passing_folder import PassingFolder
from tla_sim.tools.simulator.simulated_reader import SimulatedReader
from tla_sim.tools.web.surgery.surgery import Surgery

MAKERS = {
    "tla-surgery-": "from tla_sim.tools.web.surgery.surgery import Surgery; "
    "from tla_sim.tools.cast import demo_practice; made = Surgery(demo_practice())",
    "tla-states-": "import tla_sim; from tla_sim.tools.testing.states.kept_states import KeptStates; "
    "made = KeptStates(); made.keep('x', tla_sim.SimulatedReader.in_memory(seed=1))",
}
_WAIT = "; print('made', flush=True); import sys; sys.stdin.read()"


@pytest.fixture
def home(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the system's temporary ones, for this test alone."""
    # Without one, the sockets of running readers would be among the temporary files.
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def begin(program: str, home: Path) -> subprocess.Popen[str]:
    """Run a program that makes a folder, and wait until it has."""
    process = subprocess.Popen(
        [sys.executable, "-c", program + _WAIT],
        cwd=ROOT,
        env={**environment(), "TMPDIR": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "made\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Kill a program."""
    process.kill()
    process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("prefix", MAKERS)
def test_what_was_killed_leaves_nothing_for_good(home: Path, prefix: str) -> None:
    end(begin(MAKERS[prefix], home))
    (left,) = home.glob(f"{prefix}*")
    alive = begin(MAKERS[prefix], home)
    try:
        with PassingFolder("tla-other-") as own:
            assert not left.exists()
            assert len(list(home.glob(f"{prefix}*"))) == 1, "what is in use stays"
            assert own.path.stat().st_mode & 0o077 == 0
        assert not own.path.exists()
    finally:
        end(alive)


def test_a_served_reader_leaves_nothing(home: Path) -> None:
    with SimulatedReader.served(seed=1) as reader:
        assert list(home.glob("tla-served-*"))
        assert reader.urls
    assert not list(home.glob("tla-served-*"))
    Surgery(demo_practice()).close()
    assert [each.name for each in home.iterdir() if not each.name.startswith("tla-made-")] == []
