"""tla sheet"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tla_sim.protocol.sentence import Sentence
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
    from tla_sim.host.desk.care_sheet import care_sheet_of
    from tla_sim.host.whole_file import replace_file

    with open_known_ledger(ledger) as book:
        made, signed = care_sheet_of(book, number, owner)
    replace_file(out, made)
    if as_json:
        print_json({"number": number, "file": str(out), "bytes": len(made), "signed": signed})
        return
    print_line(Sentence("Care sheet of invoice {number} written to {out}.", number=number, out=out))
    if not signed:
        note("It has no digitised signature: print it, sign it by hand and send it on paper.")
