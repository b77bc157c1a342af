"""Lots, files, sending, recipients' answers and rectifying over HTTP."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.mail_server import Mailbox, mail_server
from tests.tools.web.bench_kit import TestClient
from tests.tools.web.practice.files_kit import (
    BYTES,
    FIRST,
    READER,
    ROOT,
    SECOND,
    THIRD,
    Practice,
    arl,
    sent_content,
)
from tests.tools.web.surgery.bench_kit import NURSE, do, insert_ps, plug
from tla_sim.host.round.outbox import Outbox, OutboxUnusable
from tla_sim.host.sending.send import message_id
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.people import CODE, DAY, WRONG_CODE
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.bench import Bench
from tla_sim.tools.web.surgery.work import Action

NOBODY = "0123456789abcdef"


@pytest.fixture
def reader(reader: RunningReader) -> RunningReader:
    plug(reader)
    insert_ps(reader, "PIQURE2969")
    return reader


@pytest.fixture
def practice(client: TestClient, reader: RunningReader) -> Practice:
    assert reader
    return Practice(client)


def mail(box: Mailbox, **more: Any) -> dict[str, Any]:
    return {
        "mail": {
            "server": f"127.0.0.1:{box.port}",
            "sender": "cabinet@example.org",
            "to": "cpam@example.org",
            **more,
        }
    }


def interrupted(practice: Practice, identity: str, drop: str = "before") -> Mailbox:
    """Send a file to a server that goes away at the wrong moment."""
    box = Mailbox(drop=drop)
    with mail_server(box):
        refused = practice.send(identity, mail(box), 409)
    assert (refused["code"], refused["category"]) == ("send-uncertain", "uncertain")
    return box


def test_what_is_ready_is_told_by_recipient_and_owner_and_the_rest_with_its_reason(
    practice: Practice,
) -> None:
    practice.bill(FIRST, SECOND)
    told = practice.get("lots")
    assert told["ready"] == [
        {
            "recipient": "CPAM - DEMONSTRATION",
            "owner": NURSE,
            "owner_name": "PIQURE2969 MAYA",
            "kind": "fse",
            "count": 2,
            "total": 15_620 + 62_480,
            "signs": True,
        }
    ]
    assert (told["held_back"], told["problem"]) == ([], None)
    practice.post("../surgery/load", {"reader": READER})
    (loaded,) = (each for each in practice.get("lots")["held_back"] if each["owner"] == NURSE)
    assert loaded["state"] == "loaded"
    assert loaded["reason"] == "In a reader: to be certified there, then unloaded"


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ("", "No PS card in the reader"),
        ("ACCUEIL4242", "The card of ACCUEIL4242 ANNE is not entitled to sign lots"),
        ("TOUBIB", "What is ready belongs to PIQURE2969 MAYA, not to TOUBIB PAUL"),
    ],
)
def test_why_no_lot_can_be_made_is_told_before_a_code_is_asked_for(
    practice: Practice, reader: RunningReader, card: str, problem: str
) -> None:
    nothing = practice.get("lots")["problem"]
    assert (nothing["code"], nothing["detail"]) == ("nothing-to-do", "Nothing is ready to be put into lots")
    practice.bill(FIRST)
    do(reader, lambda control: control.remove(Slot.PS))
    if card:
        insert_ps(reader, card)
    told = practice.get("lots", reader=READER)
    assert told["problem"]["detail"] == problem
    assert [each["signs"] for each in told["ready"]] == [False]


def test_lots_are_made_by_the_cards_owner_and_give_one_file_a_recipient(
    practice: Practice, bench: Bench
) -> None:
    practice.bill(FIRST, SECOND)
    changes = bench.surgery.changes
    (file,) = practice.make_lots(numbers=[FIRST])["files"]
    assert bench.surgery.changes > changes
    assert (file["recipient"], file["lots"], file["documents"], file["total"]) == (
        "CPAM - DEMONSTRATION",
        1,
        1,
        15_620,
    )
    (listed,) = practice.get("lists/5")["files"]
    assert (listed["identity"], listed["state"]) == (file["identity"], "to-send")
    made = practice.make_lots()
    assert [each["documents"] for each in made["files"]] == [1]
    assert practice.make_lots()["files"] == []
    assert practice.get("lots")["ready"] == []


def test_a_card_that_signs_no_lots_is_refused_before_its_code_is_tried(
    practice: Practice, reader: RunningReader
) -> None:
    practice.bill(FIRST)
    insert_ps(reader, "ACCUEIL4242")
    refused = practice.make_lots(409)
    assert refused["detail"] == "The card of ACCUEIL4242 ANNE is not entitled to sign lots"
    insert_ps(reader, "PIQURE2969")
    assert practice.make_lots(409, code=WRONG_CODE)["code"] == "status-error"
    refused = practice.make_lots(404, numbers=[SECOND])
    assert SECOND in refused["detail"]
    assert practice.get("lots")["ready"][0]["count"] == 1, "nothing was put into a lot"


def test_a_look_into_a_file_shows_lots_documents_pieces_and_history(practice: Practice) -> None:
    identity = practice.make_file(FIRST, SECOND)
    told = practice.get(f"files/{identity}")
    assert [(each["number"], each["degraded"], each["documents"]) for each in told["lots"]] == [(1, True, 2)]
    assert [each["state"] for each in told["events"]] == ["to-send"]
    assert (told["doubt"], told["under_way"], told["name"]) == (None, False, f"tla-{identity}.zip")
    window = practice.get(f"files/{identity}/documents", start=1, limit=1)
    assert (window["count"], [each["number"] for each in window["documents"]]) == (2, [FIRST])
    (document,) = window["documents"]
    assert (document["patient"], document["total"], document["answered"]) == ("MARTIN PAUL", 15_620, "")
    assert practice.post(f"files/{identity}/check", None) == {"lots": 1, "documents": 2, "pieces": 0}


def test_a_file_is_downloaded_and_does_nothing_in_a_browser(practice: Practice) -> None:
    identity = practice.make_file(FIRST)
    answer = practice.client.get(f"{ROOT}/files/{identity}/content")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="tla-{identity}.zip"'
    assert "sandbox" in answer.headers["content-security-policy"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert json.loads(archive.read("file.json"))["identity"] == identity


@pytest.mark.parametrize("identity", [NOBODY, "0" * 16])
@pytest.mark.parametrize("what", ["", "/documents", "/content"])
def test_a_file_that_the_ledger_does_not_have_is_not_there(
    practice: Practice, identity: str, what: str
) -> None:
    answer = practice.client.get(f"{ROOT}/files/{identity}{what}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-lot-file")


@pytest.mark.parametrize(
    "identity",
    [
        "..%2f..%2fledger",
        "%2e%2e%2f%2e%2e%2f%2e%2e",
        "ledger.db",
        "0123456789ABCDEF",
        "0123456789abcdef0",
        "0123456789abcde%00",
        "0123456789abcde\u0663",
    ],
)
def test_no_identity_is_a_path(practice: Practice, tmp_path: Path, identity: str) -> None:
    for method, what in (("GET", ""), ("GET", "/content"), ("POST", "/send"), ("POST", "/settle")):
        order = {"folder": str(tmp_path)} if what == "/send" else {"arrived": True}
        answer = practice.client.request(method, f"{ROOT}/files/{identity}{what}", json=order)
        assert answer.status_code in (400, 404, 405), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_sent_into_a_folder_once(practice: Practice, tmp_path: Path) -> None:
    identity = practice.make_file(FIRST)
    content = practice.client.get(f"{ROOT}/files/{identity}/content").content
    assert practice.send(identity, {"folder": str(tmp_path)}) == {
        "identity": identity,
        "way": "folder",
        "documents": 1,
    }
    assert [each.name for each in tmp_path.iterdir()] == [f"tla-{identity}.zip"]
    assert sent_content(tmp_path, identity) == content
    (listed,) = practice.get("lists/sent")["files"]
    assert (listed["state"], listed["way"]) == ("sent", "folder")
    assert practice.get(f"files/{identity}")["events"][-1]["detail"] == str(tmp_path)
    again = practice.send(identity, {"folder": str(tmp_path)}, 409)
    assert again["detail"] == f"File {identity} has left already"


@pytest.mark.parametrize(
    ("folder", "detail"),
    [
        ("", "is not the whole path of a folder"),
        ("outbox", "is not the whole path of a folder"),
        ("./outbox", "is not the whole path of a folder"),
        ("{here}/../elsewhere", "is not the whole path of a folder"),
        ("{here}/a\nb", "is not the whole path of a folder"),
        ("{here}/missing", "There is no folder"),
        ("{here}/file.txt", "There is no folder"),
        ("{here}/" + "x" * 300, "There is no folder"),
    ],
)
def test_a_folder_that_is_none_is_refused_with_its_sentence(
    practice: Practice, tmp_path: Path, folder: str, detail: str
) -> None:
    identity = practice.make_file(FIRST)
    (tmp_path / "file.txt").write_text("no folder")
    refused = practice.send(identity, {"folder": folder.format(here=tmp_path)}, 400)
    assert (refused["code"], detail in refused["detail"]) == ("folder-refused", True)
    assert refused["translations"]["fr"]["detail"] != refused["detail"]
    assert practice.state(identity) == "to-send"
    assert [each.name for each in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_that_takes_no_file_is_named_without_the_name_of_a_part(practice: Practice) -> None:
    identity = practice.make_file(FIRST)
    refused = practice.send(identity, {"folder": "/proc/self/fd"}, 400)
    assert refused["code"] == "outbox-unusable"
    assert refused["detail"].startswith("/proc/self/fd: ")
    assert practice.state(identity) == "to-send"


def test_a_file_of_another_content_in_the_folder_is_left_alone(practice: Practice, tmp_path: Path) -> None:
    identity = practice.make_file(FIRST)
    other = tmp_path / f"tla-{identity}.zip"
    other.write_bytes(b"another")
    assert practice.send(identity, {"folder": str(tmp_path)}, 400)["code"] == "outbox-conflict"
    assert other.read_bytes() == b"another"
    assert practice.state(identity) == "to-send"


def test_a_file_is_sent_by_mail(practice: Practice) -> None:
    identity = practice.make_file(FIRST)
    box = Mailbox()
    with mail_server(box):
        assert practice.send(identity, mail(box))["way"] == "mail"
    (message,) = box.messages
    assert (message["To"], message["X-TLA-File"]) == ("cpam@example.org", identity)
    assert practice.state(identity) == "sent"


def test_a_password_is_in_no_answer_and_no_log(
    practice: Practice, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "sesame-8061"
    identity = practice.make_file(FIRST)
    login = {"user": "cabinet", "password": secret}
    heard = []

    def ask(status: int, order: dict[str, Any]) -> str:
        answer = practice.send(identity, order, status)
        heard.append(json.dumps(answer))
        return str(answer.get("code"))

    with mail_server(Mailbox()) as box:
        assert ask(409, mail(box, **login)) == "server-untrusted", "not without TLS"
        assert ask(400, mail(box, user="cabinet")) == "no-password"
        assert ask(400, mail(box, **login, passwort=secret)) == "bad-request"
        assert ask(400, mail(box, user="cabinet", password=[secret])) == "bad-request"
        assert ask(400, mail(box, user="cabinet", password=secret * 99)) == "bad-request"
        assert ask(400, {**mail(box, **login), "folder": "/"}) == "bad-request"
    with bench.surgery.open_ledger() as ledger:
        heard += [str(each) for each in ledger.events()]
    heard.append(json.dumps(practice.get(f"files/{identity}")))
    assert secret not in "".join(heard) + caplog.text


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"server": "not a server"}, "bad-mail-server"),
        ({"sender": "nobody"}, "bad-mail-address"),
        ({"to": "x@y\r\nBcc: z@example.org"}, "bad-mail-address"),
        ({"need_tls": True}, "server-untrusted"),
    ],
)
def test_a_mail_that_cannot_be_sent_leaves_the_file_to_be_sent(
    practice: Practice, more: dict[str, Any], code: str
) -> None:
    identity = practice.make_file(FIRST)
    with mail_server(Mailbox()) as box:
        refused = practice.client.post(f"{ROOT}/files/{identity}/send", json=mail(box, **more)).json()
    assert refused["code"] == code
    assert (box.raw, practice.state(identity)) == ([], "to-send")


def test_a_file_in_doubt_says_what_is_known_and_is_not_sent_until_it_is_settled(
    practice: Practice, tmp_path: Path
) -> None:
    identity = practice.make_file(FIRST)
    interrupted(practice, identity)
    told = practice.get(f"files/{identity}")
    assert (told["file"]["state"], told["doubt"]["again"], told["doubt"]["folder"]) == ("sending", True, None)
    assert message_id(identity) in told["doubt"]["advice"]
    with mail_server(Mailbox()) as box:
        assert practice.send(identity, mail(box), 409)["code"] == "send-uncertain"
        assert practice.send(identity, {"folder": str(tmp_path)}, 409)["code"] == "send-uncertain"
    assert (box.raw, list(tmp_path.iterdir())) == ([], [])


def cut_into(practice: Practice, folder: Path, monkeypatch: pytest.MonkeyPatch, *, released: bool) -> str:
    """Cut the sending of a file into a folder, just before or just after it has got its name."""
    identity = practice.make_file(FIRST)
    release = Outbox.release

    def cut(self: Outbox, staged: Path, name: str) -> bool:
        if released:
            release(self, staged, name)
        raise OutboxUnusable("The power was cut", "Switch it on")

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "release", cut)
        assert practice.send(identity, {"folder": str(folder)}, 400)["code"] == "outbox-unusable"
    return identity


@pytest.mark.parametrize(("released", "known"), [(False, "no program has it"), (True, "no longer there")])
def test_a_file_half_way_into_a_folder_is_finished_there_and_nowhere_else(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, released: bool, known: str
) -> None:
    folder, other = tmp_path / "outbox", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    identity = cut_into(practice, folder, monkeypatch, released=released)
    told = practice.get(f"files/{identity}")
    assert (told["doubt"]["folder"], told["doubt"]["again"]) == (str(folder), False)
    assert known in told["doubt"]["known"]
    assert told["events"][-1]["detail"] == str(folder), "no hidden name"
    assert "half way" in practice.send(identity, {"folder": str(other)}, 409)["detail"]
    assert practice.send(identity, {"folder": str(folder)})["way"] == "folder"
    assert [each.name for each in folder.iterdir()] == [f"tla-{identity}.zip"]
    assert list(other.iterdir()) == []


@pytest.mark.parametrize(("arrived", "state"), [(True, "sent"), (False, "to-send")])
def test_a_person_settles_whether_a_file_arrived(practice: Practice, arrived: bool, state: str) -> None:
    identity = practice.make_file(FIRST)
    nothing = practice.post(f"files/{identity}/settle", {"arrived": arrived}, 409)
    assert "there is nothing to settle" in nothing["detail"]
    interrupted(practice, identity)
    told = practice.post(f"files/{identity}/settle", {"arrived": arrived}, language="fr")
    assert (told["file"]["state"], told["doubt"]) == (state, None)
    assert told["events"][-1]["detail"] == "réglé à la main"
    assert practice.get("home")["lists"][4]["count"] == (0 if arrived else 1)


def test_the_same_message_is_sent_again_when_a_person_wants_it(practice: Practice) -> None:
    identity = practice.make_file(FIRST)
    first = interrupted(practice, identity, "after")
    second = Mailbox()
    with mail_server(second):
        assert practice.send(identity, {**mail(second), "again": True})["way"] == "mail"
    assert [each["Message-ID"] for each in first.messages + second.messages] == [message_id(identity)] * 2
    assert first.raw == second.raw, "byte for byte"


def test_nothing_is_settled_or_sent_while_the_file_is_being_sent(practice: Practice, bench: Bench) -> None:
    identity = practice.make_file(FIRST)
    with bench.surgery.at_desk(Action.SEND, None, identity):
        assert practice.get(f"files/{identity}")["under_way"]
        assert practice.get("home")["work"][0]["file"] == identity
        assert practice.post(f"files/{identity}/settle", {"arrived": False}, 409)["code"] == "surgery-busy"
        assert practice.send(identity, {"folder": "/tmp"}, 409)["code"] == "surgery-busy"
        content = practice.client.get(f"{ROOT}/files/{identity}/content").content
        assert practice.answer(arl(content, identity), 409)["code"] == "surgery-busy"
    assert not practice.get(f"files/{identity}")["under_way"]


def test_an_answer_accepts_and_rejects_document_by_document(practice: Practice, tmp_path: Path) -> None:
    identity = practice.make_file(FIRST, SECOND)
    practice.send(identity, {"folder": str(tmp_path)})
    answer = arl(sent_content(tmp_path, identity), identity, [SECOND])
    told = practice.answer(answer)
    assert told == {
        "identity": identity,
        "recipient": "CPAM - DEMONSTRATION",
        "known": False,
        "accepted": 1,
        "rejected": 1,
        "rejections": [
            {"owner": NURSE, "number": SECOND, "kind": "fse", "code": "R01", "reason": "Droits non ouverts"}
        ],
    }
    assert practice.state(identity) == "acknowledged"
    documents = practice.get(f"files/{identity}/documents")["documents"]
    assert [(each["number"], each["answered"], each["code"]) for each in documents] == [
        (SECOND, "rejected", "R01"),
        (FIRST, "accepted", ""),
    ]
    assert practice.answer(answer)["known"]
    other = arl(sent_content(tmp_path, identity), identity)
    assert practice.answer(other, 409)["detail"] == f"Another answer to file {identity} was read before"


def test_one_answer_read_by_several_at_once_is_taken_once_and_known_to_the_others(
    practice: Practice, tmp_path: Path
) -> None:
    identity = practice.make_file(FIRST, SECOND)
    practice.send(identity, {"folder": str(tmp_path)})
    raw = arl(sent_content(tmp_path, identity), identity, [SECOND])
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda _: practice.answer(raw), range(4)))
    assert sorted(each["known"] for each in taken) == [False, True, True, True]
    assert {(each["accepted"], each["rejected"]) for each in taken} == {(1, 1)}


def test_an_answer_settles_a_doubt(practice: Practice) -> None:
    identity = practice.make_file(FIRST)
    content = practice.client.get(f"{ROOT}/files/{identity}/content").content
    assert "was never sent" in practice.answer(arl(content, identity), 409)["detail"]
    interrupted(practice, identity, "after")
    assert practice.answer(arl(content, identity, refusal=("F9", "Fichier refusé")))["rejected"] == 1
    told = practice.get(f"files/{identity}")
    assert [each["state"] for each in told["events"]] == ["to-send", "sending", "sent", "rejected"]
    assert told["events"][-1]["detail"] == "Fichier refusé"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"no ARL",
        b"[" * 100_000,
        b'{"format": "tla-arl"}',
        b'{"format": "tla-arl", "version": 1e999}',
        b'{"format": "tla-arl", "version": 1, "rejections": "none"}',
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_garbage_is_no_answer_and_says_so(practice: Practice, raw: bytes) -> None:
    refused = practice.answer(raw, 400)
    assert (refused["code"], "This is not an ARL" in refused["detail"]) == ("file-refused", True)


def test_an_answer_to_another_file_changes_nothing(practice: Practice, tmp_path: Path) -> None:
    identity = practice.make_file(FIRST)
    practice.send(identity, {"folder": str(tmp_path)})
    content = sent_content(tmp_path, identity)
    assert "answers another file" in practice.answer(arl(b"other", identity), 400)["detail"]
    assert "knows no file" in practice.answer(arl(content, NOBODY), 400)["detail"]
    assert "which is not in file" in practice.answer(arl(content, identity, [SECOND]), 400)["detail"]
    assert practice.state(identity) == "sent"
    answer = practice.client.post(f"{ROOT}/answers", content=arl(content, identity))
    assert answer.status_code == 415, "only what is declared as plain bytes"


def rejected(practice: Practice, folder: Path, *numbers: str) -> str:
    """Have a recipient reject these invoices; return the identity of their file."""
    identity = practice.make_file(*numbers)
    practice.send(identity, {"folder": str(folder)})
    practice.answer(arl(sent_content(folder, identity), identity, numbers))
    return identity


def test_rejected_invoices_are_rectified_under_the_numbers_proposed(
    practice: Practice, tmp_path: Path
) -> None:
    rejected(practice, tmp_path, FIRST, SECOND)
    assert practice.get("lists/rejected")["count"] == 2
    named = [f"{NURSE}:{FIRST}", f"{NURSE}:{SECOND}"]
    proposed = practice.get("rectifications", invoice=named, made_on="2019-03-05")["invoices"]
    assert [each["new_number"] for each in proposed] == ["190305001", "190305002"]
    done = practice.post("rectify", {"invoices": proposed})["invoices"]
    assert [(each["number"], each["new_number"], each["problem"]) for each in done] == [
        (FIRST, "190305001", None),
        (SECOND, "190305002", None),
    ]
    assert (done[0]["kinds"], done[0]["degraded"], done[0]["made_on"]) == (["fse"], True, "2019-03-05")
    assert practice.get("lists/rejected")["count"] == 0
    summary = practice.get(f"invoices/{NURSE}/190305001")
    assert "190305028" in json.dumps(summary), "it names the one that it rectifies"
    assert (
        practice.get("rectifications", invoice=named[0], made_on="2019-03-05")["invoices"][0]["new_number"]
        == "190305003"
    )


def test_each_invoice_is_rectified_for_itself_and_a_refusal_says_why(
    practice: Practice, tmp_path: Path
) -> None:
    rejected(practice, tmp_path, FIRST)
    order = [
        {"owner": NURSE, "number": THIRD, "new_number": "190305900"},
        {"owner": NURSE, "number": FIRST, "new_number": FIRST},
        {"owner": NURSE, "number": FIRST, "new_number": "190305901", "made_on": "2019-03-01"},
        {"owner": NURSE, "number": FIRST, "new_number": "190305902", "made_on": "2019-03-06"},
        {"owner": NURSE, "number": FIRST, "new_number": "190305903", "made_on": "2019-03-06"},
    ]
    done = practice.post("rectify", {"invoices": order})["invoices"]
    told = [each["problem"] and each["problem"]["code"] for each in done]
    assert told == ["unknown-invoice", "desk-refused", "bad-value", None, "desk-refused"]
    assert "is rectified by 190305902 already" in done[4]["problem"]["detail"]


def test_the_practices_own_invoice_of_the_new_number_is_the_corrected_one(
    practice: Practice, tmp_path: Path
) -> None:
    rejected(practice, tmp_path, FIRST)
    order = [{"owner": NURSE, "number": FIRST, "new_number": THIRD, "made_on": "2019-03-20"}]
    (done,) = practice.post("rectify", {"invoices": order})["invoices"]
    assert (done["from_practice"], done["problem"], done["made_on"]) == (True, None, "2019-02-21")
    documents = practice.get("lists/1", owner=NURSE)["documents"]
    assert [(each["number"], each["total"]) for each in documents] == [(THIRD, 4_640)]


def test_the_work_is_dated_by_the_readers_clock(practice: Practice, tmp_path: Path) -> None:
    identity = rejected(practice, tmp_path, FIRST)
    (proposed,) = practice.get("rectifications", invoice=f"{NURSE}:{FIRST}")["invoices"]
    assert proposed["made_on"] == f"{DAY}"
    assert proposed["new_number"].startswith(f"{DAY:%y%m%d}")
    (file,) = practice.get("lists/sent")["files"]
    events = practice.get(f"files/{identity}")["events"]
    dated = [file["made_at"], file["sent_at"], *(each["at"] for each in events)]
    assert {each[:10] for each in dated} == {f"{DAY}"}
    assert file["sent_at"] == next(each["at"] for each in events if each["state"] == "sent")


def test_codes_typed_for_lots_are_in_no_log(practice: Practice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    practice.make_file(FIRST)
    answer = practice.client.post(f"{ROOT}/lots", json={"reader": READER, "code": [CODE]})
    assert (answer.status_code, CODE in answer.text) == (400, False)
    assert f'"{CODE}"' not in caplog.text
    refused = practice.client.post(f"{ROOT}/answers", content=b"", headers=BYTES)
    assert refused.status_code == 400
