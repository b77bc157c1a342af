"""tla certify"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Joined, Sentence
from tla_sim.tools.cli.code_porteur import CodeAtReaderOption, CodeFileOption, authenticate
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.ledger_option import LedgerOption, open_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_line
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.value_parsers import held_number, held_owner
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.host.documents import OutgoingDocument
    from tla_sim.host.ledger.ledger import Ledger

verb = new_verb()


@verb.command()
def certify(
    invoice: Annotated[
        str,
        typer.Option(
            "--invoice",
            metavar="N",
            parser=held_number("--invoice"),
            show_default=False,
            help="The invoice's number.",
        ),
    ],
    practice: Annotated[
        Path | None,
        typer.Option(
            "--practice",
            metavar="FILE",
            show_default=False,
            help="Take the invoice from this practice file. Default: from the ledger, if it has been pushed.",
        ),
    ] = None,
    owner: Annotated[
        str,
        typer.Option(
            "--owner",
            metavar="NUMBER",
            parser=held_owner("--owner", optional=True),
            show_default=False,
            help="Billing number of the owner, if several owners have an invoice with this number.",
        ),
    ] = "",
    reader: ReaderOption = "",
    ledger: LedgerOption = None,
    code_file: CodeFileOption = None,
    code_at_reader: CodeAtReaderOption = False,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Certify one invoice at the desk, with the Vitale and a PS card in the reader.

    A degraded invoice (tla invoice degrade) needs only its owner's CPS. Any other, certified with a CPE, a
    CPF or another professional's CPS, is partially certified and waits for its owner's final signature; with
    the owner's CPS it is complete.
    """
    from tla_sim.host.desk.certification import certify_documents
    from tla_sim.protocol.card_kind import CardProfile
    from tla_sim.protocol.documents.certificates import TrustAnchors
    from tla_sim.protocol.documents.fse import DocumentKind, SecurityMode
    from tla_sim.protocol.documents.invoice import euros
    from tla_sim.protocol.documents.invoice_state import InvoiceState

    with open_ledger(ledger) as book:
        found = (
            _from_ledger(book, invoice, owner)
            if practice is None
            else _from_file(book, practice, invoice, owner)
        )
        documents = _of_one_owner(found, invoice, practice)
        with open_reader(reader, trace, level) as client:
            authenticate(client, code_file, code_at_reader)
            done = certify_documents(client, book, TrustAnchors.shipped(), documents)
    document, verified = documents[0], done[0]
    signers = ["Vitale" if each.profile is CardProfile.VITALE else each.name for each in verified.signers]
    kinds = [each.fse.kind.name for each in done]
    if as_json:
        print_json(
            {
                "owner": document.invoice.owner,
                "number": invoice,
                "state": verified.state.name,
                "mode": verified.fse.mode.name,
                "kinds": kinds,
                "signers": signers,
            }
        )
        return
    total = euros(document.invoice.totals.total)
    degraded = verified.fse.mode is SecurityMode.DEGRADED
    state = (
        f"{word(verified.state)} ({word(verified.fse.mode).lower()})" if degraded else word(verified.state)
    )
    by = Joined(" and ", signers)
    if DocumentKind.DRE.name in kinds:
        print_line(
            Sentence(
                "Invoice {invoice} with its DRE of {total} € is {state}, signed by {by}.",
                invoice=invoice,
                total=total,
                state=state,
                by=by,
            )
        )
    else:
        print_line(
            Sentence(
                "Invoice {invoice} of {total} € is {state}, signed by {by}.",
                invoice=invoice,
                total=total,
                state=state,
                by=by,
            )
        )
    if verified.state is InvoiceState.PARTIAL:
        name = f"{document.invoice.ps.last_name} {document.invoice.ps.first_name}"
        note(
            Sentence(
                "It waits for the final signature of {name}: tla sign --invoice {invoice}",
                name=name,
                invoice=invoice,
            )
        )


def _from_file(book: Ledger, path: Path, number: str, owner: str) -> list[OutgoingDocument]:
    from tla_sim.host.desk.marks import marked_documents
    from tla_sim.host.practice.file import load_practice
    from tla_sim.host.practice.invoices import prepared_invoices

    invoices = prepared_invoices(load_practice(path), owner or None)
    return list(marked_documents(book, [each for each in invoices if each.number == number], to_load=False))


def _from_ledger(ledger: Ledger, number: str, owner: str) -> list[OutgoingDocument]:
    from tla_sim.host.desk.marks import held_documents
    from tla_sim.host.ledger.ledger import DocumentFilter

    lines = ledger.documents(DocumentFilter(owner=owner or None, numbers=(number,)))
    return list(held_documents(ledger, lines))


def _of_one_owner(
    found: list[OutgoingDocument], number: str, practice: Path | None
) -> list[OutgoingDocument]:
    if not found:
        where = Sentence("The ledger") if practice is None else str(practice)
        action = (
            Sentence("Give its practice file: --practice FILE")
            if practice is None
            else Sentence("Check the number")
        )
        raise UsageProblem("{where} has no invoice {number}", action, where=where, number=number)
    owners = dict.fromkeys((each.invoice.owner, each.invoice.ps.last_name) for each in found)
    if len(owners) > 1:
        choices = ", ".join(f"--owner {owner} ({name})" for owner, name in owners)
        raise UsageProblem(
            "{count} owners have an invoice {number}",
            "Choose: {choices}",
            count=len(owners),
            number=number,
            choices=choices,
        )
    return found
