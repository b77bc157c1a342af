"""A function that cannot be carried out, and the code that each failure has for the program."""

from __future__ import annotations

from typing import Final

from tla_sim.host.desk.piece_store import PieceLost
from tla_sim.host.ledger.errors import (
    DocumentDamaged,
    LedgerFull,
    LedgerHeld,
    LedgerUnusable,
    LedgerUnwritable,
)
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.protocol.errors import Category, LinkProtocolError, TlaError


class CallRefused(TlaError):
    """A function of the field's libraries cannot be carried out; `ssv` is the code that the program gets."""

    category = Category.REFUSED

    def __init__(self, code: SsvCode, message: str, action: str = "", /, **values: object) -> None:
        super().__init__(message, action, **values)
        self.ssv = code


_BY_CATEGORY: Final = {
    Category.REFUSED: SsvCode.INCOHERENT,
    Category.BAD_INPUT: SsvCode.INPUT,
    Category.LINK: SsvCode.CONNECTION,
    Category.UNCERTAIN: SsvCode.ABANDONED,
}

_BY_CLASS: Final = (
    (LedgerHeld, SsvCode.HELD),
    ((LedgerFull, LedgerUnwritable), SsvCode.TABLES_UNWRITABLE),
    ((LedgerUnusable, DocumentDamaged, PieceLost), SsvCode.INCOHERENT),
)
"""What is not the program's input, whatever its category, first match first. Codes for the ledger are
inferred: those of the files that the real library keeps."""


def code_of(error: TlaError, *, repeatable: bool = True) -> int:
    """Return the code of a failure: its own public one, else that of its class or category.

    A protocol error is 0200, "call again", only where the call may be repeated.
    """
    for classes, code in _BY_CLASS:
        if isinstance(error, classes):
            return code
    if isinstance(error, LinkProtocolError) and not repeatable:
        return SsvCode.ABANDONED
    return _BY_CATEGORY[error.category] if error.ssv is None else error.ssv
