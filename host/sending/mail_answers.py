"""The meaning of a mail server's answers for the sender: run it again later, or correct something.

Source: RFC 5321 §4.2 (reply codes), RFC 3463 (enhanced codes), RFC 4954 §6 (login).
"""

from __future__ import annotations

import re
import smtplib
import socket
from enum import Enum, auto
from typing import Final

from tla_sim.host.sending.errors import (
    LoginRefused,
    MailLater,
    MailRefused,
    MailTooBig,
    MessageRefused,
    RecipientRefused,
    SenderRefused,
    SendFailed,
)
from tla_sim.protocol.sentence import Sentence

_ENHANCED: Final = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_LOGIN_WANTED: Final = 530
_STORAGE: Final = (523, 552)
_TOO_BIG: Final = ("5.2.3", "5.3.4")
_MAILBOX_FULL: Final = "5.2.2"
_MOST_SHOWN: Final = 200


class Stage(Enum):
    """The request that the server answered."""

    GREETING = auto()
    LOGIN = auto()
    SENDER = auto()
    RECIPIENT = auto()
    MESSAGE = auto()


def says_no(code: int) -> bool:
    """Return whether an answer is a refusal, temporary or permanent (RFC 5321, 4.2.1).

    Any other leaves a doubt.
    """
    return 400 <= code < 600


def failure(stage: Stage, code: int, text: bytes, subject: str) -> SendFailed:
    """Return the error for a negative answer; `subject` is the server, user or address concerned."""
    said = f"{code} {clean_text(text)}"
    enhanced = _ENHANCED.match(text)
    detail = enhanced[1].decode() if enhanced is not None else ""
    if 400 <= code < 500:
        return MailLater(
            "The mail server cannot take it now: {said}", "Send it again later; nothing was sent", said=said
        )
    if not 500 <= code < 600:
        return SendFailed("The mail server does not speak SMTP: {said}", "Check its name and port", said=said)
    if stage in (Stage.SENDER, Stage.RECIPIENT, Stage.MESSAGE):
        if code == _LOGIN_WANTED:
            return LoginRefused(
                "The mail server wants a login: {said}", "Give a user name and its password", said=said
            )
        if detail == _MAILBOX_FULL:
            return RecipientRefused(
                "The recipient's mailbox is full: {said}", "Tell the recipient", said=said
            )
        if detail in _TOO_BIG or (code in _STORAGE and stage is not Stage.RECIPIENT):
            return MailTooBig(
                "The message is larger than the mail server takes: {said}",
                "Send it by another server, or put the file into a folder",
                said=said,
            )
    return _REFUSALS[stage](said, subject)


def _of_server(said: str, server: str) -> MailRefused:
    return MailRefused(
        "Mail server {server} takes no mail from here: {said}", "Ask its operator", server=server, said=said
    )


def _of_login(said: str, user: str) -> MailRefused:
    action = Sentence("Check the user name and the password")
    if said.startswith("534"):
        action = Sentence("Make a password for programs with its operator, and give that")
    return LoginRefused("The mail server refuses the login of {user}: {said}", action, user=user, said=said)


def _of_sender(said: str, address: str) -> MailRefused:
    return SenderRefused(
        "The mail server refuses the sender {address}: {said}",
        "Give an address that it sends for",
        address=address,
        said=said,
    )


def _of_recipient(said: str, address: str) -> MailRefused:
    action = Sentence("Check the address")
    if "relay" in said.lower():
        action = Sentence(
            "It does not forward to there: log in, or use the server of the practice's own mail"
        )
    return RecipientRefused(
        "The mail server refuses the recipient {address}: {said}", action, address=address, said=said
    )


def _of_message(said: str, _subject: str) -> MailRefused:
    return MessageRefused("The mail server refused the message: {said}", "Ask its operator", said=said)


_REFUSALS: Final = {
    Stage.GREETING: _of_server,
    Stage.LOGIN: _of_login,
    Stage.SENDER: _of_sender,
    Stage.RECIPIENT: _of_recipient,
    Stage.MESSAGE: _of_message,
}


def clean_text(text: bytes) -> str:
    """Return an answer's text made safe to print."""
    said = text.decode("utf-8", "replace").replace("\n", " ")
    return "".join(each for each in said if each.isprintable())[:_MOST_SHOWN]


def describe_cause(error: Exception) -> str:
    """Return in a few words why a connection does not work."""
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        return f"{error.smtp_code} {clean_text(raw if isinstance(raw, bytes) else str(raw).encode())}"
    if isinstance(error, socket.gaierror):
        return Sentence("its name is unknown")
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return Sentence("it does not answer")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Sentence("it closed the connection")
    return str(getattr(error, "strerror", None) or error or type(error).__name__).lower()
