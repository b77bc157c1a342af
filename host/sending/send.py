"""Sending files of lots, into a folder or by e-mail, each once, wherever it is cut.

The ledger records that sending begins before anything can arrive, and that it ended afterwards; only one
program can record the beginning. A cut in between is settled by the file's identity. In a folder the file
waits under a hidden name until the beginning is recorded: still there, it is released; gone, it was released.
By e-mail nothing is sent until the user settles it, by the recipient's ARL or by sending the very same
message again; its Message-ID is made of the identity, so that it is one message however often it arrives.
"""

from __future__ import annotations

import os
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.host.desk.piece_store import PieceStore
from tla_sim.host.ledger.desk_model import GONE_FILES, OPEN_FILES, FileState, HeldFile
from tla_sim.host.ledger.errors import LedgerDamaged
from tla_sim.host.ledger.file_ways import FOLDER, MAIL, PROGRAM
from tla_sim.host.ledger.files import documents_in, held_file, identities, last_detail, step_file
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.sending.errors import FileRefused, SendUncertain
from tla_sim.host.sending.mail_answers import Stage, clean_text, describe_cause, failure, says_no
from tla_sim.host.sending.mail_route import MailRoute, wire_address
from tla_sim.host.sending.mail_session import begin_message, mail_session
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence

SUFFIX: Final = ".zip"
_PREFIX: Final = "tla-"
_DOMAIN: Final = "tla-sim.invalid"
_TAKEN: Final = 250


@dataclass(frozen=True)
class SentFile:
    """A file that left: its identity, the way, and its number of documents."""

    identity: str
    way: str
    documents: int


def file_name(identity: str) -> str:
    """Return a file's name: `tla-0123456789abcdef.zip`.

    Raises `FileRefused` for a malformed identity, so that none can be a path.
    """
    if len(identity) != 16 or any(each not in "0123456789abcdef" for each in identity):
        raise FileRefused("{file!r} names no file", "See which files and lots there are", file=identity)
    return f"{_PREFIX}{identity}{SUFFIX}"


def message_id(identity: str) -> str:
    """Return the Message-ID of a file's message, always the same."""
    return f"<{identity}@{_DOMAIN}>"


def file_content(ledger: Ledger, identity: str) -> bytes:
    """Return the bytes of a file. Raises `FileRefused` when the ledger does not have it, `PieceLost`."""
    return PieceStore(ledger).get(_find_file(ledger, identity).digest)


def waiting(ledger: Ledger) -> tuple[str, ...]:
    """Return the identities of files not known to have been sent, oldest first, those in doubt last."""
    return identities(ledger, OPEN_FILES)


def send_to_folder(ledger: Ledger, identity: str, outbox: Outbox | str | os.PathLike[str]) -> SentFile:
    """Put a file into an outbox, or a directory as one, where programs that transmit pick it up.

    Raises `DeskRefused` when it has left or is half way into another folder, `SendUncertain` when it was
    being mailed, errors of the outbox and of the ledger. Wherever it is cut, the same call finishes it.

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
        # Staged before SENDING is recorded: from then on a staged file that is gone counts as released.
        staged = outbox.stage(name, PieceStore(ledger).get(held.digest))
        try:
            held = _note(ledger, held, FileState.SENDING, FOLDER, str(staged))
        except DeskRefused:
            outbox.discard(staged)
            raise
    outbox.release(staged, name)
    sent = _record_left(ledger, held, FOLDER, str(outbox.directory))
    _clear(ledger, outbox)
    return sent


def _clear(ledger: Ledger, outbox: Outbox) -> None:
    """Delete what cut sendings staged of files that have left since.

    Only those: a file that another ledger knows, or that is half way, may still have to be released.
    """
    for name, staged in outbox.list_staged():
        identity = name.removeprefix(_PREFIX).removesuffix(SUFFIX)
        file = held_file(ledger, identity)
        if file is not None and file.state in GONE_FILES:
            outbox.discard(staged)


def _half_way(ledger: Ledger, held: HeldFile, outbox: Outbox) -> Path:
    """Return where a file was staged when its way into the folder was cut.

    Raises `SendUncertain`, `DeskRefused`.
    """
    if held.way != FOLDER:
        raise _doubt(held)
    staged = staged_path(ledger, held)
    if staged.parent != outbox.directory.absolute():
        raise DeskRefused(
            "File {file} is half way into {directory}",
            "Finish that first",
            file=held.identity,
            directory=staged.parent,
        )
    return staged


def staged_path(ledger: Ledger, held: HeldFile) -> Path:
    """Return where a file was staged that is half way into a folder. Raises `LedgerDamaged`."""
    path = last_detail(ledger, held, FileState.SENDING)
    if path is None:
        raise LedgerDamaged(
            ledger.path, Sentence("the beginning of sending file {file} is missing", file=held.identity)
        )
    return Path(path)


def send_by_mail(ledger: Ledger, identity: str, route: MailRoute, *, again: bool = False) -> SentFile:
    """Send a file as the attachment of an e-mail.

    `again` sends the same message once more when it is not known whether it arrived. Raises `DeskRefused`
    when it has left or is half way into a folder; `SendFailed` when the server was not reached or refused,
    and nothing arrived (its subclasses say why: `MailLater`, `LoginRefused`, `MailTooBig` and others);
    `SendUncertain` when the server went away after it had the message, or an earlier run was cut there;
    `BadMailAddress`, `BadMailServer`, `BadMailLogin`.

        >>> # A mail server listens on this machine's `port`; `file` was made by make_lots.
        >>> route = tla_sim.MailRoute("localhost", port, "cabinet@example.org", "caisse@example.org")
        >>> tla_sim.send_by_mail(ledger, file.identity, route).documents
        1
    """
    for address in (route.sender, route.recipient):
        wire_address(address)
    held = _to_send(ledger, identity)
    if held.state is FileState.SENDING:
        _check_again(ledger, held, again)
    content = PieceStore(ledger).get(held.digest)
    message = mail_message(held.identity, content, held.recipient, held.made_at, route)
    with mail_session(route) as server:
        begin_message(server, route, message)
        begun = _note(ledger, held, FileState.SENDING, MAIL)
        _deliver(ledger, held, begun, server, message)
        return _record_left(ledger, begun, MAIL, f"{route.recipient}, {message_id(identity)}")


def _check_again(ledger: Ledger, held: HeldFile, again: bool) -> None:
    if held.way == FOLDER:
        folder = staged_path(ledger, held).parent
        raise DeskRefused(
            "File {file} is half way into {directory}",
            "Finish that first",
            file=held.identity,
            directory=folder,
        )
    if not again or held.way == PROGRAM:
        raise _doubt(held)


def _deliver(ledger: Ledger, before: HeldFile, begun: HeldFile, server: smtplib.SMTP, message: bytes) -> None:
    body_left = True
    try:
        code, text = server.data(message)
    except smtplib.SMTPDataError as error:
        body_left = False
        code, text = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
    except (OSError, smtplib.SMTPException) as error:
        raise _uncertain(begun.identity, Sentence(" ({reason})", reason=describe_cause(error))) from None
    if body_left and code == _TAKEN:
        return
    if body_left and not says_no(code):
        raise _uncertain(
            begun.identity, Sentence(" (the server answered {code} {text})", code=code, text=clean_text(text))
        )
    raise _take_back(ledger, before, begun, code, text)


def _take_back(ledger: Ledger, before: HeldFile, begun: HeldFile, code: int, text: bytes) -> TlaError:
    """Put a file that the server refused back into its former state, doubt included; return the error."""
    why = f"{code} {clean_text(text)}"
    if before.state is FileState.SENDING:
        return SendUncertain(
            "The mail server refused the message: {why}; an earlier one may still have arrived",
            _how_to_settle(begun.identity),
            why=why,
        )
    _note(ledger, begun, before.state, "", why)
    return failure(Stage.MESSAGE, code, text, begun.identity)


def mail_message(identity: str, content: bytes, recipient: str, made_at: str, route: MailRoute) -> bytes:
    """Return the message that carries a file, the same bytes each time."""
    sender, addressee = wire_address(route.sender), wire_address(route.recipient)
    mail = EmailMessage(policy=SMTP if (sender + addressee).isascii() else SMTPUTF8)
    mail["From"] = sender
    mail["To"] = addressee
    mail["Subject"] = Sentence("Fichier {file} pour {recipient}", file=identity, recipient=recipient)
    mail["Date"] = format_datetime(datetime.fromisoformat(made_at))
    mail["Message-ID"] = message_id(identity)
    mail["X-TLA-File"] = identity
    mail.set_content(
        Sentence(
            "Fichier {file} pour {recipient}, {size} octets.\n",
            file=identity,
            recipient=recipient,
            size=len(content),
        )
    )
    mail.add_attachment(content, maintype="application", subtype="zip", filename=file_name(identity))
    mail.set_boundary(f"tla-{identity}")
    return mail.as_bytes()


def give_to_program(ledger: Ledger, identities: Iterable[str]) -> tuple[bytes, ...]:
    """Return the bytes of files for another program to send, once it is noted that this may happen.

    The files are not known to have been sent: their ARLs prove it, or the user notes it. Until then they are
    given to a program again, and sent in no other way. Raises `DeskRefused` when one has left or is half way
    in another way, `FileRefused` for an unknown one, `PieceLost`; nothing was noted then.
    """
    files = [_to_send(ledger, each) for each in identities]
    for held in files:
        if held.state is FileState.SENDING and held.way != PROGRAM:
            raise DeskRefused(
                "File {file} is half way by {way}",
                "See which files and lots there are",
                file=held.identity,
                way=held.way,
            )
    contents = tuple(PieceStore(ledger).get(held.digest) for held in files)
    with ledger.writing():
        for held in files:
            if held.state is not FileState.SENDING:
                _step(ledger, held, FileState.SENDING, PROGRAM, "")
    return contents


def settle(ledger: Ledger, identity: str, *, arrived: bool) -> None:
    """Record by hand whether a file whose sending was cut arrived.

    Raises `DeskRefused` for any other file.
    """
    held = _find_file(ledger, identity)
    if held.state is not FileState.SENDING:
        raise DeskRefused(
            "File {file} is {state}; there is nothing to settle",
            "Leave it",
            file=identity,
            state=held.state.name,
        )
    if arrived:
        _record_left(ledger, held, held.way, Sentence("settled by hand"))
    else:
        _note(ledger, held, FileState.TO_SEND, "", Sentence("settled by hand"))


def record_arrival(ledger: Ledger, identity: str, detail: str) -> None:
    """Record that a file whose sending was cut did arrive, as its recipient answered."""
    held = _find_file(ledger, identity)
    if held.state is FileState.SENDING:
        _record_left(ledger, held, held.way, detail)


def file_state(ledger: Ledger, identity: str) -> tuple[FileState, bytes]:
    """Return a file's state and its SHA-256. Raises `FileRefused`."""
    held = _find_file(ledger, identity)
    return held.state, held.digest


def _find_file(ledger: Ledger, identity: str) -> HeldFile:
    held = held_file(ledger, identity)
    if held is None:
        raise FileRefused(
            "The ledger knows no file {file!r}", "See which files and lots there are", file=identity[:40]
        )
    return held


def _to_send(ledger: Ledger, identity: str) -> HeldFile:
    held = _find_file(ledger, identity)
    if held.state not in (FileState.TO_SEND, FileState.SENDING):
        raise DeskRefused("File {file} has left already", "It is never sent twice", file=identity)
    return held


def _note(ledger: Ledger, held: HeldFile, state: FileState, way: str, detail: str = "") -> HeldFile:
    """Record that a file went from its held state to another; return the file as it is now.

    Raises `DeskRefused`.
    """
    with ledger.writing():
        _step(ledger, held, state, way, detail)
    return replace(held, state=state, way=way)


def _step(ledger: Ledger, held: HeldFile, state: FileState, way: str, detail: str) -> None:
    """Record a step of a file's life unless another program took one meanwhile. Raises `DeskRefused`."""
    if not step_file(ledger, held, state, way, detail):
        raise DeskRefused(
            "Another program is sending file {file}, or has sent it",
            "See which files and lots there are",
            file=held.identity,
        )


def _record_left(ledger: Ledger, held: HeldFile, way: str, detail: str) -> SentFile:
    """Record in one transaction that a file and its documents have left, and return it."""
    documents = documents_in(ledger, held.identity)
    with ledger.writing():
        _step(ledger, held, FileState.SENT, way, detail)
        ledger.record_left(documents)
    return SentFile(held.identity, way, len(documents))


def _doubt(held: HeldFile) -> SendUncertain:
    """Return the doubt about a file whose sending was begun by mail or by a program."""
    if held.way != PROGRAM:
        return _uncertain(held.identity)
    return SendUncertain(
        "File {file} was given to a program, which may have sent it",
        "Read its ARL, or note whether it arrived",
        file=held.identity,
    )


def _uncertain(identity: str, why: str = "") -> SendUncertain:
    return SendUncertain(
        "File {file} was being sent when the exchange ended{why}; it may have arrived",
        _how_to_settle(identity),
        file=identity,
        why=why,
    )


def _how_to_settle(identity: str) -> str:
    return Sentence(
        "Ask the recipient for Message-ID {identity}, then send it again (the same message)"
        " or note whether it arrived; or read its ARL",
        identity=message_id(identity),
        file=identity,
    )
