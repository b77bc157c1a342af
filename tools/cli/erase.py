"""tla erase"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from tla_sim.protocol.sentence import Quantity, Sentence
from tla_sim.tools.cli.code_porteur import CodeAtReaderOption, CodeFileOption, authenticate
from tla_sim.tools.cli.ledger_option import LedgerOption, ledger_path, open_ledger
from tla_sim.tools.cli.output import JsonOption, print_json, print_line
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.value_parsers import held_owner
from tla_sim.tools.cli.verb import new_verb

verb = new_verb()


@verb.command()
def erase(
    owner: Annotated[
        str,
        typer.Option(
            "--owner",
            metavar="NUMBER",
            parser=held_owner("--owner"),
            show_default=False,
            help="Billing number of the owner whose documents are erased.",
        ),
    ],
    reader: ReaderOption = "",
    ledger: LedgerOption = None,
    code_file: CodeFileOption = None,
    code_at_reader: CodeAtReaderOption = False,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase an owner's documents from the reader, and what it has read from the patients' cards.

    Certified documents that have not been pulled are erased only with their owner's card. The ledger, if
    there is one, records that what was loaded may be loaded again.
    """
    from tla_sim.host.round.erase import erase as erase_documents

    with ExitStack() as stack:
        client = stack.enter_context(open_reader(reader, trace, level))
        known = ledger_path(ledger).exists()
        book = stack.enter_context(open_ledger(ledger)) if known else None
        authenticate(client, code_file, code_at_reader)
        removed = erase_documents(client, owner, book)
    if as_json:
        print_json({"owner": owner, "erased": removed})
    else:
        print_line(
            Sentence("{documents} of {owner} erased.", documents=Quantity(removed, "document"), owner=owner)
        )
