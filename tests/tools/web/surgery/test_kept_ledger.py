"""The ledger that is kept open: asked once until it changes, and opened anew where it is another file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger


class Asked(KeptLedger):
    """A kept ledger that counts how often it is opened and asked."""

    def __init__(self, path: Path) -> None:
        self.opened = self.asked = 0
        super().__init__(path, lambda: self._count(path))

    @property
    def documents(self) -> int:
        """How many documents the ledger has."""
        return self.ask(lambda kept: kept.remember("documents", self._find)).result()

    def _count(self, path: Path) -> Ledger:
        self.opened += 1
        return Ledger.open(path)

    def _find(self, ledger: Ledger) -> int:
        self.asked += 1
        return len(ledger.documents())


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Asked]:
    made = Asked(tmp_path / "book.db")
    yield made
    made.close()


def prepare(path: Path, number: str) -> None:
    with Ledger.open(path) as ledger:
        ledger.record_prepared(documents_of(make_invoice(number)))


def test_it_is_opened_once_and_asked_when_something_changed(kept: Asked, tmp_path: Path) -> None:
    assert [kept.documents, kept.documents] == [0, 0]
    assert (kept.opened, kept.asked) == (1, 1)
    prepare(tmp_path / "book.db", "190305001")
    assert [kept.documents, kept.documents] == [1, 1]
    assert (kept.opened, kept.asked) == (1, 2)


def test_another_file_in_its_place_is_opened(kept: Asked, tmp_path: Path) -> None:
    prepare(tmp_path / "other.db", "190305001")
    assert kept.documents == 0
    for each in tmp_path.glob("book.db*"):
        each.rename(each.with_name(f"old-{each.name}"))
    (tmp_path / "other.db").rename(tmp_path / "book.db")
    assert (kept.documents, kept.opened) == (1, 2)
