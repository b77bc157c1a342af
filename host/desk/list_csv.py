"""The desk's lists as CSV, with the columns of the editors' manuals.

A spreadsheet of the same language opens it as it is, and takes no cell for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Self

from tla_sim.host.desk.amount import Amount
from tla_sim.host.desk.lists import DeskLine
from tla_sim.host.desk.pieces import Travel
from tla_sim.host.ledger.desk_model import FileLine
from tla_sim.host.ledger.file_ways import way_word
from tla_sim.protocol.sentence import Sentence

COLUMNS: Final = (
    Sentence("invoice no."),
    Sentence("degraded"),
    Sentence("third party"),
    Sentence("patient"),
    Sentence("recipient"),
    Sentence("date"),
    Sentence("total €"),
    Sentence("prescr. SCOR"),
    Sentence("care sheet SCOR"),
)
"""The columns of the software editors' notices; the French headings are theirs."""

FURTHER: Final = (Sentence("owner"), Sentence("state"))
FILE_COLUMNS: Final = (
    Sentence("file"),
    Sentence("kind"),
    Sentence("recipient"),
    Sentence("lots"),
    Sentence("documents"),
    Sentence("total €"),
    Sentence("made on"),
    Sentence("state"),
)
GONE_COLUMNS: Final = (*FILE_COLUMNS, Sentence("sent on"), Sentence("way of sending"), Sentence("rejections"))
REJECTED_COLUMNS: Final = (
    Sentence("invoice no."),
    Sentence("kind"),
    Sentence("patient"),
    Sentence("recipient"),
    Sentence("date"),
    Sentence("total €"),
    Sentence("code"),
    Sentence("reason"),
)

Cell = str | bool
_ROWS_AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class Words:
    """A language: how to say a sentence in it, what people call a state, and how its spreadsheets separate
    cells, and euros from cents."""

    say: Callable[[str], str]
    word: Callable[[Enum], str]
    separator: str
    decimal: str

    @classmethod
    def of(cls, say: Callable[[str], str], word: Callable[[Enum], str], *, french: bool) -> Self:
        """Return a language with what its spreadsheets expect: a comma in amounts leaves the semicolon."""
        return cls(say, word, ";" if french else ",", "," if french else ".")


def documents_csv(lines: Iterable[DeskLine], words: Words) -> Iterator[str]:
    """Return a list of documents, with owner and state, in parts."""
    rows = ((*document_cells(each), each.owner_name, words.word(each.state)) for each in lines)
    return write_csv((*COLUMNS, *FURTHER), rows, words)


def rejected_csv(found: Iterable[tuple[DeskLine, str, str]], words: Words) -> Iterator[str]:
    """Return the documents that were rejected, with code and reason, in parts."""
    return write_csv(REJECTED_COLUMNS, (rejected_cells(*each) for each in found), words)


def files_csv(files: Iterable[FileLine], words: Words) -> Iterator[str]:
    """Return a list of files that are to be sent, in parts."""
    return write_csv(FILE_COLUMNS, (file_cells(each, words) for each in files), words)


def gone_csv(files: Iterable[FileLine], words: Words) -> Iterator[str]:
    """Return a list of files that left, in parts."""
    return write_csv(GONE_COLUMNS, (gone_cells(each, words) for each in files), words)


def document_cells(line: DeskLine) -> tuple[Cell, ...]:
    """Return the cells of a document, as COLUMNS."""
    return (
        line.number,
        line.degraded,
        line.third_party,
        line.patient,
        line.recipient,
        f"{line.made_on:%d/%m/%Y}",
        Amount(line.total),
        _prescription(line),
        _sheet(line),
    )


def rejected_cells(line: DeskLine, code: str, reason: str) -> tuple[Cell, ...]:
    """Return the cells of a rejected document, as REJECTED_COLUMNS."""
    made, total = f"{line.made_on:%d/%m/%Y}", Amount(line.total)
    return line.number, line.kind.name, line.patient, line.recipient, made, total, code, reason


def file_cells(line: FileLine, words: Words) -> tuple[Cell, ...]:
    """Return the cells of a file, as FILE_COLUMNS."""
    return (
        line.identity,
        line.kind.name,
        line.recipient,
        str(line.lots),
        str(line.documents),
        Amount(line.total),
        _minute(line.made_at),
        words.word(line.state),
    )


def gone_cells(line: FileLine, words: Words) -> tuple[Cell, ...]:
    """Return the cells of a file that left, as GONE_COLUMNS."""
    return *file_cells(line, words), _minute(line.sent_at or ""), way_word(line.way), str(line.rejected)


def _prescription(line: DeskLine) -> str:
    if line.prescribed_on is None:
        return ""
    text = f"{line.prescribed_on:%d/%m/%y}"
    return text if line.prescription is Travel.DIGITAL else Sentence("{text} paper", text=text)


def _sheet(line: DeskLine) -> Cell:
    return Sentence("paper") if line.sheet is Travel.PAPER else line.sheet is Travel.DIGITAL


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]], words: Words) -> Iterator[str]:
    """Return rows of cells under their headings, in parts."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=words.separator, lineterminator="\r\n")
    writer.writerow([words.say(each) for each in headings])
    said = {True: words.say(Sentence("yes")), False: words.say(Sentence("no"))}
    for number, row in enumerate(rows, 1):
        writer.writerow(
            [said[each] if isinstance(each, bool) else _disarm(_plain(each, words)) for each in row]
        )
        if number % _ROWS_AT_ONCE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _plain(cell: str, words: Words) -> str:
    if isinstance(cell, Amount):
        return cell.replace(",", words.decimal)
    return words.say(cell) if isinstance(cell, Sentence) else cell


def _disarm(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
