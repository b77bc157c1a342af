"""What was found damaged in the ledgers that a verb opened, told once it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tla_sim.tools.cli.failure import report

if TYPE_CHECKING:
    from tla_sim.host.ledger.ledger import Ledger

_opened: list[Ledger] = []


def watch(ledger: Ledger) -> None:
    """Have a ledger's damage told at the end."""
    _opened.append(ledger)


def report_damage(as_json: bool, but: str = "") -> int:
    """Tell what was found damaged in the ledgers opened since this was last asked, but for the message that
    was told already; the exit code, 0 if nothing is damaged."""
    found = {each.message: each for book in _opened for each in book.damaged if each.message != but}
    _opened.clear()
    codes = [report(each, as_json) for each in found.values()]
    return max(codes, default=0)
