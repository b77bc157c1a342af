"""tla lot make|show"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.code_porteur import CodeAtReaderOption, CodeFileOption, authenticate
from tla_sim.tools.cli.failure import REFUSED
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line, print_table
from tla_sim.tools.cli.progress_bar import show_progress
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.value_parsers import held_number
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.host.sending.lots import FilesMade

verb = new_verb("Put what is ready to send into signed lots and files, or examine a file.")


@verb.command()
def make(
    reader: ReaderOption = "",
    ledger: KnownLedgerOption = None,
    invoice: Annotated[
        list[str] | None,
        typer.Option(
            "--invoice",
            metavar="N",
            parser=held_number("--invoice"),
            show_default=False,
            help="Only this invoice; may be given several times. Default: all invoices of this card's owner.",
        ),
    ] = None,
    code_file: CodeFileOption = None,
    code_at_reader: CodeAtReaderOption = False,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify what has all its signatures, group it into lots, have the owner's CPS sign them, and make files.

    One file is made for each recipient and kind; send them with tla send.
    """
    from tla_sim.host.sending.lots import make_lots

    with open_known_ledger(ledger) as book, open_reader(reader, trace, level) as client:
        card = authenticate(client, code_file, code_at_reader)
        numbers = tuple(dict.fromkeys(invoice or ()))
        with show_progress() as on_progress:
            done = make_lots(client, book, card=card, numbers=numbers, on_progress=on_progress)
    if as_json:
        print_json(_fields(done))
    else:
        _print(done)
    if done.left_out or (done.partial and not done.files):
        raise typer.Exit(REFUSED)


def _fields(done: FilesMade) -> dict[str, object]:
    return {
        "files": [
            {
                "identity": each.identity,
                "recipient": each.recipient,
                "kind": each.kind.name,
                "lots": each.lots,
                "documents": each.documents,
                "total": each.total,
            }
            for each in done.files
        ],
        "left_out": [
            {"owner": each.document.owner, "number": each.document.number, "reason": each.reason}
            for each in done.left_out
        ],
        "elsewhere": list(done.elsewhere),
        "partial": [
            {"owner": line.owner, "number": line.number, "kind": line.kind.name, "lacks": card}
            for line, card in done.partial
        ],
    }


def _print(done: FilesMade) -> None:
    from tla_sim.protocol.documents.invoice import euros

    print_table(
        sentences("file", "kind", "recipient", "lots", "documents", "total €"),
        [
            (each.identity, each.kind.name, each.recipient, each.lots, each.documents, euros(each.total))
            for each in done.files
        ],
        title=Sentence("{files} to send", files=Quantity(len(done.files), "file")),
        right=("lots", "documents", "total €"),
    )
    if done.partial:
        print_table(
            sentences("invoice", "kind", "owner", "patient", "lacks"),
            [
                (line.number, line.kind.name, line.owner_name, line.patient, card)
                for line, card in done.partial
            ],
            title=Sentence(
                "{documents} only partially certified, in no lot",
                documents=Quantity(len(done.partial), "document"),
            ),
        )
        note("Give each its final signature with: tla sign")
    for name in done.elsewhere:
        note(Sentence("Documents of {name} wait for the CPS of {name}.", name=name))
    if done.left_out:
        print_table(
            sentences("owner", "invoice", "why"),
            [(each.document.owner, each.document.number, each.reason) for each in done.left_out],
            title=Sentence("Left out"),
        )


@verb.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of lots (.zip).")],
    as_json: JsonOption = False,
) -> None:
    """Read a file of lots and verify every signature in it, as its recipient would."""
    from tla_sim.host.sending.lot_file import MAX_FILE_BYTES, read_file, verify_file
    from tla_sim.host.whole_file import read_whole
    from tla_sim.protocol.documents.certificates import TrustAnchors
    from tla_sim.protocol.documents.invoice import euros

    read = read_file(read_whole(file, MAX_FILE_BYTES))
    lots = verify_file(read, TrustAnchors.shipped())
    if as_json:
        print_json(
            {
                "identity": read.identity,
                "kind": read.kind.name,
                "recipient": read.recipient,
                "made_at": read.made_at,
                "pieces": len(read.pieces),
                "lots": [
                    {
                        "number": each.lot.header.number,
                        "owner": each.lot.header.owner,
                        "mode": each.lot.mode.name,
                        "signer": each.signer.name,
                        "total": each.lot.header.total,
                        "documents": [document.id.number for document in each.documents],
                        "pieces": [[piece.number, piece.role, piece.digest] for piece in each.lot.pieces],
                    }
                    for each in lots
                ],
            }
        )
        return
    print_table(
        sentences("lot", "owner", "mode", "documents", "pieces", "total €", "signed by"),
        [
            (
                each.lot.header.number,
                each.lot.header.owner_name,
                word(each.lot.mode),
                len(each.documents),
                len(each.lot.pieces),
                euros(each.lot.header.total),
                each.signer.name,
            )
            for each in lots
        ],
        title=Sentence(
            "File {identity}, {kind} for {recipient}",
            identity=read.identity,
            kind=read.kind.name,
            recipient=read.recipient,
        ),
        right=("lot", "documents", "pieces", "total €"),
    )
    documents = sum(len(each.documents) for each in lots)
    print_line(
        Sentence(
            "All signatures of {lots} and {documents} are valid.",
            lots=Quantity(len(lots), "lot"),
            documents=Quantity(documents, "document"),
        )
    )
