"""A session with a mail server, up to the message: connection, TLS, login, sender, recipient."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tla_sim.host.sending.errors import (
    BadMailServer,
    MailTooBig,
    RecipientRefused,
    SenderRefused,
    SendFailed,
    SendUncertain,
    ServerUntrusted,
)
from tla_sim.host.sending.mail_answers import Stage, describe_cause, failure
from tla_sim.host.sending.mail_login import log_in
from tla_sim.host.sending.mail_route import MailRoute, wire_address
from tla_sim.host.sending.prepared_login import prepare_login
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence

_SECONDS: Final = 30.0
_YES: Final = (250, 251)
_OTHER_NAME: Final = (62, 64)
_NOBODY_VOUCHES: Final = (18, 19, 20, 21)
_NOT_YET: Final = 9
_EXPIRED: Final = 10
_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")


@contextmanager
def mail_session(route: MailRoute) -> Iterator[smtplib.SMTP]:
    """Yield a server that waits for a message, logged in if the route says so; end the session properly.

    Raises `BadMailServer` and `BadMailLogin` before connecting; `SendFailed` and its kinds.
    """
    user, password = prepare_login(route.username), prepare_login(route.password)
    context = _tls(route)
    try:
        server = _connect(route, context)
        try:
            if user:
                log_in(server, route.place, user, password)
            yield server
        except TlaError as error:
            if isinstance(error, SendUncertain):
                server.close()
            else:
                _goodbye(server)
            raise
        except BaseException:
            server.close()
            raise
        _goodbye(server)
    except ssl.SSLError as error:
        raise _untrusted(route, error) from None
    except (OSError, smtplib.SMTPException) as error:
        raise SendFailed(
            "Mail server {place} cannot be used: {reason}",
            "Check its name, port and login; nothing was sent",
            place=route.place,
            reason=describe_cause(error),
        ) from None


def begin_message(server: smtplib.SMTP, route: MailRoute, message: bytes) -> None:
    """Announce sender, recipient and size, so that DATA may follow.

    Raises `MailTooBig` before anything is sent if the server states its limit, `MailRefused`, `MailLater`.
    """
    sender, recipient = wire_address(route.sender), wire_address(route.recipient)
    options = []
    if server.has_extn("size"):
        limit = server.esmtp_features["size"]
        if limit.isdigit() and 0 < int(limit) < len(message):
            raise MailTooBig(
                "Mail server {place} takes at most {most} bytes; this message has {size}",
                "Send it by another server, or put the file into a folder",
                place=route.place,
                most=limit,
                size=len(message),
            )
        options.append(f"SIZE={len(message)}")
    if not message.isascii() and server.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    for address, refused in ((sender, SenderRefused), (recipient, RecipientRefused)):
        if not address.isascii() and not server.has_extn("smtputf8"):
            raise refused(
                Sentence(
                    "Mail server {place} takes no address with accents before the @: {address}",
                    place=route.place,
                    address=address,
                ),
                Sentence("Give an address without, or use a server that takes them (SMTPUTF8)"),
            )
    if not (sender + recipient).isascii():
        options.append("SMTPUTF8")
    for stage, address, (code, text) in (
        (Stage.SENDER, route.sender, server.mail(sender, options)),
        (Stage.RECIPIENT, route.recipient, server.rcpt(recipient)),
    ):
        if code not in _YES:
            raise failure(stage, code, text, address)


def _tls(route: MailRoute) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=route.authorities)
    except ssl.SSLError:
        what = Sentence("holds no authority's certificate")
    except OSError as error:
        what = Sentence("cannot be read: {reason}", reason=error.strerror)
    raise BadMailServer(
        "{authorities} {what}",
        "Name the PEM file of the authorities to trust",
        authorities=route.authorities,
        what=what,
    )


def _connect(route: MailRoute, context: ssl.SSLContext) -> smtplib.SMTP:
    """Return a server that was greeted, with TLS if available.

    Raises `SendFailed`, `OSError`, SMTPException.
    """
    host, port, at_once = route.connected_host, route.port, route.begins_with_tls
    try:
        server = (
            smtplib.SMTP_SSL(host, port, "localhost", timeout=_SECONDS, context=context)
            if at_once
            else smtplib.SMTP(host, port, "localhost", timeout=_SECONDS)
        )
    except smtplib.SMTPConnectError as error:
        raise failure(Stage.GREETING, error.smtp_code, _bytes(error), route.place) from None
    except smtplib.SMTPServerDisconnected as error:
        if at_once:
            raise
        raise SendFailed(
            "Mail server {place} does not greet: {reason}",
            "If TLS begins at once there, write smtps:// before its name; nothing was sent",
            place=route.place,
            reason=describe_cause(error),
        ) from None
    try:
        _greet(server)
        if not at_once:
            _start_tls(server, route, context)
    except smtplib.SMTPResponseException as error:
        server.close()
        raise failure(Stage.GREETING, error.smtp_code, _bytes(error), route.place) from None
    except BaseException:
        server.close()
        raise
    return server


def _greet(server: smtplib.SMTP) -> None:
    """Send EHLO, or HELO to a server that does not know it."""
    code, text = server.ehlo()
    if 500 <= code < 600:
        code, text = server.helo()
    if not 200 <= code < 300:
        raise smtplib.SMTPHeloError(code, text)


def _start_tls(server: smtplib.SMTP, route: MailRoute, context: ssl.SSLContext) -> None:
    if server.has_extn("starttls"):
        server.starttls(context=context)
        _greet(server)
    elif route.need_tls or route.username:
        raise ServerUntrusted(
            "{place} offers no TLS, and the mail needs it",
            "Use a server with STARTTLS or smtps://",
            place=route.place,
        )


def _untrusted(route: MailRoute, error: ssl.SSLError) -> ServerUntrusted:
    """Return the error for what is wrong with a server's TLS."""
    if error.reason in _NOT_TLS:
        return ServerUntrusted(
            "Mail server {place} does not begin with TLS",
            "Write smtp:// before its name for STARTTLS, or give the port where TLS begins at once",
            place=route.place,
        )
    host = route.connected_host
    match getattr(error, "verify_code", 0):
        case code if code in _OTHER_NAME:
            why, action = (
                Sentence("its certificate is not for {host}", host=host),
                Sentence("Give the name that stands in its certificate"),
            )
        case code if code in _NOBODY_VOUCHES:
            why = Sentence("no authority that is trusted here vouches for its certificate")
            action = Sentence("If it is the right server, name the file of its authority's certificate")
        case code if code == _EXPIRED:
            why, action = (
                Sentence("its certificate has expired"),
                Sentence("Tell its operator, and check this machine's date"),
            )
        case code if code == _NOT_YET:
            why, action = Sentence("its certificate is not valid yet"), Sentence("Check this machine's date")
        case _:
            unsaid = Sentence("the handshake failed")
            why = Sentence(getattr(error, "verify_message", "") or error.reason or unsaid)
            action = Sentence("Check the server and its authorities")
    return ServerUntrusted(
        "{place} offers TLS that cannot be trusted: {why}", action, place=route.place, why=why
    )


def _goodbye(server: smtplib.SMTP) -> None:
    """Send QUIT; whatever the server does from here on changes nothing."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _bytes(error: smtplib.SMTPResponseException) -> bytes:
    raw = error.smtp_error
    return raw if isinstance(raw, bytes) else str(raw).encode()
