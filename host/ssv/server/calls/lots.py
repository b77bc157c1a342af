"""Lots, their files, and the answers to files by SSV: SSV_FormaterLot, SSV_FormaterFichier, SSV_TraduireARL.

They do what `tla lot make`, `tla send` and `tla arl read` do, save that the program sends the file itself. No
function says that it did, so a file that was given to a program may have been sent: its ARL proves it. What
the zones hold is Project-defined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from tla_sim.host.ledger.files import file_of, is_in_lot
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.ledger.model import CERTIFIED
from tla_sim.host.sending.arl import MAX_BYTES, Arl, parse_arl, take_arl
from tla_sim.host.sending.lot_file import LotFile, read_file
from tla_sim.host.sending.lots import make_lots
from tla_sim.host.sending.send import file_content, give_to_program
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import FORMATER_FICHIER, FORMATER_LOT, TRADUIRE_ARL
from tla_sim.host.ssv.server.answers import zone_of
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.card_rights import check_owner, lot_numbers
from tla_sim.host.ssv.server.document_zones import GivenDocument, read_documents
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.ssv_calls import (
    MAX_CONTENT,
    FileAnswer,
    FilePart,
    HeldLot,
    LotFileHeader,
    RejectedDocument,
)
from tla_sim.protocol.groups.zone import MAX_ZONE_BYTES, decode_zone

_FILE_BYTES: Final = 14 * 1024 * 1024
"""The size at which a file is full: with its lists and the groups around its parts it fits in a zone."""

_PART_ROOM: Final = 16
"""More bytes than a group 9322 adds to its part."""
_HEADER_ROOM: Final = 1_024

_PART_NUMBER: Final = FilePart.DECLARATION.number.to_bytes(2)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def format_lots(
    work: Workstation, ps_resource: str, reader: str, code: str, zones: Sequence[bytes]
) -> tuple[bytes, ...]:
    """Put the documents of the zones into signed lots; return a zone with a group 9320 for each lot of the
    files that they are in.

    Documents that are in lots already are not put into others. Nothing is made when one of the documents may
    not leave. Raises CallRefused, and as `make_lots`.
    """
    given = read_documents(zones)
    if not given:
        raise CallRefused(SsvCode.INPUT, "There is no document to put into a lot", "Pass groups 9310")
    card = work.authenticate(ps_resource, reader, code)
    owners = lot_numbers(card)
    with work.ledger() as ledger:
        for each in given:
            check_owner(owners, each.id.owner)
            _check_held(ledger, each)
        free = dict.fromkeys(each.id for each in given if not is_in_lot(ledger, each.id))
        if free:
            make_lots(work.client, ledger, work.anchors, card, documents=free, file_bytes=_FILE_BYTES)
        files = dict.fromkeys(file_of(ledger, each.id) for each in given)
        return tuple(zone_of([lot]) for file in files if file for lot in _lots_in(ledger, file))


def _check_held(ledger: Ledger, given: GivenDocument) -> None:
    state = ledger.state(given.id)
    if state not in CERTIFIED or ledger.fse(given.id) != given.document.content:
        raise CallRefused(
            SsvCode.INPUT,
            "The ledger does not hold {kind} {number} of {owner} as it was passed",
            "Pass documents as the other functions give them",
            kind=given.id.kind.name,
            number=given.id.number,
            owner=given.id.owner,
        )
    if state is LedgerState.TRANSMITTED:
        raise CallRefused(
            SsvCode.INCOHERENT,
            "{what} has left already",
            "It is never sent twice",
            what=f"{given.id.kind.name} {given.id.number}",
        )


def _lots_in(ledger: Ledger, identity: str) -> list[HeldLot]:
    return _lots_of(read_file(file_content(ledger, identity)))


def _lots_of(file: LotFile) -> list[HeldLot]:
    heads = [each.lot.header for each in file.lots]
    return [
        HeldLot(
            number=head.number,
            owner=head.owner,
            recipient=head.recipient,
            kind=head.kind,
            mode=head.mode,
            count=head.count,
            total=head.total,
            content=file.identity.encode(),
        )
        for head in heads
    ]


def format_file(work: Workstation, zone: bytes) -> bytes:
    """Return the files of lots: for each a group 9321, then its bytes in groups 9322, at most 60,000 in each.

    Their bytes are those that `tla send` would send. From now on they may have been sent by the program: no
    verb sends them until that is settled, and calling again gives them again. Raises CallRefused for lots
    that are none of the ledger's, a file whose other lots are not passed, and what no zone holds; FileRefused
    and DeskRefused.
    """
    passed = _passed_lots(zone)
    with work.ledger() as ledger:
        answer: list[Group] = []
        for identity, lots in passed.items():
            content = file_content(ledger, identity)
            file = read_file(content)
            _check_all_passed(file, lots)
            answer += _file_groups(file, content)
        _check_size(answer)
        give_to_program(ledger, passed)
        return zone_of(answer)


def _passed_lots(zone: bytes) -> dict[str, list[HeldLot]]:
    """Return the lots of a zone by the identity of their file."""
    found: dict[str, list[HeldLot]] = {}
    for group in decode_zone(zone):
        if not isinstance(group, HeldLot) or not group.content.isalnum():
            raise _no_lots()
        found.setdefault(group.content.decode("ascii"), []).append(group)
    if not found:
        raise _no_lots()
    return found


def _check_all_passed(file: LotFile, passed: Sequence[HeldLot]) -> None:
    held = _lots_of(file)
    if any(each not in held for each in passed):
        raise _no_lots()
    for each in held:
        if each not in passed:
            raise CallRefused(
                SsvCode.INCOHERENT,
                "File {file} holds lot {number} of {owner} too",
                "Pass all lots of the file together",
                file=file.identity,
                number=each.number,
                owner=each.owner,
            )


def _no_lots() -> CallRefused:
    return CallRefused(
        SsvCode.INPUT,
        "The zone holds something else than lots of the ledger",
        "Pass groups 9320 as SSV_FormaterLot gives them",
    )


def _file_groups(file: LotFile, content: bytes) -> Iterable[Group]:
    yield LotFileHeader(
        identity=file.identity,
        recipient=file.recipient,
        lots=len(file.lots),
        documents=sum(each.lot.header.count for each in file.lots),
        total=sum(each.lot.header.total for each in file.lots),
        digest=digest(content).hex(),
    )
    for position, first in enumerate(range(0, len(content), MAX_CONTENT), 1):
        yield FilePart(position=position, content=content[first : first + MAX_CONTENT])


def _check_size(groups: Iterable[Group]) -> None:
    sizes = (
        len(each.content) + _PART_ROOM if isinstance(each, FilePart) else _HEADER_ROOM for each in groups
    )
    if sum(sizes) > MAX_ZONE_BYTES:
        raise CallRefused(
            SsvCode.ALLOCATION,
            "The files do not fit in one zone of {most} bytes",
            "Ask for one file at a time, or send it by mail or into a folder",
            most=MAX_ZONE_BYTES,
        )


def translate_answers(work: Workstation, zones: Sequence[bytes]) -> bytes:
    """Note recipients' answers to files; return for each a group 9330, then 9331 for each rejected document.

    A zone is the bytes of an ARL, or has them in groups 9322, whose position 1 begins an ARL; they may go on
    in the next zone. Raises CallRefused, FileRefused and DeskRefused; of several answers those before the
    refused one are noted.
    """
    answers = [parse_arl(raw) for raw in _raw_answers(zones)]
    told: list[Group] = []
    with work.ledger() as ledger:
        for each in answers:
            told += _answer_groups(ledger, each)
    return zone_of(told)


def _raw_answers(zones: Sequence[bytes]) -> list[bytes]:
    found: list[bytearray] = []
    following = 1
    for zone in zones:
        if not zone.startswith(_PART_NUMBER):
            found.append(bytearray(zone))
            following = 1
            continue
        for part in decode_zone(zone):
            if not isinstance(part, FilePart) or part.position not in (1, following):
                raise _no_parts()
            if part.position == 1:
                found.append(bytearray())
            found[-1] += part.content
            following = part.position + 1
    if not found or any(len(each) > MAX_BYTES for each in found):
        raise _no_parts()
    return [bytes(each) for each in found]


def _no_parts() -> CallRefused:
    return CallRefused(
        SsvCode.INPUT,
        "The zones do not hold an ARL of at most {most} bytes",
        "Pass its bytes, or groups 9322 in order",
        most=MAX_BYTES,
    )


def _answer_groups(ledger: Ledger, arl: Arl) -> Iterable[Group]:
    taken = take_arl(ledger, arl)
    yield FileAnswer(
        identity=arl.identity, accepted=arl.accepted, code=_in_zone(arl.code), reason=_in_zone(arl.reason)
    )
    for each in taken.rejected:
        owner, number, kind = each.document
        yield RejectedDocument(
            owner=owner,
            number=number,
            kind=int(kind),
            code=_in_zone(each.code),
            reason=_in_zone(each.reason),
        )


def _in_zone(text: str) -> str:
    """Return a recipient's text as zones hold texts: without line ends and other control characters."""
    return _CONTROL.sub(" ", text)


BOUND: Final[tuple[Bound, ...]] = (
    bind_call(FORMATER_LOT, format_lots),
    bind_call(FORMATER_FICHIER, format_file),
    bind_call(TRADUIRE_ARL, translate_answers),
)
"""The functions of this topic."""
