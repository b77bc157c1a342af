"""tla scor attach|list|detach|paper|signature"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.invoice_option import NumberArgument, OwnerOption
from tla_sim.tools.cli.ledger_option import LedgerOption, open_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_facts, print_json, print_line, print_table
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.question import confirm
from tla_sim.tools.cli.value_parsers import held_number, held_owner
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.host.ledger.desk_model import Piece

verb = new_verb("Attach scanned documents to invoices (SCOR), and register a PS's digitised signature.")


class Role(StrEnum):
    """The kinds of attached documents."""

    PRESCRIPTION = "prescription"
    SHEET = "sheet"
    OTHER = "other"


@verb.command()
def attach(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scan: PDF, JPEG or PNG, 200 DPI or more.")],
    invoice: Annotated[
        list[str],
        typer.Option(
            "--invoice",
            metavar="N",
            parser=held_number("--invoice"),
            show_default=False,
            help="The invoice to attach it to; may be given several times.",
        ),
    ],
    role: Annotated[Role, typer.Option("--as", help="The kind of document.")] = Role.PRESCRIPTION,
    without_empty_pages: Annotated[
        bool,
        typer.Option(
            "--without-empty-pages",
            metavar="",
            help="Send a PDF without its empty pages; the original is kept as well.",
        ),
    ] = False,
    owner: OwnerOption = "",
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a scanned document and attach it to one or more invoices; it is stored once."""
    from tla_sim.host.desk.errors import EmptyPages
    from tla_sim.host.desk.piece_store import PieceStore
    from tla_sim.host.desk.pieces import attach as attach_piece
    from tla_sim.host.ledger.desk_model import PieceRole

    roles = {
        Role.PRESCRIPTION: PieceRole.PRESCRIPTION,
        Role.SHEET: PieceRole.CARE_SHEET,
        Role.OTHER: PieceRole.OTHER,
    }
    numbers = tuple(dict.fromkeys(invoice))
    with open_ledger(ledger) as book:
        try:
            piece, new = attach_piece(
                book, file, numbers, roles[role], owner, without_empty_pages=without_empty_pages
            )
        except EmptyPages as empty:
            if as_json or not _agrees_to_leave_out(empty.message):
                raise
            piece, new = attach_piece(book, file, numbers, roles[role], owner, without_empty_pages=True)
        kept = PieceStore(book).directory
    if as_json:
        print_json(_fields(piece) | {"attached": list(new)})
        return
    where = Sentence("attached to {new}", new=", ".join(new)) if new else Sentence("attached already")
    print_line(
        Sentence(
            "{name}, {pages}, {size}: {where}.",
            name=piece.name,
            pages=Quantity(piece.pages, "page"),
            size=bytes_text(piece.size),
            where=where,
        )
    )
    if piece.original is not None:
        original = kept / piece.original.hex()
        note(
            Sentence(
                "Left out as blank: p. {piece}. The original is kept as {original}.",
                piece=_numbers(piece),
                original=original,
            )
        )


@verb.command("list")
def list_pieces(
    number: NumberArgument, owner: OwnerOption = "", ledger: LedgerOption = None, as_json: JsonOption = False
) -> None:
    """Show what is attached to an invoice."""
    from tla_sim.host.desk.marks import held_lines
    from tla_sim.host.ledger.pieces import pieces_of

    with open_ledger(ledger) as book:
        line = held_lines(book, number, owner)[0]
        pieces = pieces_of(book, line.owner, number)
    if as_json:
        print_json([_fields(each) for each in pieces])
        return
    print_table(
        sentences("digest", "as", "document", "pages", "left out, p.", "size"),
        [
            (
                each.digest.hex()[:16],
                word(each.role),
                each.name,
                each.pages,
                _numbers(each),
                bytes_text(each.size),
            )
            for each in pieces
        ],
        title=Sentence(
            "{documents} attached to invoice {number}",
            documents=Quantity(len(pieces), "document"),
            number=number,
        ),
        right=("pages", "size"),
    )


@verb.command()
def detach(
    number: NumberArgument,
    digest: Annotated[
        str, typer.Argument(metavar="DIGEST", help="The digest of the document, or the beginning of it.")
    ],
    owner: OwnerOption = "",
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Detach a document from an invoice that is not in a lot yet."""
    from tla_sim.host.desk.pieces import detach as detach_piece

    with open_ledger(ledger) as book:
        piece = detach_piece(book, number, digest.lower(), owner)
    if as_json:
        print_json(_fields(piece))
    else:
        print_line(
            Sentence("{name} is no longer attached to invoice {number}.", name=piece.name, number=number)
        )


@verb.command()
def paper(
    number: NumberArgument,
    off: Annotated[bool, typer.Option("--off", metavar="", help="Send it digitally again.")] = False,
    owner: OwnerOption = "",
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a degraded invoice's care sheet goes on paper."""
    from tla_sim.host.desk.pieces import send_sheet_on_paper

    with open_ledger(ledger) as book:
        whose = send_sheet_on_paper(book, number, not off, owner)
    if as_json:
        print_json({"owner": whose, "number": number, "on_paper": not off})
        return
    print_line(
        Sentence("The care sheet of invoice {number} no longer needs to go on paper.", number=number)
        if off
        else Sentence("The care sheet of invoice {number} goes on paper.", number=number)
    )
    if not off:
        note(Sentence("Print it with: tla sheet {number} --out FILE", number=number))


@verb.command()
def signature(
    owner: Annotated[
        str,
        typer.Option(
            "--owner",
            metavar="NUMBER",
            parser=held_owner("--owner"),
            show_default=False,
            help="Billing number of the owner.",
        ),
    ],
    image: Annotated[
        Path | None,
        typer.Option("--image", metavar="FILE", show_default=False, help="Register this image, JPEG or PNG."),
    ] = None,
    on: Annotated[
        bool | None,
        typer.Option(
            "--on/--off", show_default=False, help="Use it on care sheets, or send the sheets on paper."
        ),
    ] = None,
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register a PS's digitised signature, switch it on or off, or show whether there is one."""
    from tla_sim.host.desk.signature_image import register_signature, signature_of, switch

    with open_ledger(ledger) as book:
        if image is not None:
            register_signature(book, owner, image)
        if on is not None:
            switch(book, owner, on)
        found = signature_of(book, owner)
    fields = {"owner": owner, "registered": found.image is not None, "switched_on": found.switched_on}
    if as_json:
        print_json(fields)
    else:
        print_facts(
            {
                Sentence("owner"): owner,
                Sentence("registered"): found.image is not None,
                Sentence("used on sheets"): found.switched_on,
            }
        )
    if found.usable is None:
        note("Care sheets go on paper: print each with tla sheet N --out FILE, sign it and post it.")


def somebody_answers() -> bool:
    """Return whether a question can be asked."""
    return sys.stdin.isatty()


def _agrees_to_leave_out(message: str) -> bool:
    if not somebody_answers():
        return False
    return confirm(Sentence("{message}. Leave these pages out?", message=message), by_itself=False)


def _numbers(piece: Piece) -> str:
    return ", ".join(str(each) for each in piece.left_out)


def _fields(piece: Piece) -> dict[str, object]:
    return {
        "digest": piece.digest.hex(),
        "name": piece.name,
        "role": piece.role.name,
        "pages": piece.pages,
        "size": piece.size,
        "left_out": list(piece.left_out),
        "original": None if piece.original is None else piece.original.hex(),
    }
