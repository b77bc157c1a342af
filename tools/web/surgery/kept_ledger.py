"""The ledger, kept open in a thread of its own for those who only look.

Opening a ledger looks at every row of it, which takes half a second with 50,000 invoices. Whoever writes
opens it anew, and so has it looked at before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar, cast

from tla_sim.host.ledger.errors import LedgerUnusable
from tla_sim.host.ledger.ledger import Ledger

T = TypeVar("T")

_REMEMBERED: Final = 256


class KeptLedger:
    """The ledger of a file, open from the first question on. It is opened anew when another file is in its
    place, and after every failure."""

    def __init__(self, path: Path, open_ledger: Callable[[], Ledger]) -> None:
        self._path = path
        self._open = open_ledger
        self._thread = ThreadPoolExecutor(1, "ledger")
        self._ledger: Ledger | None = None
        self._file: tuple[int, int] | None = None
        self._version = 0
        self._known: dict[Hashable, object] = {}

    def ask(self, do: Callable[[KeptLedger], T]) -> Future[T]:
        """Begin something in the thread of the ledger, which uses `ledger` and `remember`."""
        return self._thread.submit(self._do, do)

    @property
    def ledger(self) -> Ledger:
        """The ledger, in its thread alone. Raises LedgerUnusable."""
        file = self._present()
        if self._ledger is None or file != self._file:
            self._drop()
            self._ledger = self._open()
            self._file = self._present()
        return self._ledger

    def remember(self, key: Hashable, find: Callable[[Ledger], T]) -> T:
        """Return what `find` finds in the ledger, without asking again until somebody changes it.

        Raises LedgerUnusable.
        """
        ledger = self.ledger
        version = ledger.version
        if version != self._version or len(self._known) >= _REMEMBERED:
            self._known.clear()
            self._version = version
        if key not in self._known:
            self._known[key] = find(ledger)
        return cast("T", self._known[key])

    def forget(self) -> None:
        """Find everything anew from the next question on, though the ledger is the same."""
        self._thread.submit(self._known.clear)

    def close(self) -> None:
        """Close the ledger once all that was begun is done."""
        self._thread.submit(self._drop)
        self._thread.shutdown(wait=True)

    def _do(self, do: Callable[[KeptLedger], T]) -> T:
        try:
            return do(self)
        except LedgerUnusable:
            self._drop()
            raise

    def _drop(self) -> None:
        self._known.clear()
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            ledger.close()

    def _present(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
