"""The page on PC/SC software, as it is written: its five lines, and what it says of OpenSC."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.integration.serving import PATIENCE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "pcsc.md").read_text("utf-8")
(FIVE_LINES,) = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
(UNBLOCK,) = re.findall(r"`(opensc-tool -s \S+)`", PAGE)


def test_the_five_lines_show_the_card_and_may_be_pasted_again(tmp_path: Path) -> None:
    lines = FIVE_LINES.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("sudo apt install -y ")
    pasted = "\n".join(lines[1:]).replace("/tmp/tla", f"{tmp_path}/tla")
    (tmp_path / "tools").symlink_to(ROOT / "tools")  # the path of the checkout may have blanks
    block = "pkcs15-tool --verify-pin --pin 9999\n" * 3 + "pkcs15-tool --verify-pin --pin 1234 && exit 1\n"
    unblocked = f"{UNBLOCK} && pkcs15-tool --verify-pin --pin 1234"
    assert "PKCS#15 Card [CPS" in _bash(tmp_path, f"{pasted}\n{block}{unblocked} || exit 1\nkill %1; wait %1")
    assert not (tmp_path / "tla.comm").is_symlink(), "nothing is left behind"
    assert not (tmp_path / "tla.conf").exists()
    assert "PKCS#15 Card [CPS" in _bash(tmp_path, f"{pasted}\nkill %1; wait %1")


def _bash(folder: Path, script: str) -> str:
    command = folder / "bin" / "tla"
    if not command.exists():
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tla_sim.tools.cli.entry "$@"\n')
        command.chmod(0o755)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{command.parent}:{os.environ['PATH']}",
            "TLA_LANG": "en",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
