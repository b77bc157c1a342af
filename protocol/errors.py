"""Typed errors, one for each failure that a caller can act on: what happened, and what to do next."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Final

from tla_sim.protocol.sentence import Joined, Sentence, fill

if TYPE_CHECKING:
    from tla_sim.protocol.commands.status import Status


_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


class Category(Enum):
    """The category of a failure, by which a program (or a script, by the exit code) decides what to do.

    REFUSED: the reader, a card, a signature or a rule said no. BAD_INPUT: the input cannot be used as it is.
    LINK: the exchange failed, and trying again may help. UNCERTAIN: it may or may not have happened, which
    must be found out first.

        >>> try:
        ...     tla_sim.open_transport("carrier-pigeon:grey")
        ... except tla_sim.TlaError as error:
        ...     error.category is tla_sim.Category.BAD_INPUT
        True
    """

    REFUSED = "refused"
    BAD_INPUT = "bad-input"
    LINK = "link"
    UNCERTAIN = "uncertain"


class TlaError(Exception):
    """The base of every error that this project raises for something a caller can act on.

    `code` identifies the error for programs and never changes; `category` says what kind of failure it is;
    `ssv` is the public SSV code that technicians know, if there is one; `action` says what to do next.
    Message and action are templates with a named place for each value.

        >>> try:
        ...     tla_sim.load_practice("no such file.json")
        ... except tla_sim.TlaError as error:
        ...     error.action
        'Correct the file; nothing was changed'
    """

    code: ClassVar[str] = "tla-error"
    category: ClassVar[Category] = Category.REFUSED
    ssv: int | None = None

    def __init_subclass__(cls) -> None:
        """Derive the code from the class name unless the class sets one; a private class keeps its base's."""
        super().__init_subclass__()
        if "code" not in vars(cls) and not cls.__name__.startswith("_"):
            cls.code = _CAPITAL.sub("-", cls.__name__).lower()

    def __init__(self, message: str, action: str = "", /, **values: object) -> None:
        self.message: Sentence = fill(message, values)
        self.action: Sentence = fill(action, values)
        super().__init__(self.message)

    @property
    def details(self) -> tuple[str, ...]:
        """The lines below message and action; empty for most errors."""
        return ()

    @property
    def told(self) -> Sentence:
        """All that the error says, which still can be said in French."""
        said = self.message
        if self.action:
            said = Sentence("{message}. {action}.", message=self.message, action=self.action)
        return Joined("\n", (said, *self.details))

    def __str__(self) -> str:
        return self.told


class CodecError(TlaError):
    """Bytes that do not follow the declared structure, or a value that the structure cannot carry.

    >>> issubclass(tla_sim.CodecError, tla_sim.TlaError)
    True
    """

    category = Category.BAD_INPUT

    ssv: int | None = 0xF0FF


class StatusError(TlaError):
    """The reader or a card answered a status word other than 9000.

    `word` is the status word as it came (0..0xFFFF), `status` its declared meaning or `None`.

        >>> try:
        ...     client.verify_code(reader.code)
        ... except tla_sim.StatusError as error:
        ...     error.status.name
        'PS_CARD_ABSENT'
    """

    category = Category.REFUSED

    def __init__(self, word: int, context: str = "") -> None:
        from tla_sim.protocol.commands.status import Status

        self.word = word
        self.status: Status | None = Status.of(word)
        if self.status is None:
            said, action = (
                Sentence("unexpected status word {word:04X}", word=word),
                Sentence("Check the reader's version"),
            )
        else:
            self.ssv = self.status.ssv
            said, action = Sentence(self.status.en), Sentence(self.status.en_action)
            if self.status is Status.CODE_WRONG:
                said = _with_tries_left(said, word & 0xF)
        if context:
            said = Sentence("{context}: {said}", context=context, said=said)
        super().__init__(said, action)


def _with_tries_left(said: str, tries: int) -> Sentence:
    if tries == 1:
        return Sentence("{said} (1 try left)", said=said)
    return Sentence("{said} ({tries} tries left)", said=said, tries=tries)


class LinkError(TlaError):
    """The exchange with the reader failed; nothing that the reader said can be relied on.

    >>> reader.power_off()
    >>> try:
    ...     client.identify()
    ... except tla_sim.LinkError as error:
    ...     error.category.value
    'link'
    """

    category = Category.LINK

    ssv = 0xF101


class NoAnswer(LinkError):
    """The reader did not answer within its waiting time."""

    ssv = 0x0400


class LinkProtocolError(LinkError):
    """The peer broke the link protocol beyond what its error handling repairs."""

    ssv = 0x0200


class ExchangeAbandoned(LinkError):
    """The peer abandoned the exchange, by an abort or a reset."""

    ssv = 0x0040


class ReaderHeld(LinkError):
    """Another program holds the reader."""

    ssv = 0x0004


class PortUnavailable(LinkError):
    """The port cannot be opened: it is absent, busy or not permitted."""

    ssv = 0x800C


class ConnectionLost(LinkError):
    """The port disappeared during an exchange."""

    ssv = 0xF101


class IncoherentAnswer(LinkError):
    """The reader's answer contradicts its declaration or an earlier answer."""

    ssv = 0xF0FF
