"""tla certify"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from host.desk import certify_at_desk
from host.documents import OutgoingDocument, outgoing
from host.ledger import DocumentFilter, Ledger
from host.practice import load_practice, prepared_invoices
from protocol.card_kind import CardProfile
from protocol.certificates import TrustAnchors
from protocol.fse import DocumentKind
from protocol.invoice import PreparedInvoice, euros
from protocol.invoice_state import InvoiceState
from tools.cli.code_porteur import CodeAtReaderOption, CodeFileOption, authenticate
from tools.cli.failure import UsageProblem
from tools.cli.ledger_option import LedgerOption, open_ledger
from tools.cli.output import JsonOption, note, print_json, print_line
from tools.cli.reader_option import ReaderOption, TraceOption, open_reader
from tools.cli.verb import new_verb

verb = new_verb()


@verb.command()
def certify(
    invoice: Annotated[
        str, typer.Option("--invoice", metavar="N", show_default=False, help="The invoice's number.")
    ],
    practice: Annotated[
        Path | None,
        typer.Option(
            "--practice",
            metavar="FILE",
            show_default=False,
            help="Take the invoice from this practice file. Default: from the ledger, if it was pushed once.",
        ),
    ] = None,
    owner: Annotated[
        str,
        typer.Option(
            "--owner",
            metavar="NUMBER",
            show_default=False,
            help="Whose, where several owners have an invoice of this number.",
        ),
    ] = "",
    reader: ReaderOption = "",
    ledger: LedgerOption = None,
    code_file: CodeFileOption = None,
    code_at_reader: CodeAtReaderOption = False,
    trace: TraceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Certify one invoice at the desk, with the Vitale and a PS card in the reader.

    With a CPE or another professional's CPS it is partially certified and waits for its owner's final
    signature; with the owner's CPS it is complete.
    """
    with open_ledger(ledger) as book:
        found = (
            _from_ledger(book, invoice, owner) if practice is None else _from_file(practice, invoice, owner)
        )
        document = _only(found, invoice, practice)
        with open_reader(reader, trace) as client:
            authenticate(client, code_file, code_at_reader)
            verified = certify_at_desk(client, book, TrustAnchors.shipped(), document)
    signers = ["Vitale" if each.profile is CardProfile.VITALE else each.name for each in verified.signers]
    if as_json:
        print_json(
            {
                "owner": document.invoice.owner,
                "number": invoice,
                "state": verified.state.name,
                "signers": signers,
            }
        )
        return
    total = euros(document.invoice.totals.total)
    print_line(f"Invoice {invoice} of {total} € is {verified.state.name}, signed by {' and '.join(signers)}.")
    if verified.state is InvoiceState.PARTIAL:
        name = f"{document.invoice.ps.last_name} {document.invoice.ps.first_name}"
        note(f"It waits for the final signature of {name}: tla sign --invoice {invoice}")


def _from_file(path: Path, number: str, owner: str) -> list[OutgoingDocument]:
    invoices = prepared_invoices(load_practice(path), owner or None)
    return list(outgoing(each for each in invoices if each.number == number))


def _from_ledger(ledger: Ledger, number: str, owner: str) -> list[OutgoingDocument]:
    lines = ledger.documents(DocumentFilter(owner=owner or None, numbers=(number,), kind=DocumentKind.FSE))
    return [
        OutgoingDocument.of(PreparedInvoice.parse(ledger.invoice(line.id)), line.kind, line.mode)
        for line in lines
    ]


def _only(found: list[OutgoingDocument], number: str, practice: Path | None) -> OutgoingDocument:
    if not found:
        where = "The ledger" if practice is None else str(practice)
        action = "Give its practice file: --practice FILE" if practice is None else "Check the number"
        raise UsageProblem(f"{where} has no invoice {number}", action)
    if len(found) > 1:
        owners = ", ".join(f"--owner {each.invoice.owner} ({each.invoice.ps.last_name})" for each in found)
        raise UsageProblem(f"{len(found)} owners have an invoice {number}", f"Choose: {owners}")
    return found[0]
