"""tla desk"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.value_parsers import day
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language import Language, localise, spoken_language
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.host.desk.list_csv import Words
    from tla_sim.host.desk.lists import DeskLine, DeskList
    from tla_sim.host.desk.pieces import Travel
    from tla_sim.host.ledger.conditions import Sort
    from tla_sim.host.ledger.desk_model import FileLine
    from tla_sim.host.ledger.ledger import DocumentFilter, Ledger
    from tla_sim.tools.cli.table import Text

verb = new_verb()

_TITLES: Final = {
    "FSE_TO_SECURE": Sentence("FSEs to secure"),
    "DRE_TO_SECURE": Sentence("DREs to secure"),
    "FSE_TO_SEND": Sentence("FSEs to send"),
    "DRE_TO_SEND": Sentence("DREs to send"),
    "FILES_TO_SEND": Sentence("Files to send"),
}
"""Titles of the lists, by the names of `DeskList`. The titles in JSON are French."""


class Order(StrEnum):
    """The orders of a list."""

    DATE = "date"
    NUMBER = "number"
    PATIENT = "patient"
    RECIPIENT = "recipient"
    TOTAL = "total"
    OWNER = "owner"


@verb.command()
def desk(
    ledger: KnownLedgerOption = None,
    chosen: Annotated[
        int | None,
        typer.Option("--list", metavar="1…5", min=1, max=5, show_default=False, help="Only this list."),
    ] = None,
    rejected: Annotated[
        bool,
        typer.Option("--rejected", metavar="", help="Show what an ARL rejected and nothing rectifies yet."),
    ] = False,
    sent: Annotated[
        bool,
        typer.Option(
            "--sent", metavar="", help="Show the files sent: how, and what their recipients answered."
        ),
    ] = False,
    owner: Annotated[
        str,
        typer.Option(
            metavar="WHO", show_default=False, help="Only this owner: a billing number or part of a name."
        ),
    ] = "",
    patient: Annotated[
        str,
        typer.Option(metavar="NAME", show_default=False, help="Only patients whose name contains this."),
    ] = "",
    recipient: Annotated[
        str,
        typer.Option(metavar="NAME", show_default=False, help="Only recipients whose name contains this."),
    ] = "",
    first: Annotated[
        date | None,
        typer.Option(
            "--from", metavar="DAY", parser=day("--from"), show_default=False, help="Only from this day on."
        ),
    ] = None,
    last: Annotated[
        date | None,
        typer.Option(
            "--to", metavar="DAY", parser=day("--to"), show_default=False, help="Only up to this day."
        ),
    ] = None,
    sort: Annotated[Order, typer.Option(help="What to sort by.")] = Order.DATE,
    as_csv: Annotated[bool, typer.Option("--csv", metavar="", help="Print the chosen list as CSV.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the five lists before transmission: what waits for a signature, and what is ready to send.

    1 FSEs to secure, 2 DREs to secure, 3 FSEs to send, 4 DREs to send, 5 files to send.
    """
    from tla_sim.host.desk.list_filter import Named, asked_documents
    from tla_sim.host.desk.lists import DeskList, desk_lines, rejected_lines
    from tla_sim.host.ledger.conditions import Sort
    from tla_sim.host.ledger.desk_model import GONE_FILES
    from tla_sim.host.ledger.files import file_lines

    if as_csv and as_json:
        raise UsageProblem("--csv and --json exclude each other", "Give one of them")
    if (chosen is not None) + rejected + sent > 1:
        raise UsageProblem("--list, --rejected and --sent exclude each other", "Give one of them")
    if as_csv and not (chosen or rejected or sent):
        raise UsageProblem("--csv prints one list", "Choose one, such as --list 3")
    wanted = asked_documents(owner, patient, recipient, first, last, Named("--owner", "--from", "--to"))
    order = Sort[sort.name]
    with open_known_ledger(ledger) as book:
        if rejected:
            _rejected(rejected_lines(book, wanted, order), as_json, as_csv)
        elif sent:
            _sent(file_lines(book, wanted, order, GONE_FILES), as_json, as_csv)
        elif chosen == DeskList.FILES_TO_SEND:
            _files(file_lines(book, wanted, order), as_json, as_csv)
        elif chosen:
            _documents(DeskList(chosen), desk_lines(book, DeskList(chosen), wanted, order), as_json, as_csv)
        else:
            _all(book, wanted, order, as_json)


def _list_title(chosen: DeskList, count: int, total: str) -> Sentence:
    return Sentence(
        "{number}. {title}: {count}, {total} €",
        number=int(chosen),
        title=_TITLES[chosen.name],
        count=count,
        total=total,
    )


def _all(book: Ledger, wanted: DocumentFilter, sort: Sort, as_json: bool) -> None:
    from tla_sim.host.desk.lists import DeskList, desk_lines, rejected_lines
    from tla_sim.host.ledger.files import file_lines
    from tla_sim.protocol.documents.invoice import euros

    lists: dict[DeskList, list[DeskLine]] = {
        each: desk_lines(book, each, wanted, sort) for each in DeskList if each != DeskList.FILES_TO_SEND
    }
    files = file_lines(book, wanted, sort)
    if as_json:
        found = [_list_fields(each, lines) for each, lines in lists.items()]
        print_json([*found, _files_fields(files)])
        return
    sums = {each: (len(lines), sum(line.total for line in lines)) for each, lines in lists.items()}
    sums[DeskList.FILES_TO_SEND] = (len(files), sum(each.total for each in files))
    print_table(
        sentences("no.", "list", "count", "total €"),
        [(int(each), _TITLES[each.name], count, euros(total)) for each, (count, total) in sums.items()],
        right=("count", "total €"),
    )
    for each, lines in lists.items():
        if lines:
            _print_documents(each, lines)
    if files:
        _print_files(files)
    waiting = len(rejected_lines(book, wanted))
    if waiting:
        note(
            Sentence(
                "{documents} to rectify: tla desk --rejected",
                documents=Quantity(waiting, "rejected document"),
            )
        )


def _documents(chosen: DeskList, lines: Sequence[DeskLine], as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_json(_list_fields(chosen, lines))
    elif as_csv:
        from tla_sim.host.desk.list_csv import documents_csv

        _print_csv(documents_csv(lines, _words()))
    else:
        _print_documents(chosen, lines)


def _print_documents(chosen: DeskList, lines: Sequence[DeskLine]) -> None:
    from tla_sim.host.desk.list_csv import COLUMNS
    from tla_sim.host.desk.lists import DeskList
    from tla_sim.protocol.documents.invoice import euros

    several = len({each.owner for each in lines}) > 1
    open_states = chosen in (DeskList.FSE_TO_SECURE, DeskList.DRE_TO_SECURE)
    headings = (*COLUMNS, *(["owner"] if several else []), *(["state"] if open_states else []))
    rows = [
        (
            *_cells(each),
            *([each.owner_name] if several else []),
            *([word(each.state)] if open_states else []),
        )
        for each in lines
    ]
    total = euros(sum(each.total for each in lines))
    print_table(
        headings,
        rows,
        title=_list_title(chosen, len(lines), total),
        right=("total €",),
        optional=("owner", "state", "third party", "recipient"),
    )


def _cells(line: DeskLine) -> tuple[object, ...]:
    from tla_sim.host.desk.list_csv import document_cells

    *cells, prescription, sheet = document_cells(line)
    return (*cells, _coloured(prescription, line.prescription), _coloured(sheet, line.sheet))


def _coloured(cell: str | bool, travels: Travel) -> Text | str:
    from tla_sim.tools.cli.table import Text

    text = _said(cell) if isinstance(cell, bool) else localise(cell)
    return Text(text, style=travels.value) if travels.value else text


def _said(whether: bool) -> str:
    return localise(Sentence("yes") if whether else Sentence("no"))


def _words() -> Words:
    from tla_sim.host.desk.list_csv import Words

    return Words.of(localise, word, french=spoken_language() is Language.FR)


def _list_fields(chosen: DeskList, lines: Sequence[DeskLine]) -> dict[str, Any]:
    from tla_sim.host.desk.lists import TITLES

    return {
        "list": int(chosen),
        "title": TITLES[chosen],
        "count": len(lines),
        "total": sum(each.total for each in lines),
        "documents": [
            {
                "owner": each.owner,
                "owner_name": each.owner_name,
                "number": each.number,
                "kind": each.kind.name,
                "state": each.state.name,
                "degraded": each.degraded,
                "third_party": each.third_party,
                "patient": each.patient,
                "recipient": each.recipient,
                "made_on": each.made_on.isoformat(),
                "total": each.total,
                "prescribed_on": each.prescribed_on.isoformat() if each.prescribed_on else None,
                "prescription": each.prescription.value,
                "sheet": each.sheet.value,
            }
            for each in lines
        ],
    }


def _files(files: Sequence[FileLine], as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_json(_files_fields(files))
    elif as_csv:
        from tla_sim.host.desk.list_csv import files_csv

        _print_csv(files_csv(files, _words()))
    else:
        _print_files(files)


def _print_files(files: Sequence[FileLine]) -> None:
    from tla_sim.host.desk.list_csv import FILE_COLUMNS, file_cells
    from tla_sim.host.desk.lists import DeskList
    from tla_sim.protocol.documents.invoice import euros

    total = euros(sum(each.total for each in files))
    title = _list_title(DeskList.FILES_TO_SEND, len(files), total)
    print_table(
        FILE_COLUMNS,
        [file_cells(each, _words()) for each in files],
        title=title,
        right=("lots", "documents", "total €"),
        optional=("documents", "lots"),
    )


def _files_fields(files: Sequence[FileLine]) -> dict[str, Any]:
    from tla_sim.host.desk.lists import TITLES, DeskList

    return {
        "list": int(DeskList.FILES_TO_SEND),
        "title": TITLES[DeskList.FILES_TO_SEND],
        "count": len(files),
        "total": sum(each.total for each in files),
        "files": [_file_fields(each) for each in files],
    }


def _file_fields(line: FileLine) -> dict[str, Any]:
    return line._asdict() | {"state": line.state.name, "kind": line.kind.name}


def _sent(files: Sequence[FileLine], as_json: bool, as_csv: bool) -> None:
    from tla_sim.host.desk.list_csv import GONE_COLUMNS, gone_cells, gone_csv
    from tla_sim.protocol.documents.invoice import euros

    if as_json:
        print_json([_file_fields(each) for each in files])
    elif as_csv:
        _print_csv(gone_csv(files, _words()))
    else:
        total = euros(sum(each.total for each in files))
        print_table(
            GONE_COLUMNS,
            [gone_cells(each, _words()) for each in files],
            title=Sentence("Files sent: {count}, {total} €", count=len(files), total=total),
            right=("lots", "documents", "total €", "rejections"),
            optional=("made on", "lots", "kind", "documents", "sent by", "recipient"),
        )


def _rejected(found: Sequence[tuple[DeskLine, str, str]], as_json: bool, as_csv: bool) -> None:
    from tla_sim.host.desk.list_csv import REJECTED_COLUMNS, rejected_cells, rejected_csv

    if as_json:
        print_json(
            [
                {
                    "owner": line.owner,
                    "number": line.number,
                    "kind": line.kind.name,
                    "total": line.total,
                    "code": code,
                    "reason": reason,
                }
                for line, code, reason in found
            ]
        )
    elif as_csv:
        _print_csv(rejected_csv(found, _words()))
    else:
        print_table(
            REJECTED_COLUMNS,
            [rejected_cells(*each) for each in found],
            title=Sentence("Rejections: {count}", count=len(found)),
            right=("total €",),
        )
        if found:
            print_line("Rectify one with: tla invoice rectify N --as M")


def _print_csv(parts: Iterable[str]) -> None:
    sys.stdout.writelines(parts)
