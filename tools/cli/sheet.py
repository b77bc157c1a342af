"""tla sheet"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.invoice_option import NumberArgument, OwnerOption
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line
from tla_sim.tools.cli.verb import new_verb

verb = new_verb()


@verb.command()
def sheet(
    number: NumberArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The PDF to write.")],
    owner: OwnerOption = "",
    ledger: KnownLedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the care sheet of a degraded invoice as a PDF, to view or print.

    It carries the PS's digitised signature, unless that is switched off or the sheet goes on paper.
    """
    from tla_sim.host.desk.care_sheet import care_sheet
    from tla_sim.host.desk.marks import held_lines
    from tla_sim.host.desk.signature_image import signature_of
    from tla_sim.host.ledger.marks import mark_of
    from tla_sim.host.whole_file import replace_file
    from tla_sim.protocol.documents.fse import SecurityMode
    from tla_sim.protocol.documents.invoice import PreparedInvoice

    with open_known_ledger(ledger) as book:
        line = held_lines(book, number, owner)[0]
        if line.mode is not SecurityMode.DEGRADED:
            raise UsageProblem(
                "Invoice {number} is secured", "Only a degraded invoice has a care sheet", number=number
            )
        on_paper = mark_of(book, line.owner, number).on_paper
        signature = None if on_paper else signature_of(book, line.owner).usable
        made = care_sheet(PreparedInvoice.parse(book.invoice(line.id)), signature)
    replace_file(out, made)
    if as_json:
        print_json({"number": number, "file": str(out), "bytes": len(made), "signed": signature is not None})
        return
    print_line(Sentence("Care sheet of invoice {number} written to {out}.", number=number, out=out))
    if signature is None:
        note("It has no digitised signature: print it, sign it by hand and send it on paper.")
