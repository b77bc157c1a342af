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
from tla_sim.tools.language import localise
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.host.desk.lists import DeskLine, DeskList
    from tla_sim.host.ledger.conditions import Sort
    from tla_sim.host.ledger.desk_model import FileLine
    from tla_sim.host.ledger.ledger import DocumentFilter, Ledger
    from tla_sim.tools.cli.table import Text

verb = new_verb()

COLUMNS: Final = (
    Sentence("invoice no."),
    Sentence("degraded"),
    Sentence("third party"),
    "patient",
    "recipient",
    "date",
    "total €",
    Sentence("prescr. SCOR"),
    Sentence("care sheet SCOR"),
)
"""The columns of the software editors' notices; the French headings are theirs."""

_FURTHER: Final = ("owner", "state")
_FILE_COLUMNS: Final = (
    "file",
    "kind",
    "recipient",
    "lots",
    "documents",
    "total €",
    Sentence("made on"),
    "state",
)
_GONE_COLUMNS: Final = (*_FILE_COLUMNS, "since", Sentence("sent by"), Sentence("rejections"))
_REJECTED_COLUMNS: Final = (
    Sentence("invoice no."),
    "kind",
    "patient",
    "recipient",
    "date",
    "total €",
    "code",
    "reason",
)
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
    from tla_sim.host.desk.lists import DeskList, desk_lines, rejected_lines
    from tla_sim.host.ledger.conditions import Sort
    from tla_sim.host.ledger.desk_model import GONE_FILES
    from tla_sim.host.ledger.files import file_lines
    from tla_sim.host.ledger.ledger import DocumentFilter
    from tla_sim.host.practice.given import held_owner
    from tla_sim.host.practice.problem import BadValue

    if as_csv and as_json:
        raise UsageProblem("--csv and --json exclude each other", "Give one of them")
    if (chosen is not None) + rejected + sent > 1:
        raise UsageProblem("--list, --rejected and --sent exclude each other", "Give one of them")
    if as_csv and not (chosen or rejected or sent):
        raise UsageProblem("--csv prints one list", "Choose one, such as --list 3")
    if first and last and last < first:
        raise BadValue(
            "--to", last.isoformat(), Sentence("{first} or later, the day given with --from", first=first)
        )
    number = held_owner(owner, "--owner") if owner.isdigit() else ""
    wanted = DocumentFilter(
        owner=number or None,
        owner_name=owner if owner and not number else None,
        patient=patient or None,
        recipient=recipient or None,
        first_day=first,
        last_day=last,
    )
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
        _print_csv((*COLUMNS, *_FURTHER), [_plain_cells(each) for each in lines])
    else:
        _print_documents(chosen, lines)


def _print_documents(chosen: DeskList, lines: Sequence[DeskLine]) -> None:
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
    from tla_sim.protocol.documents.invoice import euros

    return (
        line.number,
        line.degraded,
        line.third_party,
        line.patient,
        line.recipient,
        f"{line.made_on:%d/%m/%Y}",
        euros(line.total),
        _prescription(line),
        _sheet(line),
    )


def _prescription(line: DeskLine) -> Text | str:
    from tla_sim.host.desk.pieces import Travel
    from tla_sim.tools.cli.table import Text

    if line.prescribed_on is None:
        return ""
    text = f"{line.prescribed_on:%d/%m/%y}"
    if line.prescription is Travel.DIGITAL:
        return Text(text, style="green")
    return Text(localise(Sentence("{text} paper", text=text)), style="red")


def _sheet(line: DeskLine) -> Text | str:
    from tla_sim.host.desk.pieces import Travel
    from tla_sim.tools.cli.table import Text

    match line.sheet:
        case Travel.DIGITAL:
            return Text(_said(True), style="green")
        case Travel.PAPER:
            return Text(localise("paper"), style="red")
        case _:
            return _said(False)


def _plain_cells(line: DeskLine) -> list[str]:
    cells = [_said(cell) if isinstance(cell, bool) else str(cell) for cell in _cells(line)]
    return [*cells, line.owner_name, word(line.state)]


def _said(whether: bool) -> str:
    return localise(Sentence("yes") if whether else Sentence("no"))


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
        _print_csv(_FILE_COLUMNS, [[str(cell) for cell in _file_cells(each)] for each in files])
    else:
        _print_files(files)


def _print_files(files: Sequence[FileLine]) -> None:
    from tla_sim.host.desk.lists import DeskList
    from tla_sim.protocol.documents.invoice import euros

    total = euros(sum(each.total for each in files))
    title = _list_title(DeskList.FILES_TO_SEND, len(files), total)
    print_table(
        _FILE_COLUMNS,
        [_file_cells(each) for each in files],
        title=title,
        right=("lots", "documents", "total €"),
        optional=("documents", "lots"),
    )


def _file_cells(line: FileLine) -> tuple[object, ...]:
    from tla_sim.protocol.documents.invoice import euros

    made = _minute(line.made_at)
    total = euros(line.total)
    state = word(line.state)
    return line.identity, line.kind.name, line.recipient, line.lots, line.documents, total, made, state


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
    from tla_sim.protocol.documents.invoice import euros

    rows = [(*_file_cells(each), _minute(each.since), each.way, each.rejected) for each in files]
    if as_json:
        print_json([_file_fields(each) for each in files])
    elif as_csv:
        _print_csv(_GONE_COLUMNS, [[str(cell) for cell in row] for row in rows])
    else:
        total = euros(sum(each.total for each in files))
        print_table(
            _GONE_COLUMNS,
            rows,
            title=Sentence("Files sent: {count}, {total} €", count=len(files), total=total),
            right=("lots", "documents", "total €", "rejections"),
            optional=("made on", "lots", "kind", "documents", "sent by", "recipient"),
        )


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _rejected(found: Sequence[tuple[DeskLine, str, str]], as_json: bool, as_csv: bool) -> None:
    from tla_sim.protocol.documents.invoice import euros

    rows = [
        (
            line.number,
            line.kind.name,
            line.patient,
            line.recipient,
            f"{line.made_on:%d/%m/%Y}",
            euros(line.total),
            code,
            reason,
        )
        for line, code, reason in found
    ]
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
        _print_csv(_REJECTED_COLUMNS, rows)
    else:
        print_table(
            _REJECTED_COLUMNS,
            rows,
            title=Sentence("Rejections: {count}", count=len(found)),
            right=("total €",),
        )
        if found:
            print_line("Rectify one with: tla invoice rectify N --as M")


def _print_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow([localise(each) for each in headings])
    writer.writerows([_disarm(cell) for cell in row] for row in rows)


def _disarm(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
