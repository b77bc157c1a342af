"""Find the tests that provide states, also those that this run did not select."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import pytest
from _pytest.runner import collect_one_node

from tla_sim.host.regular_file import read_regular
from tla_sim.tools.testing.states.marks import PROVIDES

Node = pytest.Item | pytest.Collector

_LONGEST_FILE: Final = 4 * 1024 * 1024


class ProviderSearch:
    """The tests that pytest has looked at, selected or not, and the files that name a provider."""

    def __init__(self) -> None:
        self._children: dict[pytest.Collector, list[Node]] = {}
        self.unusable: list[str] = []
        """The files that name a provider and cannot be collected."""

    def note(self, collector: pytest.Collector, found: list[Node]) -> None:
        """Remember all that a collector holds, before options such as --lf leave some of it out."""
        self._children[collector] = list(found)

    def seen(self) -> Iterator[pytest.Item]:
        """Yield every test of the files that pytest has collected, in order."""
        for collector in list(self._children):
            if isinstance(collector, pytest.File):
                yield from self._tests_of(collector)

    def unseen(self, session: pytest.Session) -> Iterator[pytest.Item]:
        """Yield every test of the other test files that name the marker, collecting these files."""
        folders = {
            node.path: node
            for collector in self._children
            for node in (*collector.listchain(), *self._children[collector])
            if isinstance(node, pytest.Directory)
        }
        for path in _files_that_provide(session.config):
            node: Node | None = None
            for folder in reversed(path.parents):
                node = folders.get(folder) or self._child(node, folder)
            file = self._child(node, path)
            if isinstance(file, pytest.File):
                yield from self._tests_of(file)

    def _child(self, node: Node | None, path: Path) -> Node | None:
        if not isinstance(node, pytest.Directory):
            return None
        return next((child for child in self._held_by(node) if child.path == path), None)

    def _tests_of(self, node: Node) -> Iterator[pytest.Item]:
        if isinstance(node, pytest.Item):
            yield node
        elif isinstance(node, pytest.Collector):
            for child in self._held_by(node):
                yield from self._tests_of(child)

    def _held_by(self, collector: pytest.Collector) -> list[Node]:
        if not self._children.get(collector):
            report = collect_one_node(collector)
            found = list(report.result) if report.passed else []
            if report.failed:
                self.unusable.append(collector.nodeid)
            # --lf answers for whole files that they hold nothing, without looking.
            if report.passed and not found and isinstance(collector, pytest.File):
                found = list(collector.collect())
            self._children[collector] = found
        return self._children[collector]


def _files_that_provide(config: pytest.Config) -> Iterator[Path]:
    """Yield the test files whose text has the marker, in order."""
    patterns = [str(pattern) for pattern in config.getini("python_files")]
    left_out = [str(pattern) for pattern in config.getini("norecursedirs")]
    for root in config.getini("testpaths") or ["."]:
        for place, folders, files in os.walk(config.rootpath / str(root)):
            folders[:] = sorted(
                name for name in folders if not any(fnmatch(name, pattern) for pattern in left_out)
            )
            for name in sorted(files):
                path = Path(place, name)
                if any(fnmatch(name, pattern) for pattern in patterns) and _names_the_marker(path):
                    yield path


def _names_the_marker(path: Path) -> bool:
    try:
        return PROVIDES.encode() in read_regular(path, _LONGEST_FILE)
    except OSError:
        return False
