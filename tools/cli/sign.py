"""tla sign"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.code_porteur import CodeAtReaderOption, CodeFileOption, authenticate
from tla_sim.tools.cli.failure import REFUSED
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.progress_bar import show_progress
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.remedies import remedy
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.value_parsers import held_number
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.round.sign import Signed

verb = new_verb()


@verb.command()
def sign(
    reader: ReaderOption = "",
    ledger: KnownLedgerOption = None,
    invoice: Annotated[
        list[str] | None,
        typer.Option(
            "--invoice",
            metavar="N",
            parser=held_number("--invoice"),
            show_default=False,
            help="Only this invoice; may be given several times. Default: all that wait for this card.",
        ),
    ] = None,
    code_file: CodeFileOption = None,
    code_at_reader: CodeAtReaderOption = False,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the final signature with the owner's CPS, just before transmission."""
    from tla_sim.host.round.sign import PsCardHolder
    from tla_sim.host.round.sign import sign as sign_documents

    with open_known_ledger(ledger) as book, open_reader(reader, trace, level) as client:
        card = authenticate(client, code_file, code_at_reader)
        numbers = tuple(invoice or ())
        with show_progress() as on_progress:
            signed = sign_documents(client, book, card=card, numbers=numbers, on_progress=on_progress)
    if as_json:
        print_json(_fields(signed))
    else:
        _print(signed, PsCardHolder.of(card).name)
    if signed.refused:
        raise typer.Exit(REFUSED)


def _fields(signed: Signed) -> dict[str, object]:
    return {
        "signed": signed.signed,
        "elsewhere": signed.elsewhere,
        "refused": [
            {
                "owner": each.document.owner,
                "number": each.document.number,
                "reason": each.reason,
                "action": remedy(each.action),
            }
            for each in signed.refused
        ],
    }


def _print(signed: Signed, name: str) -> None:
    print_line(
        Sentence(
            "Final signature of {name} given to {invoices}.",
            invoices=Quantity(signed.signed, "invoice"),
            name=name,
        )
    )
    if signed.elsewhere:
        wait = (
            Sentence("waits for its owner's card")
            if signed.elsewhere == 1
            else Sentence("wait for their owners' cards")
        )
        note(
            Sentence(
                "{invoices} still {wait}.", invoices=Quantity(signed.elsewhere, "other invoice"), wait=wait
            )
        )
    if signed.refused:
        print_table(
            sentences("owner", "invoice", "why", "what to do"),
            [(*each.document[:2], each.reason, remedy(each.action)) for each in signed.refused],
            title=Sentence("Not signed"),
        )
