"""tla pull"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tla_sim.protocol.sentence import Sentence, sentences
from tla_sim.tools.cli.code_porteur import CodeAtReaderOption, CodeFileOption, authenticate
from tla_sim.tools.cli.failure import REFUSED
from tla_sim.tools.cli.ledger_option import LedgerOption, open_ledger
from tla_sim.tools.cli.output import JsonOption, print_facts, print_json, print_table
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.progress_bar import show_progress
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.remedies import remedy
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.round.pull import Pulled

verb = new_verb()


@verb.command()
def pull(
    reader: ReaderOption = "",
    ledger: LedgerOption = None,
    code_file: CodeFileOption = None,
    code_at_reader: CodeAtReaderOption = False,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch the certified invoices into the ledger; the reader keeps each until it is stored there.

    Needs the code porteur of an owner, or of the card that certified them. Exit code 1 if anything certified
    stays on the reader.
    """
    from tla_sim.host.round.pull import pull as pull_documents

    with open_reader(reader, trace, level) as client, open_ledger(ledger) as book:
        authenticate(client, code_file, code_at_reader)
        with show_progress() as on_progress:
            pulled = pull_documents(client, book, on_progress=on_progress)
    if as_json:
        print_json(_fields(pulled))
    else:
        _print(pulled)
    if pulled.left:
        raise typer.Exit(REFUSED)


def _fields(pulled: Pulled) -> dict[str, object]:
    return {
        "partial": pulled.partial,
        "complete": pulled.complete,
        "cancelled": pulled.cancelled,
        "waiting": pulled.waiting,
        "bytes_received": pulled.bytes_received,
        "left": [
            {
                "owner": each.document.owner,
                "number": each.document.number,
                "reason": each.reason,
                "action": remedy(each.action),
            }
            for each in pulled.left
        ],
    }


def _print(pulled: Pulled) -> None:
    print_facts(
        {
            Sentence("partially certified"): pulled.partial,
            Sentence("complete"): pulled.complete,
            Sentence("cancelled on the round"): pulled.cancelled,
            Sentence("still to certify"): pulled.waiting,
            Sentence("received"): bytes_text(pulled.bytes_received),
        }
    )
    if pulled.left:
        print_table(
            sentences("owner", "invoice", "why", "what to do"),
            [
                (each.document.owner, each.document.number, each.reason, remedy(each.action))
                for each in pulled.left
            ],
            title=Sentence("Stayed on the reader"),
        )
