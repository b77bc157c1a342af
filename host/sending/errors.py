"""The errors of sending and of making files of lots; each says what to do instead."""

from __future__ import annotations

from tla_sim.host.desk.errors import DeskRefused
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence


class NotSignedYet(DeskRefused):
    """A document lacks signatures; `cards` lists the cards to use, in their order."""

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
    """A file of lots, or an answer to one, cannot be read or is inconsistent."""

    category = Category.BAD_INPUT


class BadMailAddress(TlaError):
    """The text is not a mail address; nothing was sent."""

    category = Category.BAD_INPUT


class SendFailed(TlaError):
    """The file was not sent; it stays to be sent."""

    category = Category.LINK


class SendUncertain(TlaError):
    """The file may or may not have been sent: nothing is sent until that is settled."""

    category = Category.UNCERTAIN


class BadMailServer(TlaError):
    """The text does not name a mail server, or the file of its authorities is empty; nothing was sent."""

    category = Category.BAD_INPUT


class BadMailLogin(TlaError):
    """A user name or password has characters that are not allowed in a login; nothing was sent."""

    category = Category.BAD_INPUT


class MailLater(SendFailed):
    """The server cannot take the mail now (4xx); the same call may succeed later."""


class ServerUntrusted(SendFailed):
    """The server's TLS cannot be trusted or established; nothing was sent to it."""


class MailRefused(SendFailed):
    """The server refuses for good (5xx); the file stays to be sent in another way."""

    category = Category.REFUSED


class LoginRefused(MailRefused):
    """The server refuses the login, or requires one."""


class SenderRefused(MailRefused):
    """The server refuses the sender's address."""


class RecipientRefused(MailRefused):
    """The server does not know the recipient, or does not relay mail to it."""


class MailTooBig(MailRefused):
    """The message is larger than the server accepts."""


class MessageRefused(MailRefused):
    """The server refuses the message for its contents."""
