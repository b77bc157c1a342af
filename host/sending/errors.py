"""Why nothing is sent, or a file of lots not made; each says what to do instead."""

from __future__ import annotations

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence


class NotSignedYet(DeskRefused):
    """A document lacks signatures; `cards` says whose cards give them, in their order."""

    def __init__(self, what: str, cards: tuple[str, ...], action: str) -> None:
        self.cards = cards
        super().__init__(
            Sentence("{what} cannot leave: it lacks the signature of the {first}", what=what, first=cards[0])
            if len(cards) == 1
            else Sentence(
                "{what} cannot leave: it lacks the signatures of the {first} and the {last}",
                what=what,
                first=cards[0],
                last=cards[-1],
            ),
            action,
        )


class FileRefused(TlaError):
    """A file of lots, or an answer to one, cannot be read or is not what it says."""

    category = Category.BAD_INPUT


class BadMailAddress(TlaError):
    """What was given is no mail address; nothing was sent."""

    category = Category.BAD_INPUT


class SendFailed(TlaError):
    """The file was not sent; it stays to be sent."""

    category = Category.LINK


class SendUncertain(TlaError):
    """The file may have been sent or not: nothing is sent until that is settled."""

    category = Category.UNCERTAIN


class BadMailServer(TlaError):
    """What was given names no mail server, or its authorities' file holds none; nothing was sent."""

    category = Category.BAD_INPUT


class BadMailLogin(TlaError):
    """A user name or password has characters that no login may have; nothing was sent."""

    category = Category.BAD_INPUT


class MailLater(SendFailed):
    """The server cannot take the mail now (4xx); the same call may succeed later."""


class ServerUntrusted(SendFailed):
    """The server's TLS cannot be trusted, or does not come about; nothing was said to it."""


class MailRefused(SendFailed):
    """The server says no for good (5xx); the file stays to be sent, otherwise or elsewhere."""

    category = Category.REFUSED


class LoginRefused(MailRefused):
    """The server does not take the login, or wants one."""


class SenderRefused(MailRefused):
    """The server does not send for the sender's address."""


class RecipientRefused(MailRefused):
    """The server does not know the recipient, or does not forward to it."""


class MailTooBig(MailRefused):
    """The message is larger than the server takes."""


class MessageRefused(MailRefused):
    """The server does not take the message for what is in it."""
