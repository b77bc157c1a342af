"""Logging in to a mail server by name and password, in UTF-8.

Source: RFC 4954; RFC 4616 (PLAIN), RFC 2195 (CRAM-MD5).
"""

from __future__ import annotations

import hmac
import smtplib
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Final

from tla_sim.host.sending.errors import LoginRefused, SendFailed
from tla_sim.host.sending.mail_answers import Stage, failure
from tla_sim.protocol.sentence import Sentence

Answer = tuple[int, bytes]

_DONE: Final = (235, 503)
"""The codes for a login that succeeded, and for one that was done already."""
_ANOTHER_WAY: Final = (504, 534)
"""The codes for a refused mechanism, after which the next one may succeed."""
_GO_ON: Final = 334


def log_in(server: smtplib.SMTP, place: str, user: str, password: str) -> None:
    """Log in by the first mechanism that both ends know, trying the next only where the server asks for it.

    Raises `LoginRefused`, `MailLater`, `SendFailed`.
    """
    offered = server.esmtp_features.get("auth", "").upper().split()
    ways = [name for name in _MECHANISMS if name in offered]
    if not ways:
        known = ", ".join(offered) or Sentence("no mechanism")
        raise LoginRefused(
            "Mail server {place} offers no login by password; it offers {known}",
            "Give no user name, or the port where programs log in (587 or 465)",
            place=place,
            known=known,
        )
    code, text = 0, b""
    try:
        for name in ways:
            code, text = _MECHANISMS[name](server, user, password)
            if code in _DONE:
                return
            if code not in _ANOTHER_WAY:
                break
    except smtplib.SMTPServerDisconnected:
        raise SendFailed(
            "Mail server {place} closed the connection on the login of {user}",
            "Check the user name and the password; nothing was sent",
            place=place,
            user=user,
        ) from None
    refused = failure(Stage.LOGIN, code, text, user)
    if isinstance(refused, LoginRefused) and not (user + password).isascii():
        refused.action = Sentence(
            "Check the user name and the password; not every server takes accents in them"
        )
    raise refused


def _plain(server: smtplib.SMTP, user: str, password: str) -> Answer:
    told = _encode(f"\0{user}\0{password}".encode())
    answer = server.docmd("AUTH", "PLAIN " + told)
    return server.docmd(told) if answer[0] == _GO_ON else answer


def _login(server: smtplib.SMTP, user: str, password: str) -> Answer:
    answer = server.docmd("AUTH", "LOGIN")
    for told in (user, password):
        if answer[0] == _GO_ON:
            answer = server.docmd(_encode(told.encode()))
    return answer


def _cram_md5(server: smtplib.SMTP, user: str, password: str) -> Answer:
    answer = server.docmd("AUTH", "CRAM-MD5")
    if answer[0] != _GO_ON:
        return answer
    try:
        challenge = b64decode(answer[1], validate=True)
    except ValueError:
        return -1, answer[1]
    proof = hmac.new(password.encode(), challenge, "md5").hexdigest()
    return server.docmd(_encode(f"{user} {proof}".encode()))


def _encode(data: bytes) -> str:
    return b64encode(data).decode()


_MECHANISMS: Final[dict[str, Callable[[smtplib.SMTP, str, str], Answer]]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram_md5,
}
