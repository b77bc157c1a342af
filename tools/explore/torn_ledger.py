"""Tear the ledger's write-ahead log as a power cut does: cut off or half written, at every commit.

The ledger that opens is that before the transaction or that after it, never anything between.
"""

from __future__ import annotations

from typing import Final

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.explore.recording import LedgerFiles, Recording
from tla_sim.tools.explore.scratch import scratch
from tla_sim.tools.judge.ledger import LedgerLine, read_ledger
from tla_sim.tools.judge.violation import said

_WAL: Final = "ledger.sqlite-wal"
TEARS: Final = 12
"""The number of ways in which each commit is torn."""


def tear(recording: Recording, number: int) -> str:
    """Tear one commit in one way. Return what was violated, empty if nothing."""
    commit, way = divmod(number, TEARS)
    before, after = recording.ledgers[commit], recording.ledgers[commit + 1]
    torn = _tear_log(dict(before.files).get(_WAL, b""), dict(after.files).get(_WAL, b""), way)
    lines = _open(after, torn)
    if isinstance(lines, str):
        return lines
    if lines not in (before.lines, after.lines):
        return Sentence(
            "commit {commit}, torn in way {way}, shows neither the state before nor the state after",
            commit=commit,
            way=way,
        )
    return ""


def _tear_log(old: bytes, new: bytes, way: int) -> bytes:
    """Return the log as it reached the disk: a prefix, without its first half, or with lost bits."""
    start = len(old) if new.startswith(old) else 0
    cut = start + (len(new) - start) * way // (TEARS - 2)
    if way < TEARS - 2:
        return new[:cut]
    middle = (start + len(new)) // 2
    if way == TEARS - 2:
        return new[:start] + bytes(middle - start) + new[middle:]
    return new[:middle] + bytes(byte & 0x5A for byte in new[middle:])


def _open(files: LedgerFiles, log: bytes) -> dict[DocumentId, LedgerLine] | str:
    with scratch() as directory:
        files.restore(directory)
        (directory / _WAL).write_bytes(log)
        try:
            with Ledger.open(directory / "ledger.sqlite") as ledger:
                ledger.check()
                return read_ledger(ledger)
        except TlaError as error:
            return Sentence("the ledger does not open: {reason}", reason=said(error))
