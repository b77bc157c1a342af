"""tla list"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.output import JsonOption, print_json, print_table
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.value_parsers import held_owner
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.host.documents import DocumentOnBoard

verb = new_verb()


@verb.command("list")
def list_documents(
    reader: ReaderOption = "",
    owner: Annotated[
        str,
        typer.Option(
            "--owner",
            metavar="NUMBER",
            parser=held_owner("--owner", optional=True),
            show_default=False,
            help="Only this owner's documents.",
        ),
    ] = "",
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what is on the reader: owner, invoice number, kind and state."""

    with open_reader(reader, trace, level) as client:
        listed = client.list_documents(owner)
    if as_json:
        print_json([_fields(each) for each in listed])
        return
    print_table(
        sentences("owner", "invoice", "kind", "state", "size"),
        [
            (
                each.id.owner,
                each.id.number,
                each.id.kind.name,
                word(each.state),
                bytes_text(each.size),
            )
            for each in listed
        ],
        title=Sentence("{documents} on the reader", documents=Quantity(len(listed), "document")),
        right=("size",),
    )


def _fields(document: DocumentOnBoard) -> dict[str, object]:
    return {
        "owner": document.id.owner,
        "number": document.id.number,
        "kind": document.id.kind.name,
        "state": document.state.name,
        "fingerprint": document.fingerprint.hex(),
        "size": document.size,
    }
