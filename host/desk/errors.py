"""Why the desk will not do something; each says what to do instead."""

from __future__ import annotations

from tla_sim.protocol.errors import Category, TlaError


class DeskRefused(TlaError):
    """An invoice, lot or file is not in a state for what was asked. Nothing was changed."""


class UnknownInvoice(DeskRefused):
    """No invoice of that number is held."""

    category = Category.BAD_INPUT

    def __init__(self, number: str, owner: str = "") -> None:
        whose = f" of {owner}" if owner else ""
        super().__init__(
            f"The ledger has no invoice {number}{whose}", "Check the number, or give its practice file"
        )


class PieceRefused(TlaError):
    """A scanned document does not pass its checks; nothing was kept."""

    category = Category.BAD_INPUT


class BadSignatureImage(TlaError):
    """The image is no usable signature; the one registered before stays."""

    category = Category.BAD_INPUT
