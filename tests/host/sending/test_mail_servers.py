"""Mail servers as there are: how they are named, what they answer, what TLS and login they want."""

from __future__ import annotations

import hmac
import socket
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.desk_kit import Desk, open_desk
from tests.mail_server import Mailbox, certificate, mail_server
from tests.scripted_mail import HANG_UP, SILENCE, Script, scripted_server
from tla_sim.host.ledger.desk_model import FileState
from tla_sim.host.sending import mail_session
from tla_sim.host.sending.errors import (
    BadMailAddress,
    BadMailLogin,
    BadMailServer,
    LoginRefused,
    MailLater,
    MailRefused,
    MailTooBig,
    MessageRefused,
    RecipientRefused,
    SenderRefused,
    SendFailed,
    SendUncertain,
    ServerUntrusted,
)
from tla_sim.host.sending.mail_route import MailRoute, MailServer, wire_address
from tla_sim.host.sending.mail_route import mail_server as named_server
from tla_sim.host.sending.prepared_login import prepare_login
from tla_sim.host.sending.send import file_state, send_by_mail
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.errors import Category

SENDER, RECIPIENT = "cabinet@example.org", "cpam@example.org"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from open_desk(tmp_path)


@pytest.fixture
def identity(desk: Desk) -> str:
    """A file that waits to be sent."""
    desk.secured("190305001")
    return next(each.identity for each in desk.files().files if each.kind is DocumentKind.FSE)


def route(port: int, **options: object) -> MailRoute:
    given = {"host": "127.0.0.1", "sender": SENDER, "recipient": RECIPIENT} | options
    return MailRoute(port=port, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail.example", MailServer("mail.example", 587, None)),
        ("mail.example:25", MailServer("mail.example", 25, None)),
        ("mail.example:465", MailServer("mail.example", 465, None)),
        ("127.0.0.1:2525", MailServer("127.0.0.1", 2525, None)),
        ("[::1]", MailServer("::1", 587, None)),
        ("[::1]:2525", MailServer("::1", 2525, None)),
        ("::1", MailServer("::1", 587, None)),
        ("fe80::1%eth0", MailServer("fe80::1%eth0", 587, None)),
        ("smtps://mail.example", MailServer("mail.example", 465, True)),
        ("SMTPS://mail.example:2465/", MailServer("mail.example", 2465, True)),
        ("smtps://[2001:db8::7]", MailServer("2001:db8::7", 465, True)),
        ("smtp://mail.example:465", MailServer("mail.example", 465, False)),
    ],
)
def test_a_server_is_named_in_any_usual_way(text: str, expected: MailServer) -> None:
    assert named_server(text) == expected


NO_SERVERS = ("", ":25", "mail:", "mail:0", "mail:65536", "mail:x", "http://mail", "[::1", "a b", "me@mail")
NO_HOSTS = ("a" * 250, "..", "é..x")
"""What `socket` could not even look up."""


@pytest.mark.parametrize("text", [*NO_SERVERS, *NO_HOSTS])
def test_what_names_no_server_is_a_sentence(text: str) -> None:
    with pytest.raises(BadMailServer):
        named_server(text)


def test_a_login_that_is_written_before_a_server_is_not_told() -> None:
    with pytest.raises(BadMailServer, match=r"'mail\.example'") as caught:
        named_server("me:TOP-SECRET@mail.example")
    assert "TOP-SECRET" not in str(caught.value)


@given(st.text())
def test_no_text_is_more_than_a_bad_name(text: str) -> None:
    for read, wrong in ((named_server, BadMailServer), (wire_address, BadMailAddress)):
        try:
            read(text)
        except wrong:
            continue
    try:
        assert prepare_login(prepare_login(text)) == prepare_login(text)
    except BadMailLogin:
        return


def test_tls_begins_at_once_on_port_465_and_where_that_is_said() -> None:
    assert [route(port).begins_with_tls for port in (25, 465, 587)] == [False, True, False]
    assert route(465, tls_at_once=False).begins_with_tls is False
    assert route(2525, tls_at_once=True).begins_with_tls is True


def test_addresses_travel_composed_and_their_domain_in_ascii() -> None:
    assert wire_address("he\u0301le\u0300ne@me\u0301decins.example") == "hélène@xn--mdecins-bya.example"
    assert wire_address("a.b+c@example.org") == "a.b+c@example.org"
    for bad in ("hélène", "hélène @example.org", "a@b@", "é<x>@b", "x@" + "é" * 80 + ".example", "‮x@b"):
        with pytest.raises(BadMailAddress):
            wire_address(bad)


def test_logins_are_prepared_as_sasl_asks() -> None:
    assert prepare_login("IX") == prepare_login("I\u00adX") == prepare_login("\u2168") == "IX"
    assert prepare_login("motdépasse") == prepare_login("motde\u0301passe")
    assert prepare_login("a\u00a0b") == "a b"
    for bad in ("\x07", "\0", "\u06271", "\ue000"):
        with pytest.raises(BadMailLogin):
            prepare_login(bad)


def test_an_accent_in_user_and_password_is_sent_in_utf_8(desk: Desk, identity: str, tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path)
    with mail_server(Mailbox(), tls, login=True) as box:
        send_by_mail(
            desk.ledger, identity, route(box.port, authorities=trusted, username="rené", password="été€")
        )
    assert box.logins == [("rené".encode(), "été€".encode())]


def test_a_login_that_cannot_be_made_connects_nowhere(desk: Desk, identity: str) -> None:
    with scripted_server(Script()) as script:
        with pytest.raises(BadMailLogin, match="password has a character"):
            send_by_mail(desk.ledger, identity, route(script.port, username="x", password="a\x07"))
        assert script.lines == []
        socket.create_connection(("127.0.0.1", script.port)).close()


@pytest.mark.parametrize("tls_at_once", [None, True])
def test_tls_at_once_carries_login_and_message(
    desk: Desk, identity: str, tmp_path: Path, tls_at_once: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = certificate(tmp_path)
    with mail_server(Mailbox(), tls, login=True, at_once=True) as box:
        if tls_at_once is None:
            monkeypatch.setattr("tla_sim.host.sending.mail_route.TLS_PORT", box.port)
        way = route(box.port, authorities=trusted, username="cabinet", password="x", tls_at_once=tls_at_once)
        send_by_mail(desk.ledger, identity, way)
    assert (len(box.raw), box.logins) == (1, [(b"cabinet", b"x")])


def test_ipv6_is_reached_with_brackets_and_without(desk: Desk, identity: str, tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, "::1")
    with mail_server(Mailbox(), tls, host="::1") as box:
        with pytest.raises(ServerUntrusted, match=rf"\[::1\]:{box.port} .*no authority"):
            send_by_mail(desk.ledger, identity, route(box.port, host="::1"))
        send_by_mail(desk.ledger, identity, route(box.port, host="[::1]", authorities=trusted))
    assert len(box.raw) == 1


@pytest.mark.parametrize(
    ("address", "days", "trust", "sentence"),
    [
        ("127.0.0.1", (-1, 1), False, "no authority"),
        ("127.0.0.1", (-9, -1), True, "has expired"),
        ("127.0.0.1", (1, 9), True, "not valid yet"),
        ("127.0.0.2", (-1, 1), True, r"not for 127\.0\.0\.1"),
    ],
)
@pytest.mark.parametrize("at_once", [False, True])
def test_what_is_wrong_with_a_certificate_is_named(
    desk: Desk,
    identity: str,
    tmp_path: Path,
    address: str,
    days: tuple[int, int],
    trust: bool,
    sentence: str,
    at_once: bool,
) -> None:
    tls, trusted = certificate(tmp_path, address, days=days)
    with mail_server(Mailbox(), tls, at_once=at_once) as box:
        way = route(box.port, authorities=trusted if trust else None, tls_at_once=at_once)
        with pytest.raises(ServerUntrusted, match=f"cannot be trusted: .*{sentence}"):
            send_by_mail(desk.ledger, identity, way)
    assert file_state(desk.ledger, identity)[0] is FileState.TO_SEND


def test_tls_at_once_where_it_does_not_begin_and_the_other_way_round(
    desk: Desk, identity: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(Mailbox()) as box, pytest.raises(ServerUntrusted, match="does not begin with TLS"):
        send_by_mail(desk.ledger, identity, route(box.port, tls_at_once=True))
    monkeypatch.setattr(mail_session, "_SECONDS", 0.5)
    silent = pytest.raises(SendFailed, match="does not greet: it does not answer")
    with scripted_server(Script(greeting=SILENCE)) as script, silent as caught:
        send_by_mail(desk.ledger, identity, route(script.port))
    assert "smtps://" in caught.value.action
    with pytest.raises(BadMailServer, match="holds no authority"):
        send_by_mail(desk.ledger, identity, route(1, authorities=_file(tmp_path / "no.pem")))
    with pytest.raises(BadMailServer, match="cannot be read"):
        send_by_mail(desk.ledger, identity, route(1, authorities=tmp_path / "none.pem"))


def _file(path: Path) -> Path:
    path.write_text("no certificate")
    return path


ANSWERS = [
    ("", "421 too many connections", MailLater, "421"),
    ("", "554 no service here", MailRefused, "takes no mail from here: 554"),
    ("", "SSH-2.0-OpenSSH", SendFailed, "does not speak SMTP"),
    ("EHLO", "421 going down", MailLater, "421"),
    ("MAIL", "421 4.3.2 shutting down", MailLater, "421"),
    ("MAIL", "451 4.7.1 greylisted, try again", MailLater, "451"),
    ("MAIL", "452 4.3.1 insufficient storage", MailLater, "452"),
    ("MAIL", "530 5.7.0 authentication required", LoginRefused, "wants a login"),
    ("MAIL", "550 5.7.1 not your address", SenderRefused, f"refuses the sender {SENDER}"),
    ("MAIL", "552 5.3.4 message too big", MailTooBig, "larger than the mail server takes"),
    ("RCPT", "450 4.2.0 greylisted", MailLater, "450"),
    ("RCPT", "452 4.2.2 mailbox full", MailLater, "452"),
    ("RCPT", "550 5.1.1 user unknown", RecipientRefused, f"refuses the recipient {RECIPIENT}"),
    ("RCPT", "552 5.2.2 over quota", RecipientRefused, "mailbox is full"),
    ("RCPT", "554 5.7.1 relay access denied", RecipientRefused, "refuses the recipient"),
    ("DATA", "451 local error", MailLater, "451"),
    ("DATA", "503 no valid recipients", MessageRefused, "503"),
    (".", "450 4.7.0 try later", MailLater, "450"),
    (".", "454 4.7.0 tls needed for a while", MailLater, "454"),
    (".", "552 5.3.4 too big", MailTooBig, "552"),
    (".", "554 5.7.1 content rejected", MessageRefused, "refused the message: 554"),
    (".", "554-5.7.1 first\r\n554 5.7.1 second", MessageRefused, "first"),
]


@pytest.mark.share(2)
@pytest.mark.parametrize(("word", "answer", "kind", "sentence"), ANSWERS)
def test_an_answer_says_later_or_what_to_correct(
    desk: Desk, identity: str, word: str, answer: str, kind: type[SendFailed], sentence: str
) -> None:
    script = Script({word: answer}) if word else Script(greeting=answer)
    with scripted_server(script), pytest.raises(SendFailed, match=sentence) as caught:
        send_by_mail(desk.ledger, identity, route(script.port))
    assert type(caught.value) is kind
    assert caught.value.category is (Category.REFUSED if issubclass(kind, MailRefused) else Category.LINK)
    assert ("later" in caught.value.action) is (kind is MailLater)
    assert file_state(desk.ledger, identity)[0] is FileState.TO_SEND
    with scripted_server(Script()) as good:
        send_by_mail(desk.ledger, identity, route(good.port))
    assert good.lines.count(".") == 1


@pytest.mark.parametrize("later", ["421 going down", "452 full"])
def test_a_later_to_what_is_in_doubt_leaves_the_doubt(desk: Desk, identity: str, later: str) -> None:
    with scripted_server(Script({".": HANG_UP})) as script, pytest.raises(SendUncertain):
        send_by_mail(desk.ledger, identity, route(script.port))
    for word, kind in (("MAIL", MailLater), (".", SendUncertain)):
        with scripted_server(Script({word: later})) as script, pytest.raises(kind, match=later[:3]):
            send_by_mail(desk.ledger, identity, route(script.port), again=True)
        assert file_state(desk.ledger, identity)[0] is FileState.SENDING


@pytest.mark.parametrize("answer", ["354 what", "251 forwarded", "999 perhaps", "hello"])
def test_what_is_neither_yes_nor_no_to_the_whole_message_leaves_a_doubt(
    desk: Desk, identity: str, answer: str
) -> None:
    for again in (False, True):
        with scripted_server(Script({".": answer})) as script, pytest.raises(SendUncertain, match="answered"):
            send_by_mail(desk.ledger, identity, route(script.port), again=again)
        assert file_state(desk.ledger, identity)[0] is FileState.SENDING
    with pytest.raises(SendUncertain):
        send_by_mail(desk.ledger, identity, route(1))


@pytest.mark.parametrize("answer", ["250 what", "999 perhaps", "hello"])
def test_what_is_no_answer_to_data_leaves_none(desk: Desk, identity: str, answer: str) -> None:
    with scripted_server(Script({"DATA": answer})) as script, pytest.raises(SendFailed, match="SMTP"):
        send_by_mail(desk.ledger, identity, route(script.port))
    assert file_state(desk.ledger, identity)[0] is FileState.TO_SEND


def test_nothing_is_said_to_a_server_after_the_doubt_began(desk: Desk, identity: str) -> None:
    with scripted_server(Script({".": HANG_UP})) as script, pytest.raises(SendUncertain):
        send_by_mail(desk.ledger, identity, route(script.port))
    assert script.lines[-1] == "."


AUTH = "250-here\r\n250 AUTH {}"


def logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Log in without TLS, as a server that a test scripts has none."""
    monkeypatch.setattr(mail_session, "_start_tls", lambda *_: None)


@pytest.mark.parametrize(
    ("offer", "answers", "kind", "sentence"),
    [
        (
            "PLAIN LOGIN",
            {"AUTH": "535 5.7.8 bad credentials"},
            LoginRefused,
            "the login of rené: 535",
        ),
        ("PLAIN", {"AUTH": "454 4.7.0 temporary failure"}, MailLater, "454"),
        ("PLAIN", {"AUTH": "432 password transition"}, MailLater, "432"),
        ("PLAIN", {"AUTH": "534 5.7.9 application password required"}, LoginRefused, "534"),
        ("XOAUTH2 NTLM", {}, LoginRefused, "it offers XOAUTH2, NTLM"),
        ("CRAM-MD5", {"AUTH": "334 no base64!"}, SendFailed, "does not speak SMTP"),
        ("PLAIN", {"AUTH": HANG_UP}, SendFailed, "closed the connection on the login"),
    ],
)
def test_a_login_that_fails_says_why(
    desk: Desk,
    identity: str,
    monkeypatch: pytest.MonkeyPatch,
    offer: str,
    answers: dict[str, str],
    kind: type[SendFailed],
    sentence: str,
) -> None:
    logged_in(monkeypatch)
    script = Script({"EHLO": AUTH.format(offer), **answers})
    with scripted_server(script), pytest.raises(SendFailed, match=sentence) as caught:
        send_by_mail(desk.ledger, identity, route(script.port, username="rené", password="été"))
    assert type(caught.value) is kind
    assert sum(line.startswith("AUTH") for line in script.lines) <= 1, "a wrong password is tried once"
    assert ("accents" in caught.value.action) is (kind is LoginRefused and "AUTH" in answers)


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode()


PLAIN = _coded("\0rené\0été")
PROOF = _coded("rené " + hmac.new("été".encode(), b"<1@here>", "md5").hexdigest())


@pytest.mark.parametrize(
    ("offer", "answers", "said"),
    [
        ("LOGIN PLAIN", {"AUTH": "235 ok"}, [f"AUTH PLAIN {PLAIN}"]),
        (
            "PLAIN",
            {"AUTH": "334 ", PLAIN: "235 ok"},
            [f"AUTH PLAIN {PLAIN}", PLAIN],
        ),
        (
            "LOGIN",
            {"AUTH": "334 VXNlcm5hbWU6", _coded("rené"): "334 UGFzc3dvcmQ6", _coded("été"): "235 ok"},
            ["AUTH LOGIN", _coded("rené"), _coded("été")],
        ),
        (
            "CRAM-MD5",
            {
                "AUTH": f"334 {_coded('<1@here>')}",
                PROOF: "235 ok",
            },
            ["AUTH CRAM-MD5", PROOF],
        ),
    ],
    ids=["PLAIN first", "PLAIN without a first answer", "LOGIN", "CRAM-MD5"],
)
def test_a_login_speaks_what_the_server_offers(
    desk: Desk,
    identity: str,
    monkeypatch: pytest.MonkeyPatch,
    offer: str,
    answers: dict[str, str],
    said: list[str],
) -> None:
    logged_in(monkeypatch)
    with scripted_server(Script({"EHLO": AUTH.format(offer), **answers})) as script:
        send_by_mail(desk.ledger, identity, route(script.port, username="rené", password="été"))
    assert script.lines[1 : 1 + len(said)] == said


def test_a_file_larger_than_the_server_takes_is_found_out_before_it_is_sent(
    desk: Desk, identity: str
) -> None:
    with scripted_server(Script({"EHLO": "250-here\r\n250 SIZE 900"})) as script:
        with pytest.raises(MailTooBig, match="takes at most 900 bytes"):
            send_by_mail(desk.ledger, identity, route(script.port))
        assert [line.partition(" ")[0] for line in script.lines] == ["EHLO", "QUIT"]
    for size in ("SIZE", "SIZE 0", "SIZE none", "SIZE 5000000"):
        with scripted_server(Script({"EHLO": f"250-here\r\n250 {size}", ".": "451 later"})) as script:
            with pytest.raises(MailLater):
                send_by_mail(desk.ledger, identity, route(script.port))
            (begun,) = [line for line in script.lines if line.startswith("MAIL")]
            (length,) = [int(each[5:]) for each in begun.split() if each.startswith("SIZE=")]
            assert length >= sum(len(line) + 2 for line in script.lines[4:-2]) - 2
    with mail_server(Mailbox(), limit=700) as box, pytest.raises(MailTooBig, match="700 bytes"):
        send_by_mail(desk.ledger, identity, route(box.port))
    assert file_state(desk.ledger, identity)[0] is FileState.TO_SEND


def test_addresses_with_accents_go_where_the_server_takes_them(desk: Desk, identity: str) -> None:
    accents = {"sender": "hélène@example.org", "recipient": "réception@médecins.example"}
    with scripted_server(Script()) as script:
        with pytest.raises(SenderRefused, match="takes no address with accents"):
            send_by_mail(desk.ledger, identity, route(script.port, **accents))
        assert script.lines[-1] == "QUIT"
    with mail_server(Mailbox()) as box:
        send_by_mail(desk.ledger, identity, route(box.port, **accents))
    assert "hélène@example.org".encode() in box.raw[0]
    assert "réception@xn--mdecins-bya.example".encode() in box.raw[0]


def test_a_domain_with_accents_needs_nothing_of_the_server(desk: Desk, identity: str) -> None:
    with scripted_server(Script()) as script:
        send_by_mail(desk.ledger, identity, route(script.port, recipient="cpam@médecins.example"))
    assert "RCPT TO:<cpam@xn--mdecins-bya.example>" in script.lines
