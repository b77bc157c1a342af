"""`tla` as a process that was started without standard input, output or error."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PYTHON = shlex.quote(sys.executable)
TLA = f"{PYTHON} -m tla_sim.tools.cli.entry"


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_a_verb_runs_with_closed_streams(closed: str) -> None:
    done = subprocess.run(["sh", "-c", f"{TLA} ssv functions {closed}"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_file_gets_the_descriptor_of_a_closed_stream(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = (
        "import os; from tla_sim.tools.cli.standard_streams import fill_standard_streams;"
        "fill_standard_streams();"
        f"file = open({os.fspath(told)!r}, 'w');"
        "print('lost'); import sys; print('lost', file=sys.stderr); "
        "os.system('echo lost; echo lost >&2'); print(file.fileno() > 2, file=file)"
    )
    done = subprocess.run(
        ["sh", "-c", f'{PYTHON} -c "$0" 0<&- 1>&- 2>&-', program],
        env=os.environ,
        check=False,
    )
    assert done.returncode == 0
    assert told.read_text() == "True\n"
