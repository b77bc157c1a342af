"""The damage found in the ledgers that a verb opened, reported when the verb is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tla_sim.tools.cli.failure import report

if TYPE_CHECKING:
    from tla_sim.host.ledger.ledger import Ledger

_opened: list[Ledger] = []


def watch(ledger: Ledger) -> None:
    """Have the damage of a ledger reported at the end."""
    _opened.append(ledger)


def report_damage(as_json: bool, but: str = "") -> int:
    """Report the damage found in the ledgers opened since the last call, except for the message `but`,
    which has been reported already. Return the exit code, 0 if nothing is damaged.
    """
    found = {each.message: each for book in _opened for each in book.damaged if each.message != but}
    _opened.clear()
    codes = [report(each, as_json) for each in found.values()]
    return max(codes, default=0)
