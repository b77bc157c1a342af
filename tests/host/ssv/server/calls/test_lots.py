"""Lots, files and answers by SSV: what goes in, what comes out to the byte, and what no program may do."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desk_kit import ANCHORS, invoice, with_dre
from tests.host.ssv.server.calls.desk import ProgramsDesk
from tests.ssv_kit import Program, Returned, zone
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.desk.marks import bill_degraded
from tla_sim.host.documents import documents_of
from tla_sim.host.ledger.desk_model import FileState, Rights
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.sending.arl import Rejection, compose, parse_arl, take_arl
from tla_sim.host.sending.lot_file import SignedLot, read_file, verify_file
from tla_sim.host.sending.lots import make_lots
from tla_sim.host.sending.send import file_content, file_name, file_state, send_to_folder, settle
from tla_sim.host.ssv.functions import FORMATER_FICHIER, FORMATER_LOT, SECURISER_FACTURE, TRADUIRE_ARL
from tla_sim.host.ssv.server.calls import lots
from tla_sim.host.ssv.server.document_zones import document_group
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.groups.ssv_calls import (
    FileAnswer,
    FilePart,
    HeldDocument,
    HeldLot,
    LotFileHeader,
    RejectedDocument,
)
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import CODE, NURSE, PAUL, SECRETARY, WRONG_CODE

A, B, C = "190305001", "190305002", "190305003"


@pytest.fixture
def desk(tmp_path: Path) -> ProgramsDesk:
    return ProgramsDesk(tmp_path)


def secured(desk: ProgramsDesk, *prepared: PreparedInvoice) -> list[bytes]:
    """The FSEs and DREs of invoices that the nurse certified."""
    client = desk.client()
    client.verify_code(CODE)
    with desk.ledger() as ledger:
        done = [certify_documents(client, ledger, ANCHORS, documents_of(each)) for each in prepared]
    return [fse.content for each in done for fse in each]


def degraded(desk: ProgramsDesk, number: str) -> bytes:
    """The FSE of a degraded invoice that the nurse certified."""
    client = desk.client()
    client.verify_code(CODE)
    with desk.ledger() as ledger:
        documents = bill_degraded(ledger, invoice(number), Rights.PRACTICE)
        (done,) = certify_documents(client, ledger, ANCHORS, documents)
    return done.content


def put_into_lots(
    desk: ProgramsDesk, contents: Sequence[bytes], program: Program | None = None, **more: str
) -> Returned:
    """Call SSV_FormaterLot, a zone for each document."""
    zones = [zone(document_group(each)) for each in contents]
    return (program or desk.program()).call(FORMATER_LOT, zones=zones, **more)


def lots_in(returned: Returned) -> list[HeldLot]:
    """The lots of an answer, one in each zone."""
    assert returned.code == 0
    found = [each for each in returned.groups if isinstance(each, HeldLot)]
    assert len(found) == len(returned.groups) == len(returned.zones)
    return found


def ask_for_files(program: Program, *found: HeldLot) -> Returned:
    """Call SSV_FormaterFichier."""
    return program.call(FORMATER_FICHIER, zone=zone(*found))


def files_in(returned: Returned) -> list[tuple[LotFileHeader, bytes]]:
    """The files of an answer, put together."""
    assert returned.code == 0
    found: list[tuple[LotFileHeader, list[FilePart]]] = []
    for group in returned.groups:
        if isinstance(group, LotFileHeader):
            found.append((group, []))
        else:
            assert isinstance(group, FilePart)
            found[-1][1].append(group)
            assert group.position == len(found[-1][1])
    return [(header, b"".join(part.content for part in parts)) for header, parts in found]


def states(desk: ProgramsDesk) -> list[LedgerState]:
    with desk.ledger() as ledger:
        return [each.state for each in ledger.documents()]


def test_documents_go_into_lots_by_recipient_kind_and_mode(desk: ProgramsDesk) -> None:
    contents = [*secured(desk, with_dre(invoice(A)), invoice(B)), degraded(desk, C)]
    found = lots_in(put_into_lots(desk, contents))
    assert [(each.number, each.owner, each.kind, each.mode, each.count, each.total) for each in found] == [
        (1, NURSE, DocumentKind.FSE, SecurityMode.SECURED, 2, 31_240),
        (3, NURSE, DocumentKind.FSE, SecurityMode.DEGRADED, 1, 15_620),
        (2, NURSE, DocumentKind.DRE, SecurityMode.SECURED, 1, 6_248),
    ]
    assert [each.recipient for each in found] == [
        *["CPAM - DEMONSTRATION"] * 2,
        "MUTUELLE - DEMONSTRATION",
    ]
    assert found[0].content == found[1].content != found[2].content, "the file that each is in"
    with desk.ledger() as ledger:
        file = read_file(file_content(ledger, found[0].content.decode()))
        assert [len(each.documents) for each in verify_file(file, ANCHORS)] == [2, 1]


def test_a_document_alone_goes_into_a_lot_without_its_invoices_other(desk: ProgramsDesk) -> None:
    _, dre = secured(desk, with_dre(invoice(A)))
    (found,) = lots_in(put_into_lots(desk, [dre]))
    assert (found.kind, found.count) == (DocumentKind.DRE, 1)
    with desk.ledger() as ledger:
        assert [each.line.kind for each in ledger.transmissible()] == [DocumentKind.FSE]


def test_all_documents_may_be_in_one_zone(desk: ProgramsDesk) -> None:
    contents = secured(desk, invoice(A), invoice(B))
    raw = zone(*(document_group(each) for each in contents))
    (found,) = lots_in(desk.program().call(FORMATER_LOT, zones=[raw]))
    assert found.count == 2


def test_called_again_it_gives_the_same_lots_and_makes_lots_of_what_is_new(desk: ProgramsDesk) -> None:
    first, second = secured(desk, invoice(A), invoice(B))
    made = put_into_lots(desk, [first])
    before = desk.traces()
    assert put_into_lots(desk, [first]) == made
    assert desk.traces() == before
    both = lots_in(put_into_lots(desk, [second, first]))
    assert [each.number for each in both] == [2, 1]
    assert both[1:] == lots_in(made)


def test_it_makes_the_lots_that_the_verb_makes(tmp_path: Path) -> None:
    ours, verbs = (ProgramsDesk(tmp_path / name) for name in ("ours", "verbs"))
    made = []
    for each in (ours, verbs):
        each.path.parent.mkdir()
        contents = secured(each, with_dre(invoice(A)), invoice(B))
        if each is ours:
            identities = {lot.content.decode() for lot in lots_in(put_into_lots(ours, contents))}
        else:
            client = verbs.client()
            with verbs.ledger() as ledger:
                files = make_lots(client, ledger, ANCHORS, client.verify_code(CODE)).files
                identities = {file.identity for file in files}
        made.append({identity: lots_of(each, identity) for identity in identities})
    assert made[0] == made[1]


def lots_of(desk: ProgramsDesk, identity: str) -> tuple[SignedLot, ...]:
    """The lots of a file, signatures included; when it was made is the host's own time."""
    with desk.ledger() as ledger:
        return read_file(file_content(ledger, identity)).lots


def test_what_the_ledger_does_not_hold_is_f802(desk: ProgramsDesk, tmp_path: Path) -> None:
    (held,) = secured(desk, invoice(A))
    mine, desk.path = desk.path, tmp_path / "other.db"
    (foreign,) = secured(desk, invoice(B))
    (second,) = secured(desk, invoice(A))
    desk.path = mine
    before = desk.traces()
    for contents in ([held, foreign], [second], [held[:-1] + bytes([held[-1] ^ 1])], []):
        assert put_into_lots(desk, contents).code == 0xF802
    for raw in (zone(*invoice(A).groups()), zone(document_group(held))[:-1], b"\0", b""):
        assert desk.program().call(FORMATER_LOT, zones=[raw]).code == 0xF802
    assert desk.traces() == before


def test_what_lacks_a_signature_is_in_no_lot(desk: ProgramsDesk) -> None:
    complete = secured(desk, invoice(A))
    desk.bench.insert_ps(SECRETARY, cpe=True)
    partial = secured(desk, invoice(B))
    desk.bench.insert_ps()
    before = desk.traces()
    assert put_into_lots(desk, [*complete, *partial]).code == 0xF0FF
    assert desk.traces() == before


def test_only_the_owners_cps_signs_lots(desk: ProgramsDesk) -> None:
    contents = secured(desk, invoice(A))
    before = desk.traces()
    for card in (ps_image(PAUL), ps_image(SECRETARY, cpe=True), ps_image(SECRETARY, cpf=True)):
        desk.bench.insert_chip(Slot.PS, card)
        assert put_into_lots(desk, contents).code == 0xF004
    desk.bench.insert_ps(may_sign=False)
    assert put_into_lots(desk, contents).code == 0xF004
    desk.bench.insert_ps()
    assert put_into_lots(desk, contents, code=WRONG_CODE).code == 0xF003
    assert put_into_lots(desk, contents, reader="Vitale").code == 0xF101
    desk.bench.reader.remove(Slot.PS)
    assert put_into_lots(desk, contents).code == 0xF001
    assert desk.traces() == before


@pytest.mark.parametrize("answered", [False, True])
def test_cut_at_any_exchange_and_called_again_each_document_is_in_one_lot(
    tmp_path: Path, answered: bool
) -> None:
    def prepare(folder: Path) -> tuple[ProgramsDesk, list[bytes]]:
        folder.mkdir()
        desk = ProgramsDesk(folder)
        return desk, secured(desk, with_dre(invoice(A)), invoice(B))

    whole, contents = prepare(tmp_path / "whole")
    put_into_lots(whole, contents)
    for at in range(whole.exchanges):
        desk, contents = prepare(tmp_path / f"cut at {at}")
        assert put_into_lots(desk, contents, desk.program(cut_at=at, answered=answered)).code == 0xF101
        found = lots_in(put_into_lots(desk, contents))
        assert [(each.number, each.count) for each in found] == [(1, 2), (2, 1)]
        files = files_in(ask_for_files(desk.elsewhere(), *found))
        inside = [fse for _, raw in files for lot in read_file(raw).lots for fse in lot.contents]
        assert sorted(inside) == sorted(contents)


def test_a_file_is_the_one_that_the_verb_sends_to_the_byte(desk: ProgramsDesk, tmp_path: Path) -> None:
    found = lots_in(put_into_lots(desk, secured(desk, with_dre(invoice(A)), invoice(B))))
    shutil.copytree(desk.path.parent, tmp_path / "copy")
    files = files_in(ask_for_files(desk.elsewhere(), *found))
    assert [(each.lots, each.documents, each.total) for each, _ in files] == [(1, 2, 31_240), (1, 1, 6_248)]
    outbox = Outbox(tmp_path / "out")
    with Ledger.open(tmp_path / "copy" / desk.path.name) as ledger:
        for header, content in files:
            assert header.digest == digest(content).hex()
            send_to_folder(ledger, header.identity, outbox)
            assert (outbox.directory / file_name(header.identity)).read_bytes() == content


def test_a_file_travels_in_parts_of_sixty_thousand_bytes(
    desk: ProgramsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "MAX_CONTENT", 1_000)
    (found,) = lots_in(put_into_lots(desk, secured(desk, invoice(A))))
    returned = ask_for_files(desk.elsewhere(), found)
    parts = [each for each in returned.groups if isinstance(each, FilePart)]
    assert len(parts) > 4
    assert {len(each.content) for each in parts[:-1]} == {1_000}
    ((_, content),) = files_in(returned)
    with desk.ledger() as ledger:
        assert content == file_content(ledger, found.content.decode())


def test_a_file_that_was_given_is_not_known_to_be_sent(desk: ProgramsDesk, tmp_path: Path) -> None:
    (found,) = lots_in(put_into_lots(desk, secured(desk, invoice(A))))
    identity = found.content.decode()
    given = ask_for_files(desk.elsewhere(), found)
    assert states(desk) == [LedgerState.COMPLETE]
    assert ask_for_files(desk.elsewhere(), found) == given
    with desk.ledger() as ledger:
        assert file_state(ledger, identity)[0] is FileState.SENDING
        settle(ledger, identity, arrived=False)
        send_to_folder(ledger, identity, Outbox(tmp_path / "out"))
    assert ask_for_files(desk.elsewhere(), found).code == 0xF0FF, "it has left"
    with desk.ledger() as ledger:
        (content,) = (ledger.fse(each.id) for each in ledger.documents())
    assert put_into_lots(desk, [content]).code == 0xF0FF


def test_lots_that_are_not_the_ledgers_give_no_file(desk: ProgramsDesk) -> None:
    contents = [*secured(desk, with_dre(invoice(A))), degraded(desk, B)]
    first, second, dre = lots_in(put_into_lots(desk, contents))
    program = desk.elsewhere()
    for wrong in (
        (),
        (first,),
        (first, second, replace(dre, number=9)),
        (first, replace(second, total=1)),
        (replace(dre, content=b"0123456789abcdef"),),
        (replace(dre, content=b"../../etc/passwd"),),
        (replace(dre, content=b"\xff"),),
        (replace(dre, content=b""),),
    ):
        assert ask_for_files(program, *wrong).code == (0xF0FF if wrong == (first,) else 0xF802)
    assert program.call(FORMATER_FICHIER, zone=zone(dre)[:-1]).code == 0xF802
    with desk.ledger() as ledger:
        for each in (first, dre):
            assert file_state(ledger, each.content.decode())[0] is FileState.TO_SEND
    assert len(files_in(ask_for_files(program, second, dre, first))) == 2


def test_a_file_that_no_zone_holds_stays_to_be_sent(
    desk: ProgramsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lots_in(put_into_lots(desk, secured(desk, with_dre(invoice(A)))))
    program = desk.elsewhere()
    monkeypatch.setattr(lots, "MAX_ZONE_BYTES", 8_000)
    assert ask_for_files(program, *found).code == 0xF801
    with desk.ledger() as ledger:
        for each in found:
            assert file_state(ledger, each.content.decode())[0] is FileState.TO_SEND
    assert ask_for_files(program, found[0]).code == 0, "one at a time they fit"


def test_a_file_that_its_disk_lost_is_not_the_programs_mistake(desk: ProgramsDesk) -> None:
    (found,) = lots_in(put_into_lots(desk, secured(desk, invoice(A))))
    for each in desk.path.parent.glob("*.pieces/*"):
        each.unlink()
    assert ask_for_files(desk.elsewhere(), found).code == 0xF0FF
    with desk.ledger() as ledger:
        assert file_state(ledger, found.content.decode())[0] is FileState.TO_SEND


def given_file(desk: ProgramsDesk, *numbers: str) -> LotFileHeader:
    """A file of these invoices that was given to a program."""
    found = lots_in(put_into_lots(desk, secured(desk, *map(invoice, numbers))))
    ((header, _),) = files_in(ask_for_files(desk.elsewhere(), *found))
    return header


def answer_to(
    header: LotFileHeader, *rejected: str, refusal: tuple[str, str] | None = None, reason: str = "refus"
) -> bytes:
    """The recipient's ARL."""
    rejections = [Rejection(DocumentId(NURSE, each, DocumentKind.FSE), "0401", reason) for each in rejected]
    return compose(header.identity, bytes.fromhex(header.digest), rejections, refusal)


def in_parts(raw: bytes, size: int = 100) -> list[FilePart]:
    return [
        FilePart(position=at, content=raw[first : first + size])
        for at, first in enumerate(range(0, len(raw), size), 1)
    ]


def test_an_arl_is_noted_and_told(desk: ProgramsDesk) -> None:
    header = given_file(desk, A, B)
    raw = answer_to(header, B, reason="acte\nnon\tpris en charge é")
    told = desk.elsewhere().call(TRADUIRE_ARL, zones=[raw])
    assert told.groups == (
        FileAnswer(identity=header.identity, accepted=True),
        RejectedDocument(owner=NURSE, number=B, kind=1, code="0401", reason="acte non pris en charge é"),
    )
    assert states(desk) == [LedgerState.TRANSMITTED] * 2
    with desk.ledger() as ledger:
        assert file_state(ledger, header.identity)[0] is FileState.ACKNOWLEDGED
        assert take_arl(ledger, parse_arl(raw)).known
        events = ledger.events()
    assert desk.elsewhere().call(TRADUIRE_ARL, zones=[raw]) == told
    with desk.ledger() as ledger:
        assert ledger.events() == events


def test_a_refused_file_tells_each_of_its_documents(desk: ProgramsDesk) -> None:
    header = given_file(desk, A, B)
    raw = answer_to(header, refusal=("0100", "x" * 200))
    told = desk.elsewhere().call(TRADUIRE_ARL, zones=[raw])
    answer, *rejected = told.groups
    assert answer == FileAnswer(identity=header.identity, accepted=False, code="0100", reason="x" * 200)
    assert [(each.number, each.code) for each in rejected if isinstance(each, RejectedDocument)] == [
        (A, "0100"),
        (B, "0100"),
    ]


@pytest.mark.parametrize("together", [True, False])
def test_an_arl_may_come_in_parts(desk: ProgramsDesk, together: bool) -> None:
    first, second = given_file(desk, A), given_file(desk, B)
    parts = [*in_parts(answer_to(first)), *in_parts(answer_to(second, B), 7)]
    zones = [zone(*parts)] if together else [zone(each) for each in parts]
    told = desk.elsewhere().call(TRADUIRE_ARL, zones=zones)
    assert [each.identity for each in told.groups if isinstance(each, FileAnswer)] == [
        first.identity,
        second.identity,
    ]
    assert len(told.groups) == 3


def test_answers_in_both_forms_may_come_together(desk: ProgramsDesk) -> None:
    first, second = given_file(desk, A), given_file(desk, B)
    zones = [answer_to(first), zone(*in_parts(answer_to(second)))]
    assert len(desk.elsewhere().call(TRADUIRE_ARL, zones=zones).groups) == 2


def test_what_is_no_arl_or_fits_nothing_changes_nothing(desk: ProgramsDesk) -> None:
    header = given_file(desk, A)
    made = lots_in(put_into_lots(desk, secured(desk, invoice(B))))
    with desk.ledger() as ledger:
        unsent = made[0].content.decode()
        of_unsent = compose(unsent, file_state(ledger, unsent)[1])
    good, parts = answer_to(header), in_parts(answer_to(header))
    before = desk.traces()
    for zones, code in (
        ([], 0xF802),
        ([b""], 0xF802),
        ([b"{}"], 0xF802),
        ([good[:-5]], 0xF802),
        ([zone(*parts[1:])], 0xF802),
        ([zone(*parts[::-1])], 0xF802),
        ([zone(*parts[:-1])], 0xF802),
        ([zone(parts[0], parts[0])], 0xF802),
        ([zone(*parts, header)], 0xF802),
        ([zone(*parts)[:-1]], 0xF802),
        ([answer_to(replace(header, identity="0" * 16))], 0xF802),
        ([answer_to(replace(header, digest="00" * 32))], 0xF802),
        ([answer_to(header, C)], 0xF802),
        ([of_unsent], 0xF0FF),
    ):
        assert desk.elsewhere().call(TRADUIRE_ARL, zones=zones).code == code, zones
    assert desk.traces() == before
    assert desk.elsewhere().call(TRADUIRE_ARL, zones=[good]).code == 0
    assert desk.elsewhere().call(TRADUIRE_ARL, zones=[answer_to(header, A)]).code == 0xF0FF, "another answer"


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.binary(max_size=2_000))
def test_parts_of_any_sizes_are_put_together(sizes: list[int], raw: bytes) -> None:
    parts, rest = [], raw
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    parts.append(rest)
    groups = [FilePart(position=at, content=each) for at, each in enumerate(parts, 1)]
    assert lots._raw_answers([zone(each) for each in groups]) == [raw]
    assert lots._raw_answers([zone(*groups), zone(*groups)]) == [raw, raw]


def test_the_whole_way_of_an_fse(desk: ProgramsDesk) -> None:
    """Certified by the secretary, signed by the nurse, put into a lot and a file, sent, answered."""
    desk.bench.insert_ps(SECRETARY, cpe=True)
    partial = secured(desk, with_dre(invoice(A)))
    desk.bench.insert_ps()
    passed = zone(*(document_group(each) for each in partial))
    final = desk.program().call(SECURISER_FACTURE, zone=passed)
    documents = [each for each in final.groups if isinstance(each, HeldDocument)]
    assert [each.state for each in documents] == ["FINAL", "FINAL"]
    found = desk.program().call(FORMATER_LOT, zones=final.zones)
    files = files_in(desk.elsewhere().call(FORMATER_FICHIER, zone=b"".join(found.zones)))
    inside = [fse for _, raw in files for lot in read_file(raw).lots for fse in lot.contents]
    assert inside == [each.content for each in documents]
    for _, raw in files:
        verify_file(read_file(raw), ANCHORS)
    arls = [compose(header.identity, digest(raw)) for header, raw in files]
    told = desk.elsewhere().call(TRADUIRE_ARL, zones=arls)
    assert [each.accepted for each in told.groups if isinstance(each, FileAnswer)] == [True, True]
    assert states(desk) == [LedgerState.TRANSMITTED] * 2
