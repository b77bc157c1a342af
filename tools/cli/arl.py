"""tla arl read|make"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.value_parsers import held_number
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.sending.arl import ArlTaken

verb = new_verb("Read a recipient's answer (ARL) to a file, or write one as the recipient would.")


@verb.command()
def read(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The ARL, as described in docs/reference/lot-file.md.")
    ],
    ledger: KnownLedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record an answer: what was accepted, what was rejected and why. Reading it twice changes nothing."""
    from tla_sim.host.sending.arl import read_arl

    with open_known_ledger(ledger) as book:
        taken = read_arl(book, file)
    if as_json:
        print_json(
            {
                "file": taken.identity,
                "accepted": taken.accepted,
                "known": taken.known,
                "rejected": [
                    {
                        "owner": each.document.owner,
                        "number": each.document.number,
                        "kind": each.document.kind.name,
                        "code": each.code,
                        "reason": each.reason,
                    }
                    for each in taken.rejected
                ],
            }
        )
        return
    _print(taken)


def _print(taken: ArlTaken) -> None:

    accepted, rejected = Quantity(taken.accepted, "document"), len(taken.rejected)
    print_line(
        Sentence(
            "File {identity}, already read: {accepted} accepted, {rejected} rejected.",
            identity=taken.identity,
            accepted=accepted,
            rejected=rejected,
        )
        if taken.known
        else Sentence(
            "File {identity}: {accepted} accepted, {rejected} rejected.",
            identity=taken.identity,
            accepted=accepted,
            rejected=rejected,
        )
    )
    if taken.rejected:
        print_table(
            sentences("invoice", "kind", "code", "reason"),
            [
                (each.document.number, each.document.kind.name, each.code, each.reason)
                for each in taken.rejected
            ],
            title=Sentence("Rejected"),
        )
        note("Rectify one with: tla invoice rectify N --as M")


@verb.command()
def make(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of lots (.zip), as received.")],
    out: Annotated[Path, typer.Option("--out", metavar="ARL", help="The file to write the answer to.")],
    reject: Annotated[
        list[str] | None,
        typer.Option(
            "--reject",
            metavar="N",
            parser=held_number("--reject"),
            show_default=False,
            help="Reject this invoice; may be given several times.",
        ),
    ] = None,
    code: Annotated[str, typer.Option(metavar="CODE", help="The code of the rejection.")] = "R01",
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="The reason for the rejection.")
    ] = "Rejet de démonstration",
    as_json: JsonOption = False,
) -> None:
    """Play the recipient: verify a file of lots and write the answer to it."""
    from tla_sim.host.sending.arl import compose, rejection_of
    from tla_sim.host.sending.lot_file import MAX_FILE_BYTES, read_file, verify_file
    from tla_sim.host.whole_file import read_whole, replace_file
    from tla_sim.protocol.documents.certificates import TrustAnchors
    from tla_sim.protocol.documents.invoice import digest

    raw = read_whole(file, MAX_FILE_BYTES)
    read_back = read_file(raw)
    lots = verify_file(read_back, TrustAnchors.shipped())
    rejections = [each for number in reject or () for each in rejection_of(lots, number, code, reason)]
    replace_file(out, compose(read_back.identity, digest(raw), rejections))
    if as_json:
        print_json({"file": read_back.identity, "rejected": len(rejections), "arl": str(out)})
    else:
        print_line(
            Sentence(
                "Answer to {identity} written to {out}: {count} rejected.",
                identity=read_back.identity,
                out=out,
                count=len(rejections),
            )
        )
