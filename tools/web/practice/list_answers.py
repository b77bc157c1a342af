"""What is told of the desk's lists, and what is asked of them. Amounts in cents, days as ISO dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from tla_sim.host.desk.list_filter import asked_documents
from tla_sim.host.desk.list_windows import SeenLine
from tla_sim.host.desk.pieces import Travel
from tla_sim.host.ledger.desk_lists import Facet
from tla_sim.host.ledger.desk_model import FileLine, FileState, Piece, PieceRole
from tla_sim.host.ledger.file_ways import way_word
from tla_sim.host.ledger.ledger import DocumentFilter
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.tools.language import Language
from tla_sim.tools.language.words import word_in
from tla_sim.tools.web.api.model import Given, Told
from tla_sim.tools.web.spoken import say
from tla_sim.tools.web.surgery.answers import Kind, Say, State, state_word

ListName = Literal["1", "2", "3", "4", "5", "rejected", "sent"]
"""The five lists by their numbers, what recipients rejected, and the files that left."""

Column = Literal[
    "number",
    "degraded",
    "third_party",
    "patient",
    "recipient",
    "date",
    "total",
    "prescription",
    "sheet",
    "owner",
    "state",
    "kind",
    "lots",
    "documents",
]
"""A column to sort by. In lists of files `number` is the file's name."""

Travels = Literal["digital", "paper", "none"]
"""How a supporting document travels: digitally, on paper, or the invoice needs none."""

Role = Literal["prescription", "care-sheet", "other"]
FileStateName = Literal["to-send", "sending", "sent", "acknowledged", "rejected"]

MOST_ROWS: Final = 500
_TEXT: Final = 200
_LAST_ROW: Final = 2**31

ROLES: Final[dict[Role, PieceRole]] = {
    "prescription": PieceRole.PRESCRIPTION,
    "care-sheet": PieceRole.CARE_SHEET,
    "other": PieceRole.OTHER,
}
_ROLE_NAMES: Final[dict[PieceRole, Role]] = {role: name for name, role in ROLES.items()}
_TRAVELS: Final[dict[Travel, Travels]] = {
    Travel.DIGITAL: "digital",
    Travel.PAPER: "paper",
    Travel.NOT_NEEDED: "none",
}
_FILE_STATES: Final[dict[FileState, FileStateName]] = {
    FileState.TO_SEND: "to-send",
    FileState.SENDING: "sending",
    FileState.SENT: "sent",
    FileState.ACKNOWLEDGED: "acknowledged",
    FileState.REJECTED: "rejected",
}


class ListFilter(Given):
    """Which lines of a list are wanted; what is left out lets all pass."""

    model_config = ConfigDict(strict=False)

    owner: Annotated[
        str, Field(max_length=_TEXT, description="A billing number, or part of the owner's name.")
    ] = ""
    patient: Annotated[str, Field(max_length=_TEXT, description="Part of the patient's name.")] = ""
    recipient: Annotated[str, Field(max_length=_TEXT, description="Part of the recipient's name.")] = ""
    first: Annotated[date | None, Field(alias="from", description="Only from this day on.")] = None
    last: Annotated[date | None, Field(alias="to", description="Only up to this day.")] = None
    sort: Column = "date"
    descending: Annotated[
        bool | None,
        Field(description="Whether the greatest comes first; by default as the column is read most."),
    ] = None

    @property
    def wanted(self) -> DocumentFilter:
        """The same as the ledger has it. Raises `BadValue`."""
        return asked_documents(self.owner, self.patient, self.recipient, self.first, self.last)


class ListCsv(ListFilter):
    """Which lines of a list are wanted as CSV, and in which language: a link cannot ask for one otherwise."""

    language: Annotated[
        Language | None, Field(description="The language of its words, by default what the browser asks for.")
    ] = None


class ListWindow(ListFilter):
    """Which lines of a list are looked at."""

    start: Annotated[int, Field(ge=0, le=_LAST_ROW, description="The first line, counted from 0.")] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS, description="How many lines.")] = 100


class PieceNow(Told):
    """A document attached to an invoice; `left_out` are the empty pages that it travels without."""

    digest: str
    name: str
    role: Role
    pages: int
    size: int
    left_out: list[int]
    original: str | None = Field(description="Digest of the document as it came, if pages were left out.")


class ListedDocument(Told):
    """A document of a list. `closed` says why its pieces cannot change, `code` and `reason` why its recipient
    rejected it; each is empty otherwise."""

    owner: str
    owner_name: str
    number: str
    kind: Kind
    state: State
    state_word: str
    degraded: bool
    third_party: bool
    patient: str
    recipient: str
    made_on: date
    total: int
    prescribed_on: date | None
    prescription: Travels
    sheet: Travels
    pieces: list[PieceNow]
    closed: str
    code: str
    reason: str


class ListedFile(Told):
    """A file of lots; `way` says how it was sent, in words `way_word`, and `sent_at` when (ISO 8601)."""

    identity: str
    kind: Kind
    recipient: str
    lots: int
    documents: int
    total: int
    size: int
    made_at: str
    state: FileStateName
    state_word: str
    way: str
    way_word: str
    rejected: int
    sent_at: str | None


class FacetNow(Told):
    """A value that lines of a list have, what people call it, and how many lines have it."""

    value: str
    name: str
    count: int


class ListNow(Told):
    """A window of a list: of its `documents`, or of its `files`. `count` and `total` are those of the whole
    filtered list, `owners` and `recipients` those of the list without a filter."""

    count: int
    total: int
    start: int
    documents: list[ListedDocument]
    files: list[ListedFile]
    owners: list[FacetNow]
    recipients: list[FacetNow]


def tell_document(seen: SeenLine, language: Language, say: Say) -> ListedDocument:
    """Word a document of a list."""
    line = seen.line
    return ListedDocument(
        owner=line.owner,
        owner_name=line.owner_name,
        number=line.number,
        kind=_kind(line.kind),
        state=state_word(line.state),
        state_word=word_in(line.state, language),
        degraded=line.degraded,
        third_party=line.third_party,
        patient=line.patient,
        recipient=line.recipient,
        made_on=line.made_on,
        total=line.total,
        prescribed_on=line.prescribed_on,
        prescription=_TRAVELS[line.prescription],
        sheet=_TRAVELS[line.sheet],
        pieces=tell_pieces(seen.pieces),
        closed=say(seen.closed),
        code=seen.code,
        reason=seen.reason,
    )


def tell_pieces(pieces: Iterable[Piece]) -> list[PieceNow]:
    """Word an invoice's pieces."""
    return [
        PieceNow(
            digest=each.digest.hex(),
            name=each.name,
            role=_ROLE_NAMES[each.role],
            pages=each.pages,
            size=each.size,
            left_out=list(each.left_out),
            original=None if each.original is None else each.original.hex(),
        )
        for each in pieces
    ]


def file_state_name(state: FileState) -> FileStateName:
    """Return the API's word for the state of a file."""
    return _FILE_STATES[state]


def tell_travel(travel: Travel) -> Travels:
    """Word how a supporting document travels."""
    return _TRAVELS[travel]


def tell_file(line: FileLine, language: Language) -> ListedFile:
    """Word a file of lots."""
    return ListedFile(
        identity=line.identity,
        kind=_kind(line.kind),
        recipient=line.recipient,
        lots=line.lots,
        documents=line.documents,
        total=line.total,
        size=line.size,
        made_at=line.made_at,
        state=_FILE_STATES[line.state],
        state_word=word_in(line.state, language),
        way=line.way,
        way_word=say(way_word(line.way), language),
        rejected=line.rejected,
        sent_at=line.sent_at,
    )


def tell_facets(facets: Iterable[Facet]) -> list[FacetNow]:
    """Word what lines of a list have."""
    return [FacetNow(value=each.value, name=each.name, count=each.count) for each in facets]


def _kind(kind: DocumentKind) -> Kind:
    return "fse" if kind is DocumentKind.FSE else "dre"
