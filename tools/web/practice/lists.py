"""The desk's lists: windows of them, and each as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from tla_sim.host.desk.list_csv import Words
from tla_sim.host.desk.list_windows import listed, look_into
from tla_sim.host.desk.lists import TITLES, DeskList, desk_lines, rejected_lines
from tla_sim.host.ledger.conditions import Order, Sort
from tla_sim.host.ledger.desk_lists import owners_in, recipients_in, sum_up
from tla_sim.host.ledger.desk_model import GONE_FILES, OPEN_FILES, FileState
from tla_sim.host.ledger.files import FileSort, file_window, sum_up_files
from tla_sim.host.ledger.ledger import DocumentFilter, Ledger
from tla_sim.protocol.names import file_name
from tla_sim.tools.language import Language
from tla_sim.tools.language.words import word_in
from tla_sim.tools.web.practice.list_answers import (
    Column,
    ListCsv,
    ListFilter,
    ListName,
    ListNow,
    ListWindow,
    tell_document,
    tell_facets,
    tell_file,
)
from tla_sim.tools.web.practice.list_csv import BOM, documents_csv, files_csv, rejected_csv
from tla_sim.tools.web.problems import BadRequest
from tla_sim.tools.web.spoken import say
from tla_sim.tools.web.surgery.answers import Say
from tla_sim.tools.web.surgery.asked import SurgeryAsked
from tla_sim.tools.web.surgery.kept_ledger import KeptLedger
from tla_sim.tools.web.surgery.surgery import Surgery

router = APIRouter(prefix="/v1/practice/lists", tags=["practice"])

Chosen = Annotated[
    ListName,
    Path(
        description="1 FSEs to secure, 2 DREs to secure, 3 FSEs to send, 4 DREs to send, 5 files to send; "
        "`rejected` documents, or files `sent`."
    ),
]
_CSV: Final = "text/csv; charset=utf-8"
_CSV_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The list.", "content": {_CSV: {"schema": {"type": "string"}}}}
}
_FILES: Final[dict[ListName, tuple[FileState, ...]]] = {"5": OPEN_FILES, "sent": GONE_FILES}
_DOCUMENTS: Final[dict[ListName, DeskList | None]] = {
    "1": DeskList.FSE_TO_SECURE,
    "2": DeskList.DRE_TO_SECURE,
    "3": DeskList.FSE_TO_SEND,
    "4": DeskList.DRE_TO_SEND,
    "rejected": None,
}
_OPEN: Final = (DeskList.FSE_TO_SECURE, DeskList.DRE_TO_SECURE)
"""The lists whose documents are in more than one state."""
_SORTS: Final[dict[Column, Sort]] = {
    "number": Sort.NUMBER,
    "degraded": Sort.DEGRADED,
    "third_party": Sort.THIRD_PARTY,
    "patient": Sort.PATIENT,
    "recipient": Sort.RECIPIENT,
    "date": Sort.DATE,
    "total": Sort.TOTAL,
    "prescription": Sort.PRESCRIPTION,
    "sheet": Sort.SHEET,
    "owner": Sort.OWNER,
    "state": Sort.STATE,
}
_FILE_SORTS: Final[dict[Column, FileSort]] = {
    "number": FileSort.IDENTITY,
    "kind": FileSort.KIND,
    "recipient": FileSort.RECIPIENT,
    "lots": FileSort.LOTS,
    "documents": FileSort.DOCUMENTS,
    "total": FileSort.TOTAL,
    "date": FileSort.MADE,
    "state": FileSort.STATE,
}


@router.get("/{chosen}.csv", response_class=Response, responses=_CSV_ANSWER)
async def download_list(chosen: Chosen, asked: SurgeryAsked, query: Annotated[ListCsv, Query()]) -> Response:
    """Return a whole list, filtered and sorted, with the columns of the page.

    In French, semicolons separate the cells and commas the cents; in English, commas and points do.
    """
    language = query.language or asked.language
    words = Words.of(lambda text: say(text, language), _word(language), french=language is Language.FR)
    parts = await asked.do(lambda surgery: _csv(surgery, chosen, query, words))
    name = file_name(TITLES[DeskList(int(chosen))] if chosen.isdigit() else chosen)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("".join([BOM, *parts]).encode("utf-8", "replace"), 200, headers, _CSV)


@router.get("/{chosen}")
async def read_list(chosen: Chosen, asked: SurgeryAsked, query: Annotated[ListWindow, Query()]) -> ListNow:
    """Return a window of a list, filtered and sorted, with the count and the total of the whole."""
    say, language = asked.say, asked.language
    if chosen in _FILES:
        return await asked.look(lambda kept: _file_window(kept, _FILES[chosen], query, language))
    return await asked.look(lambda kept: _document_window(kept, _DOCUMENTS[chosen], query, language, say))


def _document_window(
    kept: KeptLedger, chosen: DeskList | None, query: ListWindow, language: Language, say: Say
) -> ListNow:
    documents, everything = listed(chosen, query.wanted), listed(chosen, DocumentFilter())
    order = Order(_column(_SORTS, query.sort), query.descending)
    count, total = kept.remember(("sum", documents), lambda ledger: sum_up(ledger, documents))
    seen = look_into(kept.ledger, documents, order, query.start, query.limit, count)
    owners = kept.remember(("owners", chosen), lambda ledger: owners_in(ledger, everything))
    recipients = kept.remember(("recipients", chosen), lambda ledger: recipients_in(ledger, everything))
    return ListNow(
        count=count,
        total=total,
        start=query.start,
        documents=[tell_document(each, language, say) for each in seen],
        files=[],
        owners=tell_facets(owners),
        recipients=tell_facets(recipients),
    )


def _file_window(
    kept: KeptLedger, states: tuple[FileState, ...], query: ListWindow, language: Language
) -> ListNow:
    wanted, sort = query.wanted, _column(_FILE_SORTS, query.sort)
    count, total = kept.remember(
        ("files", states, wanted), lambda ledger: sum_up_files(ledger, wanted, states)
    )
    files = file_window(kept.ledger, wanted, sort, query.descending, query.start, query.limit, states)
    return ListNow(
        count=count,
        total=total,
        start=query.start,
        documents=[],
        files=[tell_file(each, language) for each in files],
        owners=[],
        recipients=[],
    )


def _csv(surgery: Surgery, chosen: ListName, query: ListFilter, words: Words) -> list[str]:
    with surgery.open_ledger() as ledger:
        return list(_csv_parts(ledger, chosen, query, words))


def _csv_parts(ledger: Ledger, chosen: ListName, query: ListFilter, words: Words) -> Iterable[str]:
    wanted = query.wanted
    if chosen in _FILES:
        sort = _column(_FILE_SORTS, query.sort)
        files = file_window(ledger, wanted, sort, query.descending, states=_FILES[chosen])
        return files_csv(files, words, gone=chosen == "sent")
    order = _column(_SORTS, query.sort)
    which = _DOCUMENTS[chosen]
    if which is None:
        return rejected_csv(rejected_lines(ledger, wanted, order, query.descending), words)
    several = len(owners_in(ledger, listed(which, DocumentFilter()))) > 1
    lines = desk_lines(ledger, which, wanted, order, query.descending)
    return documents_csv(lines, words, owners=several, states=which in _OPEN)


def _column(known: dict[Column, Any], column: Column) -> Any:
    if column not in known:
        raise BadRequest(
            "This list has no column {column}",
            "Sort by one of: {known}",
            column=column,
            known=", ".join(known),
        )
    return known[column]


def _word(language: Language) -> Callable[[Enum], str]:
    return lambda member: word_in(member, language)
