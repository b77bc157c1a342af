"""The errors of the desk; each says what to do instead."""

from __future__ import annotations

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence


class DeskRefused(TlaError):
    """An invoice, lot or file is not in a state that allows the operation. Nothing was changed."""

    category = Category.REFUSED


class UnknownInvoice(DeskRefused, LookupError):
    """No invoice with this number is held."""

    category = Category.BAD_INPUT

    def __init__(self, number: str, owner: str = "") -> None:
        whose = Sentence(" of {owner}", owner=owner) if owner else ""
        super().__init__(
            "The ledger has no invoice {number}{whose}",
            "Check the number, or give its practice file",
            number=number,
            whose=whose,
        )


class PieceRefused(TlaError):
    """A scanned document does not pass its checks; nothing was kept."""

    category = Category.BAD_INPUT


class EmptyPages(PieceRefused):
    """Some of a document's pages are empty; it may travel without them.

    `pages` has their numbers, counted from 1, `kept` the PDF that they are in.
    """

    def __init__(self, label: str, pages: tuple[int, ...], kept: bytes) -> None:
        self.pages = pages
        self.kept = kept
        *first, last = (str(each) for each in pages)
        message = Sentence("Page {last} of {label} is blank", last=last, label=label)
        if first:
            message = Sentence(
                "Pages {first} and {last} of {label} are blank",
                first=", ".join(first),
                last=last,
                label=label,
            )
        super().__init__(message, "Scan the other side, or leave the empty pages out")


class BadSignatureImage(TlaError):
    """The image is not usable as a signature; the one registered before is kept."""

    category = Category.BAD_INPUT
