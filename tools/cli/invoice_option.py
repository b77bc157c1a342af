"""The options that name an invoice: its number, its owner if several use the number, its practice file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.value_parsers import held_number, held_owner

if TYPE_CHECKING:
    from tla_sim.host.ledger.ledger import Ledger
    from tla_sim.protocol.documents.invoice import PreparedInvoice

NumberArgument = Annotated[
    str, typer.Argument(metavar="N", parser=held_number("N"), help="The invoice's number.")
]
OwnerOption = Annotated[
    str,
    typer.Option(
        "--owner",
        metavar="NUMBER",
        parser=held_owner("--owner", optional=True),
        show_default=False,
        help="Billing number of the owner, if several owners have an invoice with this number.",
    ),
]
PracticeOption = Annotated[
    Path | None,
    typer.Option(
        "--practice",
        metavar="FILE",
        show_default=False,
        help="Take the invoice from this practice file. Default: from the ledger.",
    ),
]


def find_invoice(book: Ledger, number: str, owner: str, practice: Path | None) -> PreparedInvoice:
    """Return the invoice, from a practice file or the ledger. Raises UsageProblem, UnknownInvoice,
    DeskRefused.
    """
    from tla_sim.host.desk.marks import held_invoice
    from tla_sim.host.practice.file import load_practice
    from tla_sim.host.practice.invoices import prepared_invoices

    if practice is None:
        return held_invoice(book, number, owner)
    found = [
        each for each in prepared_invoices(load_practice(practice), owner or None) if each.number == number
    ]
    if not found:
        raise UsageProblem(
            "{practice} has no invoice {number}", "Check the number", practice=practice, number=number
        )
    if len(found) > 1:
        choices = ", ".join(f"--owner {each.owner} ({each.ps.last_name})" for each in found)
        raise UsageProblem(
            "{count} owners have an invoice {number}",
            "Choose: {choices}",
            count=len(found),
            number=number,
            choices=choices,
        )
    return found[0]
