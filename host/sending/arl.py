"""The ARL: a recipient's answer to a file, accepting or rejecting it document by document.

JSON in UTF-8 (docs/reference/lot-file.md). It names the file's identity and the SHA-256 of its bytes, so that
only a program that received the file can answer it. Project-defined: the insurers' own ARL is part of the B2
norm.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.ledger.desk_model import FileState, Outcome
from tla_sim.host.ledger.files import accepted_in, documents_in, put_answer
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.sending.errors import FileRefused
from tla_sim.host.sending.lot_file import VerifiedLot
from tla_sim.host.sending.send import file_state, record_arrival
from tla_sim.host.strict_json import JsonFlawed, decode_text, parse
from tla_sim.host.whole_file import FileUnusable, read_whole
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.sentence import Sentence

FORMAT: Final = "tla-arl"
MAX_BYTES: Final = 8 * 1024 * 1024
_MAX_TEXT: Final = 200
_ANSWERED: Final = (FileState.ACKNOWLEDGED, FileState.REJECTED)
_WORDS: Final = {"accepted": True, "rejected": False}


@dataclass(frozen=True)
class Rejection:
    """A document that the recipient rejects, with code and reason."""

    document: DocumentId
    code: str
    reason: str


@dataclass(frozen=True)
class Arl:
    """An answer: the file (identity, SHA-256), whether it was accepted at all, and the rejected documents."""

    identity: str
    digest: bytes
    accepted: bool
    code: str
    reason: str
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True)
class ArlTaken:
    """The result of reading an ARL; `known` says that it had been read before."""

    identity: str
    accepted: int
    rejected: tuple[Rejection, ...]
    known: bool


def compose(
    identity: str,
    digest: bytes,
    rejections: Sequence[Rejection] = (),
    refusal: tuple[str, str] | None = None,
) -> bytes:
    """Return the bytes of an ARL as a recipient writes it; `refusal` (code, reason) rejects the whole
    file."""
    fields: dict[str, Any] = {
        "format": FORMAT,
        "version": 1,
        "file": identity,
        "digest": digest.hex(),
        "verdict": "accepted" if refusal is None else "rejected",
        "code": "" if refusal is None else refusal[0],
        "reason": "" if refusal is None else refusal[1],
        "rejections": [
            {
                "owner": each.document.owner,
                "number": each.document.number,
                "kind": each.document.kind.name,
                "code": each.code,
                "reason": each.reason,
            }
            for each in rejections
        ],
    }
    return json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n"


def rejection_of(lots: Sequence[VerifiedLot], number: str, code: str, reason: str) -> list[Rejection]:
    """Return the rejections of an invoice's documents in a file.

    Raises `FileRefused` for one that is not in it.
    """
    found = [
        Rejection(each.id, code, reason) for lot in lots for each in lot.documents if each.id.number == number
    ]
    if not found:
        raise FileRefused("The file holds no invoice {number}", "Name one that it holds", number=number)
    return found


def parse_arl(raw: bytes) -> Arl:
    """Return the ARL in some bytes. Raises `FileRefused` saying what is wrong."""
    try:
        text = decode_text(raw)
    except JsonFlawed as flawed:
        (flaw,) = flawed.flaws
        raise FileRefused(
            "This is not an ARL: it holds {found}", "Ask the recipient for it again", found=flaw.found
        ) from None
    try:
        tree: Any = parse(text)
        if (tree["format"], int(tree["version"])) != (FORMAT, 1):
            raise ValueError
        rejections = tuple(_rejection(each) for each in tree["rejections"])
        digest = bytes.fromhex(tree["digest"])
        accepted = _WORDS[tree["verdict"]]
        identity = _text(tree, "file")
        code, reason = _text(tree, "code"), _text(tree, "reason")
    except (JsonFlawed, KeyError, ValueError, TypeError, AttributeError):
        raise FileRefused(
            "This is not an ARL, or it was truncated", "Ask the recipient for it again"
        ) from None
    return Arl(identity, digest, accepted, code, reason, rejections)


def _rejection(tree: Mapping[str, Any]) -> Rejection:
    document = DocumentId(_text(tree, "owner"), _text(tree, "number"), DocumentKind[tree["kind"]])
    return Rejection(document, _text(tree, "code"), _text(tree, "reason"))


def _text(tree: Mapping[str, Any], name: str) -> str:
    value = tree[name]
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ValueError(name)
    value.encode()  # half of a surrogate pair is no text
    return value


def read_arl(ledger: Ledger, path: str | os.PathLike[str]) -> ArlTaken:
    """Read the recipient's answer (ARL) to a file of lots; return what was accepted and rejected.

    Raises `FileRefused`, `DeskRefused`, and errors of the ledger.

    >>> # Invoice 190305028 was sent, and answer.arl rejects it.
    >>> taken = tla_sim.read_arl(ledger, "answer.arl")
    >>> taken.accepted, [each.document.number for each in taken.rejected]
    (0, ['190305028'])
    """
    try:
        raw = read_whole(Path(path), MAX_BYTES)
    except FileUnusable as error:
        raise FileRefused(error.message, error.action) from None
    return take_arl(ledger, parse_arl(raw))


def take_arl(ledger: Ledger, arl: Arl) -> ArlTaken:
    """Record what became of a file's documents.

    An answer to a file whose sending was cut proves that it arrived.

    Raises `FileRefused` for an unknown file or documents that are not in it, `DeskRefused` for a file that
    was never sent or has another answer already; nothing was changed then.
    """
    state, digest = file_state(ledger, arl.identity)
    if arl.digest != digest:
        raise FileRefused(
            "The ARL answers another file than {file}", "Ask the recipient again", file=arl.identity
        )
    inside = documents_in(ledger, arl.identity)
    rejected = {each.document: each for each in arl.rejections}
    foreign = [each for each in rejected if each not in inside]
    if foreign:
        raise FileRefused(
            "The ARL rejects invoice {number}, which is not in file {file}",
            "Ask the recipient again",
            number=foreign[0][1],
            file=arl.identity,
        )
    if not arl.accepted:
        rejected = {each: rejected.get(each, Rejection(each, arl.code, arl.reason)) for each in inside}
    if state is FileState.TO_SEND:
        raise DeskRefused(
            "File {file} was never sent", "Send it, or see where this ARL comes from", file=arl.identity
        )
    outcome = ArlTaken(arl.identity, len(inside) - len(rejected), tuple(rejected.values()), False)
    if state in _ANSWERED:
        return _answered_before(ledger, outcome, inside)
    record_arrival(ledger, arl.identity, Sentence("its ARL came"))
    with ledger.writing():
        # Another program may have read the same answer since.
        answered = file_state(ledger, arl.identity)[0] in _ANSWERED
        if not answered:
            put_answer(
                ledger,
                arl.identity,
                FileState.ACKNOWLEDGED if arl.accepted else FileState.REJECTED,
                arl.reason,
                {each: _outcome(rejected.get(each)) for each in inside},
            )
    return _answered_before(ledger, outcome, inside) if answered else outcome


def _answered_before(ledger: Ledger, outcome: ArlTaken, inside: Iterable[DocumentId]) -> ArlTaken:
    """Return what an answer says that was read before. Raises `DeskRefused` when another one was."""
    rejected = {each.document for each in outcome.rejected}
    if accepted_in(ledger, outcome.identity) == {each: each not in rejected for each in inside}:
        return replace(outcome, known=True)
    raise DeskRefused(
        "Another answer to file {file} was read before",
        "Ask the recipient which of them holds",
        file=outcome.identity,
    )


def _outcome(rejection: Rejection | None) -> Outcome:
    if rejection is None:
        return Outcome(True)
    return Outcome(False, rejection.code, rejection.reason)
