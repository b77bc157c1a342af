"""Sending once, whatever is cut; the answer, and what is rejected rectified."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.desk_kit import ANCHORS, Desk, open_desk
from tests.mail_server import Mailbox, certificate, mail_server
from tla_sim.host.desk.certification import certify_documents
from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.lists import DeskList, desk_lines, rejected_lines
from tla_sim.host.desk.marks import (
    bill_degraded,
    bill_secured,
    held_documents,
    held_invoice,
    held_lines,
    marked_documents,
)
from tla_sim.host.desk.rectification import rectify
from tla_sim.host.ledger.desk_model import FileState, Rights
from tla_sim.host.ledger.errors import LedgerFull
from tla_sim.host.ledger.files import file_lines
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.practice.problem import BadValue
from tla_sim.host.round.outbox import STAGED, Outbox, OutboxConflict
from tla_sim.host.sending.arl import Rejection, compose, parse_arl, read_arl, take_arl
from tla_sim.host.sending.errors import BadMailAddress, FileRefused, SendFailed, SendUncertain
from tla_sim.host.sending.lot_file import read_file, verify_file
from tla_sim.host.sending.mail_route import MailRoute
from tla_sim.host.sending.send import (
    file_content,
    file_name,
    file_state,
    give_to_program,
    message_id,
    send_by_mail,
    send_to_folder,
    settle,
    waiting,
)
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.cast.people import NURSE

A, B = "190305001", "190305002"
NEW = "190306001"
IN_DOUBT = (FileState.SENDING,)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "out")


def made(desk: Desk, *numbers: str, dre: bool = False) -> str:
    """One file of FSEs, its identity."""
    for number in numbers or (A,):
        desk.secured(number, dre=dre)
    return next(each.identity for each in desk.files().files if each.kind is DocumentKind.FSE)


def route(box: Mailbox, **options: object) -> MailRoute:
    return MailRoute("127.0.0.1", box.port, "cabinet@example.org", "cpam@example.org", **options)  # type: ignore[arg-type]


def states(desk: Desk) -> dict[str, LedgerState]:
    return {each.number: each.state for each in desk.ledger.documents() if each.kind is DocumentKind.FSE}


def test_a_file_goes_into_a_folder_once(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk)
    sent = send_to_folder(desk.ledger, identity, outbox)
    assert (sent.documents, waiting(desk.ledger)) == (1, ())
    assert (outbox.directory / file_name(identity)).read_bytes() == file_content(desk.ledger, identity)
    assert states(desk) == {A: LedgerState.TRANSMITTED}
    with pytest.raises(DeskRefused, match="left already"):
        send_to_folder(desk.ledger, identity, outbox)


def test_a_cut_between_the_folder_and_the_note_is_finished_by_running_again(
    desk: Desk, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = made(desk)

    def cut(*_: object) -> None:
        raise LedgerFull("ledger")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "record_left", cut)
        with pytest.raises(LedgerFull):
            send_to_folder(desk.ledger, identity, outbox)
    assert file_state(desk.ledger, identity)[0] is FileState.SENDING
    assert states(desk) == {A: LedgerState.COMPLETE}
    before = (outbox.directory / file_name(identity)).stat().st_ino
    send_to_folder(desk.ledger, identity, outbox)
    assert (outbox.directory / file_name(identity)).stat().st_ino == before
    assert states(desk) == {A: LedgerState.TRANSMITTED}


def test_a_file_taken_out_of_the_folder_before_it_is_noted_is_not_put_there_again(
    desk: Desk, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = made(desk)

    def taken_and_cut(*_: object) -> None:
        (outbox.directory / file_name(identity)).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "record_left", taken_and_cut)
        with pytest.raises(KeyboardInterrupt):
            send_to_folder(desk.ledger, identity, outbox)
    send_to_folder(desk.ledger, identity, outbox)
    assert list(outbox.directory.iterdir()) == []
    assert states(desk) == {A: LedgerState.TRANSMITTED}


def test_a_cut_before_the_file_has_its_name_is_finished_there_and_nowhere_else(
    desk: Desk, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = made(desk)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "release", cut)
        with pytest.raises(KeyboardInterrupt):
            send_to_folder(desk.ledger, identity, outbox)
    assert [each.suffix for each in outbox.directory.iterdir()] == [STAGED]
    other = Outbox(tmp_path / "other")
    with mail_server(Mailbox()) as box:
        for again in (False, True):
            with pytest.raises(DeskRefused, match="half way into") as refused:
                send_by_mail(desk.ledger, identity, route(box), again=again)
            assert str(outbox.directory) in refused.value.message
    with pytest.raises(DeskRefused, match="half way into"):
        send_to_folder(desk.ledger, identity, other)
    assert (box.raw, list(other.directory.iterdir())) == ([], [])
    send_to_folder(desk.ledger, identity, outbox)
    assert [each.name for each in outbox.directory.iterdir()] == [file_name(identity)]


def test_what_a_cut_sending_staged_goes_once_its_file_has_left(
    desk: Desk, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, content = made(desk), b"another ledger's"

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "writing", cut)
        with pytest.raises(KeyboardInterrupt):
            send_to_folder(desk.ledger, first, outbox)
    foreign = outbox.stage(file_name("0123456789abcdef"), content)
    assert len(list(outbox.list_staged())) == 2
    send_to_folder(desk.ledger, first, outbox)
    names = {each.name for each in outbox.directory.iterdir()}
    assert names == {file_name(first), foreign.name}, "another ledger's may be half way"


def test_two_programs_at_once_send_it_once(
    desk: Desk, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = made(desk)
    stage = Outbox.stage
    other = Outbox(tmp_path / "other")

    def overtaken(self: Outbox, name: str, content: bytes) -> Path:
        monkeypatch.setattr(Outbox, "stage", stage)
        staged = self.stage(name, content)
        with Ledger.open(Path(desk.ledger.path)) as second:
            send_to_folder(second, identity, other)
        return staged

    monkeypatch.setattr(Outbox, "stage", overtaken)
    with pytest.raises(DeskRefused, match="Another program"):
        send_to_folder(desk.ledger, identity, outbox)
    assert list(outbox.directory.iterdir()) == []
    assert len(list(other.directory.iterdir())) == 1


def test_two_programs_at_once_mail_it_once(desk: Desk, tmp_path: Path) -> None:
    identity = made(desk)
    other = Outbox(tmp_path / "other")

    class Overtaken(Mailbox):
        async def handle_RCPT(self, *arguments: Any) -> str:
            with Ledger.open(Path(desk.ledger.path)) as second:
                send_to_folder(second, identity, other)
            return await super().handle_RCPT(*arguments)

    box = Overtaken()
    with mail_server(box), pytest.raises(DeskRefused, match="Another program"):
        send_by_mail(desk.ledger, identity, route(box))
    assert box.raw == []
    assert states(desk) == {A: LedgerState.TRANSMITTED}


def test_another_file_of_that_name_is_not_written_over(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk)
    (outbox.directory / file_name(identity)).write_bytes(b"another")
    with pytest.raises(OutboxConflict):
        send_to_folder(desk.ledger, identity, outbox)


def test_mail_arrives_and_its_attachment_reads_back(desk: Desk) -> None:
    identity = made(desk, A, B)
    with mail_server(Mailbox()) as box:
        send_by_mail(desk.ledger, identity, route(box))
    (message,) = box.messages
    assert message["Message-ID"] == message_id(identity)
    (attachment,) = [each for each in message.walk() if each.get_filename()]
    assert attachment.get_filename() == file_name(identity)
    content = attachment.get_payload(decode=True)
    assert isinstance(content, bytes)
    (lot,) = verify_file(read_file(content), ANCHORS)
    assert [each.id.number for each in lot.documents] == [A, B]
    assert box.encrypted == [False]
    assert states(desk) == {A: LedgerState.TRANSMITTED, B: LedgerState.TRANSMITTED}
    with pytest.raises(DeskRefused, match="left already"):
        send_by_mail(desk.ledger, identity, route(box))


def test_tls_is_used_where_it_is_offered_and_carries_the_login(desk: Desk, tmp_path: Path) -> None:
    identity = made(desk)
    tls, trusted = certificate(tmp_path)
    with mail_server(Mailbox(), tls, login=True) as box:
        way = route(box, authorities=trusted, need_tls=True, username="cabinet", password="p4ss")
        send_by_mail(desk.ledger, identity, way)
    assert (box.encrypted, box.logins) == ([True], [(b"cabinet", b"p4ss")])
    assert "p4ss" not in repr(way)


def test_a_certificate_that_nobody_vouches_for_ends_it_before_anything_is_said(
    desk: Desk, tmp_path: Path
) -> None:
    identity = made(desk)
    tls, _ = certificate(tmp_path)
    with mail_server(Mailbox(), tls) as box, pytest.raises(SendFailed, match="cannot be trusted"):
        send_by_mail(desk.ledger, identity, route(box))
    assert (box.raw, waiting(desk.ledger)) == ([], (identity,))
    assert file_lines(desk.ledger)[0].state is FileState.TO_SEND


@pytest.mark.parametrize("options", [{"need_tls": True}, {"username": "cabinet", "password": "x"}])
def test_no_password_and_nothing_that_needs_tls_goes_without(desk: Desk, options: dict[str, object]) -> None:
    identity = made(desk)
    with mail_server(Mailbox()) as box, pytest.raises(SendFailed, match="offers no TLS"):
        send_by_mail(desk.ledger, identity, route(box, **options))


@pytest.mark.parametrize(
    "box", [Mailbox(rcpt="550 no such user"), Mailbox(data="554 too much health data")], ids=["RCPT", "DATA"]
)
def test_a_server_that_says_no_leaves_the_file_to_be_sent(desk: Desk, box: Mailbox) -> None:
    identity = made(desk)
    with mail_server(box), pytest.raises(SendFailed, match=r"refuse.*(550 no such|554 too much)"):
        send_by_mail(desk.ledger, identity, route(box))
    assert file_lines(desk.ledger)[0].state is FileState.TO_SEND
    with mail_server(Mailbox()) as good:
        send_by_mail(desk.ledger, identity, route(good))
    assert len(good.raw) == 1


def test_a_wrong_login_sends_nothing(desk: Desk, tmp_path: Path) -> None:
    identity = made(desk)
    tls, trusted = certificate(tmp_path)
    with mail_server(Mailbox(), tls, login=True) as box:
        way = route(box, authorities=trusted, username="cabinet", password="wrong")
        with pytest.raises(SendFailed, match="refuses the login of cabinet"):
            send_by_mail(desk.ledger, identity, way)
    assert box.raw == []


def test_no_server_no_name_and_no_address_are_told_in_a_sentence(desk: Desk) -> None:
    identity = made(desk)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for host, recipient in (("127.0.0.1", "cpam@example.org"), ("no.such.host.invalid", "cpam@example.org")):
        with pytest.raises(SendFailed, match="cannot be used"):
            send_by_mail(desk.ledger, identity, MailRoute(host, port, "a@b", recipient))
    for bad in ("cpam", "a@b\r\nRCPT TO:<evil@example.org>", ""):
        with pytest.raises(BadMailAddress, match="not a mail address"):
            send_by_mail(desk.ledger, identity, MailRoute("127.0.0.1", port, "a@b", bad))


def test_a_server_that_talks_no_smtp_is_a_failed_sending(desk: Desk) -> None:
    identity = made(desk)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def babble() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.sendall(b"SSH-2.0-OpenSSH\r\n")

        talker = threading.Thread(target=babble)
        talker.start()
        with pytest.raises(SendFailed):
            send_by_mail(
                desk.ledger, identity, MailRoute("127.0.0.1", listening.getsockname()[1], "a@b", "c@d")
            )
        talker.join()


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_server_that_drops_after_data_leaves_a_doubt_that_the_message_identity_settles(
    desk: Desk, drop: str
) -> None:
    identity = made(desk)
    box = Mailbox(drop=drop)
    with mail_server(box):
        with pytest.raises(SendUncertain, match="may have arrived") as doubt:
            send_by_mail(desk.ledger, identity, route(box))
        assert message_id(identity) in doubt.value.action
        assert [each.identity for each in file_lines(desk.ledger, states=IN_DOUBT)] == [identity]
        with pytest.raises(SendUncertain):
            send_by_mail(desk.ledger, identity, route(box))
        box.drop = ""
        send_by_mail(desk.ledger, identity, route(box), again=True)
    assert len(box.raw) == (2 if drop == "after" else 1)
    assert len(set(box.raw)) == 1, "it is the same message to the byte"
    assert len(box.messages) == 1
    assert states(desk) == {A: LedgerState.TRANSMITTED}


def test_a_no_to_the_message_sent_again_leaves_the_doubt(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk)
    box = Mailbox(drop="after")
    with mail_server(box), pytest.raises(SendUncertain):
        send_by_mail(desk.ledger, identity, route(box))
    for no in (Mailbox(data="554 no"), Mailbox(rcpt="550 no")):
        with mail_server(no), pytest.raises((SendUncertain, SendFailed), match=r"55[04] no"):
            send_by_mail(desk.ledger, identity, route(no), again=True)
        assert file_state(desk.ledger, identity)[0] is FileState.SENDING
    with pytest.raises(SendUncertain):
        send_to_folder(desk.ledger, identity, outbox)


def test_what_is_in_doubt_keeps_nothing_else_back(desk: Desk) -> None:
    doubtful = made(desk)
    with mail_server(Mailbox(drop="after")) as box, pytest.raises(SendUncertain):
        send_by_mail(desk.ledger, doubtful, route(box))
    fresh = made(desk, B)
    assert waiting(desk.ledger) == (fresh, doubtful)


def test_a_cut_between_the_servers_yes_and_the_note_is_seen(
    desk: Desk, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = made(desk)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with mail_server(Mailbox()) as box:
        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "record_left", cut)
            with pytest.raises(KeyboardInterrupt):
                send_by_mail(desk.ledger, identity, route(box))
        with pytest.raises(SendUncertain):
            send_by_mail(desk.ledger, identity, route(box))
        with pytest.raises(SendUncertain):
            send_to_folder(desk.ledger, identity, outbox)
    assert len(box.raw) == 1
    settle(desk.ledger, identity, arrived=True)
    assert states(desk) == {A: LedgerState.TRANSMITTED}
    with pytest.raises(DeskRefused):
        settle(desk.ledger, identity, arrived=False)


def test_what_did_not_arrive_can_be_sent_afresh(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk)
    with mail_server(Mailbox(drop="before")) as box, pytest.raises(SendUncertain):
        send_by_mail(desk.ledger, identity, route(box))
    settle(desk.ledger, identity, arrived=False)
    assert send_to_folder(desk.ledger, identity, outbox).documents == 1


def answer(desk: Desk, identity: str, *rejected: str, kind: DocumentKind = DocumentKind.FSE) -> bytes:
    refused = [DocumentId(NURSE, number, kind) for number in rejected]
    refusals = [Rejection(each, "R01", "Droits non ouverts") for each in refused]
    return compose(identity, digest(file_content(desk.ledger, identity)), refusals)


def test_an_arl_takes_in_and_rejects_and_is_read_twice_without_harm(
    desk: Desk, outbox: Outbox, tmp_path: Path
) -> None:
    identity = made(desk, A, B)
    send_to_folder(desk.ledger, identity, outbox)
    path = tmp_path / "arl.json"
    path.write_bytes(answer(desk, identity, B))
    taken = read_arl(desk.ledger, path)
    assert (taken.accepted, [each.document.number for each in taken.rejected], taken.known) == (1, [B], False)
    assert read_arl(desk.ledger, path).known
    assert file_state(desk.ledger, identity)[0] is FileState.ACKNOWLEDGED
    assert [(line.number, code, reason) for line, code, reason in rejected_lines(desk.ledger)] == [
        (B, "R01", "Droits non ouverts")
    ]
    path.write_bytes(answer(desk, identity, A))
    with pytest.raises(DeskRefused, match="Another answer"):
        read_arl(desk.ledger, path)


def test_a_whole_file_can_be_rejected(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk, A, B)
    send_to_folder(desk.ledger, identity, outbox)
    refusal = compose(identity, digest(file_content(desk.ledger, identity)), (), ("F09", "Illisible"))
    assert len(take_arl(desk.ledger, parse_arl(refusal)).rejected) == 2
    assert file_state(desk.ledger, identity)[0] is FileState.REJECTED


def test_an_arl_settles_a_sending_in_doubt(desk: Desk) -> None:
    identity = made(desk)
    with mail_server(Mailbox(drop="after")) as box, pytest.raises(SendUncertain):
        send_by_mail(desk.ledger, identity, route(box))
    take_arl(desk.ledger, parse_arl(answer(desk, identity)))
    assert file_state(desk.ledger, identity)[0] is FileState.ACKNOWLEDGED
    assert states(desk) == {A: LedgerState.TRANSMITTED}


def test_a_file_given_to_a_program_is_in_doubt_until_its_arl_comes(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk)
    (content,) = give_to_program(desk.ledger, [identity])
    assert content == file_content(desk.ledger, identity)
    assert [each.way for each in file_lines(desk.ledger, states=IN_DOUBT)] == ["program"]
    assert states(desk) == {A: LedgerState.COMPLETE}, "it is not known to have left"
    assert give_to_program(desk.ledger, [identity]) == (content,)
    with pytest.raises(SendUncertain, match="given to a program"):
        send_to_folder(desk.ledger, identity, outbox)
    box = Mailbox()
    for again in (False, True):
        with mail_server(box), pytest.raises(SendUncertain, match="given to a program"):
            send_by_mail(desk.ledger, identity, route(box), again=again)
    assert not box.raw
    take_arl(desk.ledger, parse_arl(answer(desk, identity)))
    assert states(desk) == {A: LedgerState.TRANSMITTED}
    assert file_state(desk.ledger, identity)[0] is FileState.ACKNOWLEDGED
    with pytest.raises(DeskRefused, match="left already"):
        give_to_program(desk.ledger, [identity])


def test_a_program_that_did_not_send_its_file_leaves_it_to_others(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk)
    give_to_program(desk.ledger, [identity])
    settle(desk.ledger, identity, arrived=False)
    send_to_folder(desk.ledger, identity, outbox)
    assert states(desk) == {A: LedgerState.TRANSMITTED}


def test_what_is_half_way_or_unknown_is_given_to_no_program(desk: Desk) -> None:
    identity = made(desk)
    box = Mailbox(drop="after")
    with mail_server(box), pytest.raises(SendUncertain):
        send_by_mail(desk.ledger, identity, route(box))
    other = made(desk, B)
    for refused, words in ((identity, "half way by mail"), ("0" * 16, "knows no file")):
        with pytest.raises(TlaError, match=words):
            give_to_program(desk.ledger, [other, refused])
    assert file_state(desk.ledger, other)[0] is FileState.TO_SEND


def test_arls_that_fit_nothing_change_nothing(desk: Desk, outbox: Outbox, tmp_path: Path) -> None:
    identity = made(desk)
    good = answer(desk, identity)
    with pytest.raises(DeskRefused, match="never sent"):
        take_arl(desk.ledger, parse_arl(good))
    send_to_folder(desk.ledger, identity, outbox)
    for raw, problem in (
        (compose("0" * 16, bytes(32)), "knows no file"),
        (compose("../../etc/passwd", bytes(32)), "knows no file"),
        (compose(identity, bytes(32)), "answers another file"),
        (answer(desk, identity, B), "not in file"),
        (good[:-40], "not an ARL"),
        (good[:-1] + b"\xe9}", "not an ARL: it holds byte E9 .* Windows-1252"),
        (b"\x89PNG\r\n\x1a\n", "not an ARL: it holds a PNG image"),
        (good.replace(b'"accepted"', b'"perhaps"'), "not an ARL"),
        (b"[]", "not an ARL"),
        (json.dumps({"format": "tla-arl", "version": 2}).encode(), "not an ARL"),
    ):
        with pytest.raises(FileRefused, match=problem):
            take_arl(desk.ledger, parse_arl(raw))
    with pytest.raises(FileRefused, match="cannot be read"):
        read_arl(desk.ledger, tmp_path / "missing.json")
    assert file_state(desk.ledger, identity)[0] is FileState.SENT


def test_what_was_rejected_is_rectified_once_and_sent_again_under_a_new_number(
    desk: Desk, outbox: Outbox
) -> None:
    identity = made(desk, A, B)
    send_to_folder(desk.ledger, identity, outbox)
    with pytest.raises(DeskRefused, match="was not rejected"):
        rectify(desk.ledger, B, NEW, date(2019, 3, 6))
    take_arl(desk.ledger, parse_arl(answer(desk, identity, B)))
    with pytest.raises(DeskRefused, match="exists"):
        rectify(desk.ledger, B, A, date(2019, 3, 6))
    documents = rectify(desk.ledger, B, NEW, date(2019, 3, 6))
    named = held_invoice(desk.ledger, NEW).identification
    assert (named.rectified_number, named.rectified_on) == (B, date(2019, 3, 5))
    assert rectify(desk.ledger, B, NEW, date(2019, 3, 6)) == documents
    with pytest.raises(DeskRefused, match=f"rectified by {NEW} already"):
        rectify(desk.ledger, B, "190306002", date(2019, 3, 6))
    assert rejected_lines(desk.ledger) == []
    certify_documents(desk.client, desk.ledger, ANCHORS, documents)
    (again,) = desk.files().files
    send_to_folder(desk.ledger, again.identity, outbox)
    (lot,) = verify_file(read_file(file_content(desk.ledger, again.identity)), ANCHORS)
    assert [each.id.number for each in lot.documents] == [NEW]
    with pytest.raises(DeskRefused, match="has left already"):
        desk.files([B])


@pytest.mark.parametrize("number", ["1234567890", "19030600", "", "19030600x", "١٩٠٣٠٦٠٠١", " 190306001"])
def test_a_number_that_is_none_is_refused_before_anything_is_written(desk: Desk, number: str) -> None:
    before = desk.ledger.documents()
    with pytest.raises(BadValue, match=r"the new invoice's number: found .* expected an invoice number of 9"):
        rectify(desk.ledger, A, number, date(2019, 3, 6))
    assert desk.ledger.documents() == before


@pytest.mark.parametrize(
    ("made_on", "expected"),
    [
        (date(2019, 3, 4), "the new invoice's date: found 2019-03-04, expected 2019-03-05 or later"),
        (date(1970, 1, 1), "the new invoice's date: found 1970-01-01, expected 2019-03-05 or later"),
    ],
)
def test_a_rectifying_invoice_is_not_older_than_the_one_it_rectifies(
    desk: Desk, outbox: Outbox, made_on: date, expected: str
) -> None:
    identity = made(desk)
    send_to_folder(desk.ledger, identity, outbox)
    take_arl(desk.ledger, parse_arl(answer(desk, identity, A)))
    with pytest.raises(BadValue, match=expected):
        rectify(desk.ledger, A, NEW, made_on)
    assert len(rejected_lines(desk.ledger)) == 1
    assert rectify(desk.ledger, A, NEW, date(2019, 3, 5))


def test_a_corrected_invoice_whose_dates_are_out_of_order_is_named(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk)
    send_to_folder(desk.ledger, identity, outbox)
    take_arl(desk.ledger, parse_arl(answer(desk, identity, A)))
    old = held_invoice(desk.ledger, A)
    acts = (replace(old.acts[0], performed_on=date(2019, 3, 7)), *old.acts[1:])
    named = replace(old.identification, invoice_number=NEW)
    corrected = replace(old, identification=named, acts=acts)
    with pytest.raises(
        BadValue, match=r"acts\[0\].date of invoice .*: found 2019-03-07, expected 2019-03-05"
    ):
        rectify(desk.ledger, A, NEW, date(2019, 3, 6), corrected=corrected)
    assert len(rejected_lines(desk.ledger)) == 1


def test_only_the_rejected_one_of_fse_and_dre_is_made_again(desk: Desk, outbox: Outbox) -> None:
    identity = made(desk, A, dre=True)
    (dre,) = [each.identity for each in file_lines(desk.ledger) if each.kind is DocumentKind.DRE]
    for each in (identity, dre):
        send_to_folder(desk.ledger, each, outbox)
    take_arl(desk.ledger, parse_arl(answer(desk, dre, A, kind=DocumentKind.DRE)))
    assert [each.kind for each in rectify(desk.ledger, A, NEW, date(2019, 3, 6))] == [DocumentKind.DRE]
    assert [each.kind for each in held_documents(desk.ledger, held_lines(desk.ledger, NEW))] == [
        DocumentKind.DRE
    ]
    (line,) = desk_lines(desk.ledger, DeskList.DRE_TO_SECURE)
    assert (line.number, line.total) == (NEW, 6_248)
    assert [desk_lines(desk.ledger, each) for each in list(DeskList)[:4]].count([]) == 3
    assert file_lines(desk.ledger) == []


@pytest.mark.parametrize("rejected", list(DocumentKind))
def test_what_was_accepted_is_not_made_again_by_billing_the_rectifying_invoice_otherwise(
    desk: Desk, outbox: Outbox, rejected: DocumentKind
) -> None:
    made(desk, A, dre=True)
    files = {each.kind: each.identity for each in file_lines(desk.ledger)}
    for each in files.values():
        send_to_folder(desk.ledger, each, outbox)
    take_arl(desk.ledger, parse_arl(answer(desk, files[rejected], A, kind=rejected)))
    rectify(desk.ledger, A, NEW, date(2019, 3, 6))
    held = held_invoice(desk.ledger, NEW)
    exported = replace(
        held, identification=replace(held.identification, rectified_number="", rectified_on=None)
    )
    for invoice in (held, exported):
        for documents in (
            bill_degraded(desk.ledger, invoice, Rights.ADR),
            bill_secured(desk.ledger, invoice),
        ):
            assert [each.kind for each in documents] == [rejected]
            assert documents[0].invoice.identification.rectified_number == A
            assert [each.kind for each in held_lines(desk.ledger, NEW)] == [rejected]


def test_a_rectifying_invoice_that_makes_nothing_of_what_was_rejected_is_refused_and_not_left_out(
    desk: Desk, outbox: Outbox
) -> None:
    made(desk, A, dre=True)
    (dre,) = [each.identity for each in file_lines(desk.ledger) if each.kind is DocumentKind.DRE]
    send_to_folder(desk.ledger, dre, outbox)
    take_arl(desk.ledger, parse_arl(answer(desk, dre, A, kind=DocumentKind.DRE)))
    rectify(desk.ledger, A, NEW, date(2019, 3, 6))
    held = held_invoice(desk.ledger, NEW)
    without = replace(held, coverage=replace(held.coverage, third_party_amc=False))
    attempts: tuple[Callable[[], object], ...] = (
        lambda: bill_degraded(desk.ledger, without, Rights.ADR),
        lambda: bill_secured(desk.ledger, without),
        lambda: marked_documents(desk.ledger, [without], to_load=True),
    )
    for attempt in attempts:
        with pytest.raises(DeskRefused, match=f"Invoice {NEW} makes no DRE, which is .* rejected of {A}"):
            attempt()
    assert held_invoice(desk.ledger, NEW) == held


def test_a_dre_rejected_after_its_fse_was_rectified_is_seen_and_made_under_the_same_number(
    desk: Desk, outbox: Outbox
) -> None:
    fse = made(desk, A, dre=True)
    (dre,) = [each.identity for each in file_lines(desk.ledger) if each.kind is DocumentKind.DRE]
    for each in (fse, dre):
        send_to_folder(desk.ledger, each, outbox)
    take_arl(desk.ledger, parse_arl(answer(desk, fse, A)))
    certify_documents(desk.client, desk.ledger, ANCHORS, rectify(desk.ledger, A, NEW, date(2019, 3, 6)))
    send_to_folder(desk.ledger, desk.files().files[0].identity, outbox)
    take_arl(desk.ledger, parse_arl(answer(desk, dre, A, kind=DocumentKind.DRE)))
    assert [(line.number, line.kind) for line, _, _ in rejected_lines(desk.ledger)] == [(A, DocumentKind.DRE)]
    rectify(desk.ledger, A, NEW, date(2019, 3, 9))
    assert rejected_lines(desk.ledger) == []
    assert [each.state for each in held_lines(desk.ledger, NEW)] == [
        LedgerState.TRANSMITTED,
        LedgerState.PREPARED,
    ]


def test_a_rectification_cut_short_is_done_by_running_it_again(
    desk: Desk, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = made(desk)
    send_to_folder(desk.ledger, identity, outbox)
    take_arl(desk.ledger, parse_arl(answer(desk, identity, A)))
    prepare = Ledger.prepare

    def cut(self: Ledger, documents: Any) -> int:
        prepare(self, documents)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "prepare", cut)
        with pytest.raises(KeyboardInterrupt):
            rectify(desk.ledger, A, NEW, date(2019, 3, 6))
    assert len(rejected_lines(desk.ledger)) == 1
    assert len(rectify(desk.ledger, A, NEW, date(2019, 3, 6))) == 1
    assert rejected_lines(desk.ledger) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 16, "0" * 15])
def test_no_identity_is_a_path(name: str) -> None:
    with pytest.raises(FileRefused):
        file_name(name)
