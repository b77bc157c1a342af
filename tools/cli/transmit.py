"""tla transmit"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Joined, Quantity, Sentence, sentences
from tla_sim.tools.cli.failure import REFUSED
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, print_json, print_line, print_table
from tla_sim.tools.cli.progress_bar import show_progress
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.host.round.transmit import Transmitted, Withheld

verb = new_verb()


@verb.command()
def transmit(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The directory to write the documents to.")
    ],
    ledger: KnownLedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write each fully signed document to an .fse file; name what the others lack and whose card gives it.

    Every signature is verified once more. Exit code 1 if one is not valid.
    """
    from tla_sim.host.round.transmit import transmit as transmit_documents

    with open_known_ledger(ledger) as book, show_progress() as on_progress:
        done = transmit_documents(book, out, on_progress=on_progress)
    if as_json:
        print_json(transmitted_fields(done))
    else:
        print_sent(done)
        print_withheld(done.withheld)
    if any(each.problem for each in done.withheld):
        raise typer.Exit(REFUSED)


def transmitted_fields(done: Transmitted, directory: Path | None = None) -> dict[str, object]:
    """Return a transmission as a JSON object. With `directory`, files are named relative to it."""
    return {
        "sent": [
            {
                "owner": each.document.owner,
                "number": each.document.number,
                "kind": each.document.kind.name,
                "total": each.document.total,
                "file": str(each.file if directory is None else each.file.relative_to(directory)),
            }
            for each in done.sent
        ],
        "withheld": [
            {
                "owner": each.document.owner,
                "number": each.document.number,
                "kind": each.document.kind.name,
                "state": each.document.state.name,
                "lacks": [role.name for role in each.lacks],
                "cards": list(each.cards),
                "problem": each.problem,
            }
            for each in done.withheld
        ],
        "bytes_written": done.bytes_written,
    }


def print_sent(done: Transmitted) -> None:
    """Print the table of the documents written, or a line if there are none."""
    from tla_sim.protocol.documents.invoice import euros

    documents = [each.document for each in done.sent]
    written = Sentence("{documents} written for transmission", documents=Quantity(len(documents), "document"))
    if not documents:
        print_line(written)
        return
    print_table(
        sentences("invoice", "owner", "patient", "date", "total €"),
        [
            (each.number, each.owner_name, each.patient, f"{each.made_on:%d/%m/%Y}", euros(each.total))
            for each in documents
        ],
        title=written,
        right=("total €",),
        footer=("", "", "", "", euros(sum(each.total for each in documents))),
    )


def print_withheld(withheld: Sequence[Withheld]) -> None:
    """Print the table of the documents that were not written, with the reasons, if there are any."""
    if withheld:
        print_table(
            sentences("invoice", "owner", "state", "lacks"),
            [
                (each.document.number, each.document.owner_name, word(each.document.state), _reason(each))
                for each in withheld
            ],
            title=Sentence("{documents} may not leave", documents=Quantity(len(withheld), "document")),
        )


def _reason(withheld: Withheld) -> str:
    if withheld.problem:
        return withheld.problem
    signatures = zip(withheld.lacks, withheld.cards, strict=True)
    told = [Sentence("{role} signature: {card}", role=word(role), card=card) for role, card in signatures]
    return Joined("\n", told)
