"""Coverage-guided fuzzing with atheris: libFuzzer's bytes are the generator's choices.

The bytes choose a case as a seed would, so that every case is as well-formed as the target's generator makes
it; what reached new code is kept and changed further. Atheris takes its process over and ends it, so it runs
in one of its own and writes findings as any campaign does.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from protocol.errors import TlaError
from tools.fuzz.chance import BytesChance
from tools.fuzz.finding import Finding, try_case
from tools.fuzz.shrink import shrink
from tools.fuzz.targets.base import Notes
from tools.fuzz.targets.registry import target

LONGEST_INPUT: Final = 2_048
_GRACE_SECONDS: Final = 60
_INSTRUMENTED: Final = ("protocol", "reader_fw", "host")


class AtherisMissing(TlaError):
    """atheris is not installed."""


@dataclass(frozen=True)
class Guided:
    """What a guided run came to: what libFuzzer said last, and the files of the findings."""

    lines: tuple[str, ...]
    findings: tuple[Path, ...]


def run_guided(name: str, seed: str, seconds: float, directory: Path, *, bare: bool = False) -> Guided:
    """Fuzz a target for so many seconds, guided by coverage. The corpus in `directory` is gone on with.

    `bare` leaves the oracles out, to measure what they cost. Raises AtherisMissing, UnknownTarget.
    """
    if importlib.util.find_spec("atheris") is None:
        raise AtherisMissing("atheris is not installed", "pip install 'tla-sim[fuzz]'")
    target(name)
    for part in ("findings", "guided"):
        (directory / part).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tools.fuzz.guided", name, str(directory), "bare" if bare else "judged"]
    command += [
        f"-max_total_time={max(int(seconds), 1)}",
        f"-max_len={LONGEST_INPUT}",
        "-print_final_stats=1",
    ]
    command += [f"-seed={_number(seed)}", str(directory / "guided")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _, said = process.communicate(timeout=seconds + _GRACE_SECONDS)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        process.terminate()
        _, said = process.communicate()
    told = [line for line in said.splitlines() if line.startswith(("stat::", "Done "))]
    if not told and process.returncode:
        told = said.splitlines()[-5:]
    return Guided(tuple(told), tuple(sorted((directory / "findings").glob("*.json"))))


def _number(seed: str) -> int:
    return int.from_bytes(seed.encode(), "big") % 2**31 or 1


def executions_per_second(guided: Guided) -> float:
    """What libFuzzer measured."""
    for line in guided.lines:
        if line.startswith("stat::average_exec_per_sec:"):
            return float(line.split(":")[-1])
    return 0.0


class _Judge:
    """One input of libFuzzer is one case."""

    def __init__(self, name: str, directory: Path, bare: bool) -> None:
        self._name = name
        self._directory = directory
        self._bare = bare
        self._known = {Finding.read(path).cause: None for path in (directory / "findings").glob("*.json")}

    def __call__(self, raw: bytes) -> None:
        """Run the case that these bytes choose; a finding is written, and the hunt goes on."""
        case = target(self._name).generate(BytesChance(raw))
        if self._bare:
            target(self._name).bare(case)
            return
        failure = try_case(self._name, case, Notes())
        if failure is None or failure.cause in self._known:
            return
        self._known[failure.cause] = None
        cause = failure.cause

        def fails(smaller: Any) -> bool:
            found = try_case(self._name, smaller)
            return found is not None and found.cause == cause

        small = shrink(case, fails)
        Finding(self._name, "atheris", cause, failure.message, small).write(self._directory / "findings")


def _main(arguments: list[str]) -> None:
    import atheris

    name, directory, how, *options = arguments
    with atheris.instrument_imports(include=list(_INSTRUMENTED)):
        for package in _INSTRUMENTED:
            for path in sorted(Path(__file__).resolve().parents[2].joinpath(package).rglob("*.py")):
                parts = path.relative_to(Path(__file__).resolve().parents[2]).with_suffix("").parts
                module = ".".join(part for part in parts if part != "__init__")
                if not module.endswith("__main__"):
                    importlib.import_module(module)
    judge = _Judge(name, Path(directory), how == "bare")
    atheris.Setup([sys.argv[0], *options], judge)
    atheris.Fuzz()


if __name__ == "__main__":
    _main(sys.argv[1:])
