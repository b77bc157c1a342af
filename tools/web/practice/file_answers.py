"""What is told of a file of lots, and noted of it. Amounts in cents, days as ISO dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import PurePath
from typing import Literal

from pydantic import Field

from tla_sim.host.ledger.desk_model import FileState, Piece
from tla_sim.host.ledger.file_contents import FileDocument, FileEvent, LotLine
from tla_sim.host.sending.doubt import Doubt
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.tools.language import Language
from tla_sim.tools.language.words import word_in
from tla_sim.tools.web.api.model import Given, Told
from tla_sim.tools.web.practice.list_answers import (
    FileStateName,
    ListedFile,
    PieceNow,
    file_state_name,
    tell_pieces,
)
from tla_sim.tools.web.surgery.answers import Kind, Say, kind_word

Answered = Literal["", "accepted", "rejected"]


class SettleOrder(Given):
    """Whether the file arrived."""

    arrived: bool


class LotNow(Told):
    """A lot of a file."""

    owner: str
    owner_name: str
    number: int
    degraded: bool
    documents: int
    total: int


class FileEventNow(Told):
    """A step of a file's life: the state it came into, when (ISO 8601), and what was noted with it."""

    state: FileStateName
    state_word: str
    at: str
    detail: str


class DoubtNow(Told):
    """What is known of a file whose sending was cut, and what to do. `folder` is where sending it again
    finishes what was begun; `again`: the same message can be sent once more."""

    known: str
    advice: str
    folder: str | None
    again: bool


class FileNow(Told):
    """A file of lots. `under_way`: it is being sent just now; `doubt` is `null` where there is none."""

    file: ListedFile
    name: str
    lots: list[LotNow]
    events: list[FileEventNow]
    under_way: bool
    doubt: DoubtNow | None


class FileDocumentNow(Told):
    """A document of a file; `code` and `reason` are those of a rejection, `rectified_by` is the number of the
    invoice that rectifies it, or empty."""

    owner: str
    owner_name: str
    number: str
    kind: Kind
    lot: int
    degraded: bool
    patient: str
    made_on: date
    total: int
    pieces: list[PieceNow]
    answered: Answered = Field(description="What the recipient answered; empty: nothing yet.")
    code: str
    reason: str
    rectified_by: str


class FileDocuments(Told):
    """A window of a file's documents; `count` is how many it has."""

    count: int
    start: int
    documents: list[FileDocumentNow]


class FileChecked(Told):
    """A file all of whose signatures are valid, and what it holds."""

    lots: int
    documents: int
    pieces: int


def tell_lot(line: LotLine) -> LotNow:
    """Word a lot."""
    return LotNow(
        owner=line.owner,
        owner_name=line.owner_name,
        number=line.number,
        degraded=line.mode is SecurityMode.DEGRADED,
        documents=line.documents,
        total=line.total,
    )


def tell_event(event: FileEvent, language: Language, say: Say) -> FileEventNow:
    """Word a step of a file's life; of one that was begun into a folder the folder, not the hidden name."""
    detail = event.detail
    if event.state is FileState.SENDING and detail:
        detail = str(PurePath(detail).parent)
    return FileEventNow(
        state=file_state_name(event.state),
        state_word=word_in(event.state, language),
        at=event.at,
        detail=say(detail),
    )


def tell_doubt(doubt: Doubt, say: Say) -> DoubtNow:
    """Word a doubt."""
    return DoubtNow(
        known=say(doubt.known),
        advice=say(doubt.advice),
        folder=None if doubt.folder is None else str(doubt.folder),
        again=doubt.again,
    )


def tell_file_document(document: FileDocument, pieces: Iterable[Piece]) -> FileDocumentNow:
    """Word a document of a file."""
    outcome = document.outcome
    answered: Answered = "" if outcome is None else "accepted" if outcome.accepted else "rejected"
    return FileDocumentNow(
        owner=document.id.owner,
        owner_name=document.owner_name,
        number=document.id.number,
        kind=kind_word(document.id),
        lot=document.lot,
        degraded=document.mode is SecurityMode.DEGRADED,
        patient=document.patient,
        made_on=document.made_on,
        total=document.claimed,
        pieces=tell_pieces(pieces),
        answered=answered,
        code="" if outcome is None else outcome.code,
        reason="" if outcome is None else outcome.reason,
        rectified_by=document.rectified_by,
    )
