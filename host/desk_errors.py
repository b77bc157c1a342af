"""Why the desk will not do something; each says what to do instead."""

from __future__ import annotations

from tla_sim.protocol.errors import TlaError


class DeskRefused(TlaError):
    """An invoice, lot or file is not in a state for what was asked. Nothing was changed."""


class UnknownInvoice(DeskRefused):
    """No invoice of that number is held."""

    def __init__(self, number: str, owner: str = "") -> None:
        whose = f" of {owner}" if owner else ""
        super().__init__(
            f"The ledger has no invoice {number}{whose}", "Check the number, or give its practice file"
        )


class NotSignedYet(DeskRefused):
    """A document lacks signatures; `cards` says whose cards give them, in their order."""

    def __init__(self, what: str, cards: tuple[str, ...], action: str) -> None:
        self.cards = cards
        super().__init__(
            f"{what} cannot leave: it lacks the signature of the {cards[0]}"
            if len(cards) == 1
            else f"{what} cannot leave: it lacks the signatures of the {cards[0]} and the {cards[-1]}",
            action,
        )


class PieceRefused(TlaError):
    """A scanned document does not pass its checks; nothing was kept."""


class BadSignatureImage(TlaError):
    """The image is no usable signature; the one registered before stays."""


class FileRefused(TlaError):
    """A file of lots, or an answer to one, cannot be read or is not what it says."""


class BadMailAddress(TlaError):
    """What was given is no mail address; nothing was sent."""


class SendFailed(TlaError):
    """The file was not sent; it stays to be sent."""


class SendUncertain(TlaError):
    """The file may have been sent or not: nothing is sent until that is settled."""
