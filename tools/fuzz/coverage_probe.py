"""Measure which branches cases reach, with coverage.py: on a sample of them, because it is slow."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

import tla_sim
from tla_sim.protocol.errors import Category, TlaError

if TYPE_CHECKING:
    from coverage import Coverage

Arcs = dict[str, set[tuple[int, int]]]
"""By file, relative to `tla_sim`: which line followed which."""

_PACKAGES: Final = {
    name: Path(tla_sim.__file__).parent.joinpath(name).resolve() for name in ("protocol", "reader_fw", "host")
}
"""Where each package lies: coverage.py follows links, and in a checkout the packages are links."""
GOALS: Final = ("protocol/", "reader_fw/app/")


class CoverageMissing(TlaError):
    """coverage.py is not installed."""

    category = Category.BAD_INPUT


def _coverage() -> Coverage:
    try:
        import coverage
    except ImportError:
        raise CoverageMissing("coverage is not installed", "pip install 'tla-sim[fuzz]'") from None
    sources = [str(folder) for folder in _PACKAGES.values()]
    return coverage.Coverage(data_file=None, branch=True, source=sources, config_file=False, messages=False)


def available() -> bool:
    """Return whether coverage can be measured here."""
    try:
        _coverage()
    except CoverageMissing:
        return False
    return True


class Probe:
    """Measures what runs inside `with probe:`, over all such blocks."""

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
        """The arcs reached so far."""
        data = self._coverage.get_data()
        arcs = {_place_of(Path(file)): set(data.arcs(file) or ()) for file in sorted(data.measured_files())}
        return {place: reached for place, reached in arcs.items() if place}

    def reached_more(self) -> bool:
        """Return whether new code was reached since the last call."""
        data = self._coverage.get_data()
        count = sum(len(data.arcs(file) or ()) for file in data.measured_files())
        more, self._count = count > self._count, count
        return more


def _place_of(file: Path) -> str:
    """Return the path of a file relative to `tla_sim`, empty for a file that is not ours."""
    for name, folder in _PACKAGES.items():
        if file.is_relative_to(folder):
            return f"{name}/{file.relative_to(folder).as_posix()}"
    return ""


def _file_of(place: str) -> Path:
    name, _, rest = place.partition("/")
    return _PACKAGES[name] / rest


def to_rows(arcs: Arcs) -> dict[str, list[tuple[int, int]]]:
    """Return arcs in a form that JSON holds."""
    return {file: sorted(reached) for file, reached in arcs.items()}


def from_rows(tree: dict[str, list[list[int]]]) -> Arcs:
    """Return the arcs of `to_rows`, read back from JSON."""
    return {file: {(start, end) for start, end in rows} for file, rows in tree.items()}


def merge(total: Arcs, more: Arcs) -> int:
    """Add arcs. Return how many were new."""
    new = 0
    for file, arcs in more.items():
        known = total.setdefault(file, set())
        before = len(known)
        known |= arcs
        new += len(known) - before
    return new


def branch_shares(total: Arcs) -> dict[str, tuple[int, int]]:
    """Return the numbers of branches reached and of all branches, by file, as coverage.py counts them."""
    import coverage

    measured = _coverage()
    data = measured.get_data()
    data.add_arcs({str(_file_of(place)): arcs for place, arcs in total.items() if _file_of(place).exists()})
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "coverage.json"
        try:
            measured.json_report(outfile=str(out), ignore_errors=True)
        except coverage.exceptions.NoDataError:
            return {}
        tree = json.loads(out.read_text("utf-8"))
    shares = {}
    for file, found in tree["files"].items():
        shares[_place_of(Path(file).absolute())] = (
            found["summary"]["covered_branches"],
            found["summary"]["num_branches"],
        )
    return shares


def share_of(shares: dict[str, tuple[int, int]]) -> float:
    """Return the share of branches reached in the files under GOALS, 0.0 to 1.0."""
    chosen = [counts for file, counts in shares.items() if file.startswith(GOALS)]
    there = sum(branches for _, branches in chosen)
    return sum(reached for reached, _ in chosen) / there if there else 0.0
