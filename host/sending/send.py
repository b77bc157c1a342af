"""Sending files of lots: into a folder, or as e-mail, each once, whatever is cut in between.

The ledger notes that sending begins before anything can arrive, and that it ended after; only one program
can note the beginning. What is found in between is settled by the file's identity. In a folder the file
waits under a hidden name until the beginning is noted: still there, it is released; gone, it was released. By
e-mail nothing is sent until somebody settles it, by the recipient's ARL, or by sending the very same message
again, whose Message-ID is made of the identity, so that it is one message however often it arrives.
"""

from __future__ import annotations

import os
import re
import smtplib
import socket
import sqlite3
import ssl
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.lists import FileState
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.ledger.errors import LedgerDamaged
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.sending.errors import BadMailAddress, FileRefused, SendFailed, SendUncertain
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.errors import TlaError

SUFFIX: Final = ".zip"
_PREFIX: Final = "tla-"
_ADDRESS: Final = re.compile(r"[!-?A-~]{1,64}@[0-9A-Za-z.\[\]:-]{1,255}")
_DOMAIN: Final = "tla-sim.invalid"
_SECONDS: Final = 30.0
_FOLDER: Final = "folder"
_MAIL: Final = "mail"


@dataclass(frozen=True)
class MailRoute:
    """How mail goes out: server, from whom, to whom, the login if one is wanted, which authorities to trust.

    STARTTLS is used wherever the server offers it; with `need_tls` a server that does not is refused. A
    certificate that does not hold is never passed over.

        >>> tla_sim.MailRoute("mail.example", 587, "cabinet@example.org", "caisse@example.org").need_tls
        False
    """

    host: str
    port: int
    sender: str
    recipient: str
    username: str = ""
    password: str = field(default="", repr=False)
    authorities: Path | None = None
    need_tls: bool = False


@dataclass(frozen=True)
class SentFile:
    """A file that left: its identity, how, and how many documents it took along."""

    identity: str
    way: str
    documents: int


@dataclass(frozen=True)
class _Held:
    """A file as the ledger has it."""

    rowid: int
    identity: str
    state: FileState
    kind: DocumentKind
    recipient: str
    documents: int
    digest: bytes
    made_at: str
    way: str


def file_name(identity: str) -> str:
    """`tla-0123456789abcdef.zip`. Raises FileRefused for what is no identity, so that none is a path."""
    if len(identity) != 16 or any(each not in "0123456789abcdef" for each in identity):
        raise FileRefused(f"{identity!r} names no file", "Look at: tla desk --list 5")
    return f"{_PREFIX}{identity}{SUFFIX}"


def message_id(identity: str) -> str:
    """The Message-ID that a file is sent under, always the same."""
    return f"<{identity}@{_DOMAIN}>"


def file_content(ledger: Ledger, identity: str) -> bytes:
    """The bytes of a file. Raises FileRefused for one that the ledger does not have, PieceLost."""
    return PieceStore(ledger).get(_held(ledger, identity).digest)


def waiting(ledger: Ledger) -> tuple[str, ...]:
    """The identities of the files that are not known to have been sent, oldest first, those in doubt last."""
    rows = ledger.rows("SELECT identity FROM files WHERE state IN (1, 2) ORDER BY state, id")
    return tuple(identity for (identity,) in rows)


def send_to_folder(ledger: Ledger, identity: str, outbox: Outbox | str | os.PathLike[str]) -> SentFile:
    """Put a file into an outbox, or a directory that is one, where programs that transmit take it from.

    Raises DeskRefused for one that left or is half way into another folder, SendUncertain for one that was
    being mailed, errors of the outbox and of the ledger. Cut anywhere, the same call finishes it.

        >>> reader.insert_ps("PIQURE2969")
        >>> reader.insert_vitale("MARTIN")
        >>> card = client.verify_code(reader.code)
        >>> _ = tla_sim.certify(client, ledger, tla_sim.prepared_invoices(practice)[0])
        >>> (file,) = tla_sim.make_lots(client, ledger).files
        >>> tla_sim.send_to_folder(ledger, file.identity, "outbox").documents
        1
    """
    outbox = Outbox.of(outbox)
    held = _to_send(ledger, identity)
    name = file_name(identity)
    if held.state is FileState.SENDING:
        staged = _half_way(ledger, held, outbox)
    else:
        staged = outbox.stage(name, PieceStore(ledger).get(held.digest))
        try:
            held = _note(ledger, held, FileState.SENDING, _FOLDER, str(staged))
        except DeskRefused:
            outbox.discard(staged)
            raise
    outbox.release(staged, name)
    sent = _left(ledger, held, _FOLDER, str(outbox.directory))
    _clear(ledger, outbox)
    return sent


def _clear(ledger: Ledger, outbox: Outbox) -> None:
    """Take away what cut sendings staged of files that have left since.

    Only those: a file that another ledger knows, or that is half way, may still have to be released.
    """
    for name, staged in outbox.staged():
        identity = name.removeprefix(_PREFIX).removesuffix(SUFFIX)
        rows = ledger.rows("SELECT state FROM files WHERE identity = ?", (identity,))
        if rows and rows[0][0] >= FileState.SENT:
            outbox.discard(staged)


def _half_way(ledger: Ledger, held: _Held, outbox: Outbox) -> Path:
    """Where a file waits, or waited, whose way into the folder was cut. Raises SendUncertain, DeskRefused."""
    if held.way != _FOLDER:
        raise _uncertain(held.identity)
    staged = _staged(ledger, held)
    if staged.parent != outbox.directory.absolute():
        raise DeskRefused(
            f"File {held.identity} is half way into {staged.parent}",
            f"Finish that first: tla send --file {held.identity} --out {staged.parent}",
        )
    return staged


def _staged(ledger: Ledger, held: _Held) -> Path:
    rows = ledger.rows(
        "SELECT detail FROM file_events WHERE file = ? AND state = ? ORDER BY id DESC LIMIT 1",
        (held.rowid, int(FileState.SENDING)),
    )
    if not rows:
        raise LedgerDamaged(ledger.path, f"the beginning of sending file {held.identity} is missing")
    return Path(rows[0][0])


def send_by_mail(ledger: Ledger, identity: str, route: MailRoute, *, again: bool = False) -> SentFile:
    """Send a file as the attachment of an e-mail.

    `again` sends the same message once more when it is not known whether it arrived. Raises DeskRefused for
    one that left or is half way into a folder; SendFailed when the server was not reached or said no, and
    nothing arrived; SendUncertain when the server went away after it had the message, or an earlier run was
    cut there; BadMailAddress.

        >>> # A mail server listens on this machine's `port`; `file` was made by make_lots.
        >>> route = tla_sim.MailRoute("localhost", port, "cabinet@example.org", "caisse@example.org")
        >>> tla_sim.send_by_mail(ledger, file.identity, route).documents
        1
    """
    for address in (route.sender, route.recipient):
        if _ADDRESS.fullmatch(address) is None:
            raise BadMailAddress(f"{address!r} is no mail address", "Write it as name@domain")
    held = _to_send(ledger, identity)
    if held.state is FileState.SENDING:
        _check_again(ledger, held, again)
    message = mail_message(
        held.identity, PieceStore(ledger).get(held.digest), held.recipient, held.made_at, route
    )
    try:
        with _connected(route) as server:
            _check(server.mail(route.sender), "the sender")
            _check(server.rcpt(route.recipient), "the recipient")
            begun = _note(ledger, held, FileState.SENDING, _MAIL)
            _deliver(ledger, held, begun, server, message)
            done = _left(ledger, begun, _MAIL, f"{route.recipient}, {message_id(identity)}")
            _goodbye(server)
            return done
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
        raise SendFailed(
            f"{route.host} offers TLS that cannot be trusted: {reason}",
            "Check the server and its authorities",
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise SendFailed(
            f"Mail server {route.host}:{route.port} cannot be used: {_reason(error)}",
            "Check its name, port and login; nothing was sent",
        ) from None


def _check_again(ledger: Ledger, held: _Held, again: bool) -> None:
    if held.way == _FOLDER:
        folder = _staged(ledger, held).parent
        raise DeskRefused(
            f"File {held.identity} is half way into {folder}",
            f"Finish that first: tla send --file {held.identity} --out {folder}",
        )
    if not again:
        raise _uncertain(held.identity)


def _deliver(ledger: Ledger, before: _Held, begun: _Held, server: smtplib.SMTP, message: bytes) -> None:
    try:
        code, text = server.data(message)
    except smtplib.SMTPDataError as error:
        raise _refused(ledger, before, begun, _reason(error)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise _uncertain(begun.identity, f" ({_reason(error)})") from None
    if code != 250:
        raise _refused(ledger, before, begun, f"{code} {_shown(text)}")


def _refused(ledger: Ledger, before: _Held, begun: _Held, why: str) -> TlaError:
    """The server did not take the message: the file is as it was before, its doubt too."""
    if before.state is FileState.SENDING:
        return SendUncertain(
            f"The mail server refused the message: {why}; an earlier one may still have arrived",
            _settling(begun.identity),
        )
    _note(ledger, begun, before.state, "", why)
    return SendFailed(f"The mail server refused the message: {why}", "Ask its operator")


def mail_message(identity: str, content: bytes, recipient: str, made_at: str, route: MailRoute) -> bytes:
    """The message that carries a file, the same bytes each time."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = route.sender
    mail["To"] = route.recipient
    mail["Subject"] = f"Fichier {identity} pour {recipient}"
    mail["Date"] = format_datetime(datetime.fromisoformat(made_at))
    mail["Message-ID"] = message_id(identity)
    mail["X-TLA-File"] = identity
    mail.set_content(f"Fichier {identity} pour {recipient}, {len(content)} octets.\n")
    mail.add_attachment(content, maintype="application", subtype="zip", filename=file_name(identity))
    mail.set_boundary(f"tla-{identity}")
    return mail.as_bytes()


def settle(ledger: Ledger, identity: str, *, arrived: bool) -> None:
    """Say whether a file whose sending was cut arrived. Raises DeskRefused for any other file."""
    held = _held(ledger, identity)
    if held.state is not FileState.SENDING:
        raise DeskRefused(f"File {identity} is {held.state.name}; nothing is to be settled", "Leave it")
    if arrived:
        _left(ledger, held, held.way, "settled by hand")
    else:
        _note(ledger, held, FileState.TO_SEND, "", "settled by hand")


def documents_in(ledger: Ledger, identity: str) -> list[DocumentId]:
    """The documents of a file."""
    rows = ledger.rows(
        "SELECT d.owner, d.number, d.kind FROM files f JOIN lots l ON l.file = f.id"
        " JOIN lot_documents i ON i.lot = l.id JOIN documents d ON d.id = i.document"
        " WHERE f.identity = ? ORDER BY d.owner, d.number, d.kind",
        (identity,),
    )
    return [DocumentId(owner, number, DocumentKind(kind)) for owner, number, kind in rows]


def record_arrival(ledger: Ledger, identity: str, detail: str) -> None:
    """Note that a file whose sending was cut did arrive: its recipient answered."""
    held = _held(ledger, identity)
    if held.state is FileState.SENDING:
        _left(ledger, held, held.way, detail)


def file_state(ledger: Ledger, identity: str) -> tuple[FileState, bytes]:
    """Where a file is, and its SHA-256. Raises FileRefused."""
    held = _held(ledger, identity)
    return held.state, held.digest


def _held(ledger: Ledger, identity: str) -> _Held:
    rows = ledger.rows(
        "SELECT id, identity, state, kind, recipient, documents, digest, made_at, way FROM files"
        " WHERE identity = ?",
        (identity,),
    )
    if not rows:
        raise FileRefused(f"The ledger knows no file {identity[:40]!r}", "Look at: tla desk --list 5")
    row = rows[0]
    return _Held(row[0], row[1], FileState(row[2]), DocumentKind(row[3]), *row[4:])


def _to_send(ledger: Ledger, identity: str) -> _Held:
    held = _held(ledger, identity)
    if held.state not in (FileState.TO_SEND, FileState.SENDING):
        raise DeskRefused(f"File {identity} has left already", "It is never sent twice")
    return held


def _note(ledger: Ledger, held: _Held, state: FileState, way: str, detail: str = "") -> _Held:
    """Note that a file went from where it was held to a state; the file as it is now. Raises DeskRefused."""
    with ledger.writing() as database:
        _step(ledger, database, held, state, way, detail)
    return replace(held, state=state, way=way)


def _step(
    ledger: Ledger, database: sqlite3.Connection, held: _Held, state: FileState, way: str, detail: str
) -> None:
    """One step of a file's life, which no other program may have taken meanwhile. Raises DeskRefused."""
    done = database.execute(
        "UPDATE main.files SET state = ?, way = ? WHERE id = ? AND state = ? AND way = ?",
        (int(state), way, held.rowid, int(held.state), held.way),
    )
    if done.rowcount != 1:
        raise DeskRefused(
            f"Another program is sending file {held.identity}, or has sent it", "Look at: tla desk --list 5"
        )
    database.execute(
        "INSERT INTO main.file_events (file, state, at, detail) VALUES (?, ?, ?, ?)",
        (held.rowid, int(state), ledger.moment, detail),
    )


def _left(ledger: Ledger, held: _Held, way: str, detail: str) -> SentFile:
    """File and documents have left: one transaction."""
    documents = documents_in(ledger, held.identity)
    with ledger.writing() as database:
        _step(ledger, database, held, FileState.SENT, way, detail)
        ledger.record_left(documents)
    return SentFile(held.identity, way, len(documents))


def _uncertain(identity: str, why: str = "") -> SendUncertain:
    return SendUncertain(
        f"File {identity} was being sent when the exchange ended{why}; it may have arrived",
        _settling(identity),
    )


def _settling(identity: str) -> str:
    return (
        f"Ask the recipient for Message-ID {message_id(identity)}, then: tla send --file {identity} with"
        " --again (the same message), --arrived or --not-arrived; or read its ARL"
    )


def _connected(route: MailRoute) -> smtplib.SMTP:
    server = smtplib.SMTP(route.host, route.port, timeout=_SECONDS, local_hostname="localhost")
    try:
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context(cafile=route.authorities))
            server.ehlo()
        elif route.need_tls or route.username:
            raise SendFailed(
                f"{route.host} offers no TLS, and the mail needs it", "Use a server with STARTTLS"
            )
        if route.username:
            _log_in(server, route)
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, route: MailRoute) -> None:
    try:
        server.login(route.username, route.password)
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPServerDisconnected, smtplib.SMTPNotSupportedError):
        raise SendFailed(
            f"{route.host} refuses the login of {route.username}", "Check the password"
        ) from None


def _check(answer: tuple[int, bytes], whom: str) -> None:
    code, text = answer
    if code not in (250, 251):
        raise SendFailed(f"The mail server refuses {whom}: {code} {_shown(text)}", "Check the address")


def _goodbye(server: smtplib.SMTP) -> None:
    """The message is delivered: what the server does now changes nothing."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _shown(text: bytes) -> str:
    return "".join(each for each in text.decode("utf-8", "replace") if each.isprintable())[:200]


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        return f"{error.smtp_code} {_shown(raw if isinstance(raw, bytes) else str(raw).encode())}"
    if isinstance(error, socket.gaierror):
        return "its name is unknown"
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it closed the connection"
    return str(getattr(error, "strerror", None) or error or type(error).__name__).lower()
