"""Running `tla` in a test: in this process, or in one of its own where exit codes are real."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from tla_sim.tools.cli.app import app
from tla_sim.tools.language import Language, speak

ROOT = Path(__file__).parents[3]


def tla(*arguments: str | Path, code: str | None = None, **environment: str) -> Result:
    """Run `tla` in this process; `code` is the code porteur as TLA_CODE gives it.

    `--help` ends before `--lang` is read, so what one call spoke would be what the next one's help speaks.
    """
    env: dict[str, str | None] = {"TLA_CODE": code, "TLA_READER": None, "TLA_LEDGER": None}
    try:
        return CliRunner().invoke(app, [str(each) for each in arguments], env=env | environment)
    finally:
        speak(Language.EN)


def command(*arguments: str | Path) -> list[str]:
    """The command line of a `tla` process."""
    return [sys.executable, "-m", "tla_sim.tools.cli.entry", *map(str, arguments)]


def tla_process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `tla` in a process of its own."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
