"""tla transmit"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from host.outbox import Outbox
from host.transmission import Transmitted, Withheld
from host.transmission import transmit as transmit_documents
from protocol.certificates import TrustAnchors
from protocol.invoice import euros
from tools.cli.failure import REFUSED
from tools.cli.ledger_option import LedgerOption, open_ledger
from tools.cli.output import JsonOption, print_json, print_table
from tools.cli.printable import counted
from tools.cli.progress_bar import follow
from tools.cli.verb import new_verb

verb = new_verb()


@verb.command()
def transmit(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the documents that leave go.")],
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what may leave, one .fse file each, and name what each other one lacks and whose card gives it.

    Every signature is verified once more. Ends with 1 when one does not hold.
    """
    with open_ledger(ledger) as book:
        done = follow(transmit_documents(book, TrustAnchors.shipped(), Outbox(out)))
    if as_json:
        print_json(_fields(done))
    else:
        print_sent(done)
        print_withheld(done.withheld)
    if any(each.problem for each in done.withheld):
        raise typer.Exit(REFUSED)


def _fields(done: Transmitted) -> dict[str, object]:
    return {
        "sent": [
            {
                "owner": each.document.owner,
                "number": each.document.number,
                "kind": each.document.kind.name,
                "total": each.document.total,
                "file": str(each.file),
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
    """The table of what left."""
    print_table(
        ("invoice", "owner", "patient", "recipient", "date", "total €", "file"),
        [
            (
                each.document.number,
                each.document.owner_name,
                each.document.patient,
                each.document.recipient,
                f"{each.document.made_on:%d/%m/%Y}",
                euros(each.document.total),
                each.file.name,
            )
            for each in done.sent
        ],
        title=f"{counted(len(done.sent), 'document')} written for transmission",
        right=("total €",),
        footer=("", "", "", "", "", euros(sum(each.document.total for each in done.sent)), ""),
    )


def print_withheld(withheld: Sequence[Withheld]) -> None:
    """The table of what stays, if there is any."""
    if withheld:
        print_table(
            ("invoice", "owner", "patient", "state", "lacks", "whose card"),
            [
                (
                    each.document.number,
                    each.document.owner_name,
                    each.document.patient,
                    each.document.state.name,
                    each.problem or ", ".join(f"{role.name} signature" for role in each.lacks),
                    ", ".join(each.cards),
                )
                for each in withheld
            ],
            title=f"{counted(len(withheld), 'document')} may not leave",
        )
