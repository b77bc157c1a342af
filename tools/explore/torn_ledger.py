"""The ledger's write-ahead log as a power cut leaves it: cut off or half written, at every commit.

What comes up is the ledger before the transaction or after it, never anything between, and it can be read.
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
"""How many ways each commit is torn."""


def tear(recording: Recording, number: int) -> str:
    """Tear one commit in one way; what was violated, empty if nothing was."""
    commit, way = divmod(number, TEARS)
    before, after = recording.ledgers[commit], recording.ledgers[commit + 1]
    torn = _torn(dict(before.files).get(_WAL, b""), dict(after.files).get(_WAL, b""), way)
    lines = _opened(after, torn)
    if isinstance(lines, str):
        return lines
    if lines not in (before.lines, after.lines):
        return Sentence(
            "commit {commit}, torn in way {way}, shows neither what was before nor what was to be",
            commit=commit,
            way=way,
        )
    return ""


def _torn(old: bytes, new: bytes, way: int) -> bytes:
    """The new log as far as it reached the disk: a part of what was added, or half of its bits."""
    start = len(old) if new.startswith(old) else 0
    cut = start + (len(new) - start) * way // (TEARS - 2)
    if way < TEARS - 2:
        return new[:cut]
    middle = (start + len(new)) // 2
    if way == TEARS - 2:
        return new[:start] + bytes(middle - start) + new[middle:]
    return new[:middle] + bytes(byte & 0x5A for byte in new[middle:])


def _opened(files: LedgerFiles, log: bytes) -> dict[DocumentId, LedgerLine] | str:
    with scratch() as directory:
        files.restore(directory)
        (directory / _WAL).write_bytes(log)
        try:
            with Ledger.open(directory / "ledger.sqlite") as ledger:
                ledger.check()
                return read_ledger(ledger)
        except TlaError as error:
            return Sentence("the ledger does not open: {reason}", reason=said(error))
