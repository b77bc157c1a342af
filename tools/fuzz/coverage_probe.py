"""Which branches cases reach, measured by coverage.py on a sample of them: it slows what it measures."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from protocol.errors import TlaError

if TYPE_CHECKING:
    from coverage import Coverage

Arcs = dict[str, set[tuple[int, int]]]
"""By file, relative to the project: which line followed which."""

_ROOT: Final = Path(__file__).resolve().parents[2]
_PACKAGES: Final = ("protocol", "reader_fw", "host")
GOALS: Final = ("protocol/", "reader_fw/app/")


class CoverageMissing(TlaError):
    """coverage.py is not installed."""


def _coverage() -> Coverage:
    try:
        import coverage
    except ImportError:
        raise CoverageMissing("coverage is not installed", "pip install 'tla-sim[fuzz]'") from None
    sources = [str(_ROOT / name) for name in _PACKAGES]
    return coverage.Coverage(data_file=None, branch=True, source=sources, config_file=False, messages=False)


def available() -> bool:
    """Whether coverage can be measured here."""
    try:
        _coverage()
    except CoverageMissing:
        return False
    return True


class Probe:
    """Measures what runs inside `with probe:`; adds up."""

    def __init__(self) -> None:
        self._coverage = _coverage()
        self._count = 0

    def __enter__(self) -> None:
        self._coverage.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._coverage.stop()

    @property
    def arcs(self) -> Arcs:
        """What was reached so far."""
        data = self._coverage.get_data()
        return {
            str(Path(file).relative_to(_ROOT)): set(data.arcs(file) or ())
            for file in sorted(data.measured_files())
            if Path(file).is_relative_to(_ROOT)
        }

    def reached_more(self) -> bool:
        """Whether something was reached since this was asked last that had not been before."""
        data = self._coverage.get_data()
        count = sum(len(data.arcs(file) or ()) for file in data.measured_files())
        more, self._count = count > self._count, count
        return more


def merge(total: Arcs, more: Arcs) -> int:
    """Add arcs; how many were new."""
    new = 0
    for file, arcs in more.items():
        known = total.setdefault(file, set())
        before = len(known)
        known |= arcs
        new += len(known) - before
    return new


def branch_shares(total: Arcs) -> dict[str, tuple[int, int]]:
    """Branches reached and branches there are, by file, as coverage.py counts them."""
    import coverage

    measured = _coverage()
    data = measured.get_data()
    data.add_arcs({str(_ROOT / file): arcs for file, arcs in total.items() if (_ROOT / file).exists()})
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "coverage.json"
        try:
            measured.json_report(outfile=str(out), ignore_errors=True)
        except coverage.exceptions.NoDataError:
            return {}
        tree = json.loads(out.read_text("utf-8"))
    shares = {}
    for file, found in tree["files"].items():
        path = Path(file)
        name = str(path.relative_to(_ROOT)) if path.is_absolute() else file
        shares[name] = (found["summary"]["covered_branches"], found["summary"]["num_branches"])
    return shares


def share_of(shares: dict[str, tuple[int, int]], prefixes: tuple[str, ...] = GOALS) -> float:
    """The share of branches reached in the files under these places, 0.0 to 1.0."""
    chosen = [counts for file, counts in shares.items() if file.startswith(prefixes)]
    there = sum(branches for _, branches in chosen)
    return sum(reached for reached, _ in chosen) / there if there else 0.0
