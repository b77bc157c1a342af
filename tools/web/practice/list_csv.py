"""The lists of the page as CSV: the columns that the page shows, by its titles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tla_sim.host.desk.list_csv import (
    Words,
    document_cells,
    file_cells,
    gone_cells,
    rejected_cells,
    write_csv,
)
from tla_sim.host.desk.lists import DeskLine
from tla_sim.host.ledger.desk_model import FileLine
from tla_sim.protocol.sentence import Sentence

BOM: Final = "\N{BYTE ORDER MARK}"
"""What spreadsheets know UTF-8 by."""

_PARTIES: Final = (
    Sentence("Patient's name"),
    Sentence("Recipient"),
    Sentence("Invoice date"),
    Sentence("Total"),
)
_DOCUMENTS: Final = (
    Sentence("Invoice no."),
    Sentence("Degraded"),
    Sentence("TP"),
    *_PARTIES,
    Sentence("Prescription Scor"),
    Sentence("Care sheet Scor"),
)
_REJECTED: Final = (
    Sentence("Invoice no."),
    Sentence("Type"),
    *_PARTIES,
    Sentence("Code"),
    Sentence("Reason"),
)
_FILES: Final = (
    Sentence("File"),
    Sentence("Type"),
    Sentence("Recipient"),
    Sentence("Lots"),
    Sentence("Documents"),
    Sentence("Total"),
    Sentence("Made on"),
    Sentence("State"),
)
_GONE: Final = (*_FILES, Sentence("Sent on"), Sentence("Way of sending"), Sentence("Rejections"))


def documents_csv(lines: Iterable[DeskLine], words: Words, *, owners: bool, states: bool) -> Iterator[str]:
    """Return a list of documents in parts, with the columns of owners and states where the page has them."""
    more = [*([Sentence("Owner")] if owners else []), *([Sentence("State")] if states else [])]
    rows = (
        (
            *document_cells(each),
            *([each.owner_name] if owners else []),
            *([words.word(each.state)] if states else []),
        )
        for each in lines
    )
    return write_csv((*_DOCUMENTS, *more), rows, words)


def rejected_csv(found: Iterable[tuple[DeskLine, str, str]], words: Words) -> Iterator[str]:
    """Return what was rejected in parts."""
    return write_csv(_REJECTED, (rejected_cells(*each) for each in found), words)


def files_csv(files: Iterable[FileLine], words: Words, *, gone: bool) -> Iterator[str]:
    """Return a list of files in parts: of those to be sent, or those that left."""
    if gone:
        return write_csv(_GONE, (gone_cells(each, words) for each in files), words)
    return write_csv(_FILES, (file_cells(each, words) for each in files), words)
