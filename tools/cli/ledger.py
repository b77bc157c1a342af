"""tla ledger"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tla_sim.protocol.sentence import Joined, Quantity, Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.ledger_option import LedgerArgument, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, print_json, print_line, print_table
from tla_sim.tools.cli.value_parsers import held_number
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language.words import counted_word, word

if TYPE_CHECKING:
    from tla_sim.host.ledger.ledger import Ledger, LedgerDocument, LedgerEvent
    from tla_sim.host.ledger.model import SignerNote
    from tla_sim.protocol.documents.document_id import DocumentId

verb = new_verb()


@verb.command()
def ledger(
    file: LedgerArgument = None,
    history: Annotated[
        str | None,
        typer.Option(
            "--history",
            metavar="N",
            parser=held_number("--history"),
            show_default=False,
            help="Show every step of invoice N: when, where, by whom.",
        ),
    ] = None,
    release: Annotated[
        str,
        typer.Option(
            "--release",
            metavar="SERIAL",
            show_default=False,
            help="Record that reader SERIAL is lost for good: what was loaded on it may be loaded "
            "on another.",
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show every document that the practice holds, with its state, last step and signers."""
    with open_known_ledger(file) as book:
        if history and release:
            raise UsageProblem("--history and --release exclude each other", "Give one of them")
        if release:
            _release(book, release, as_json)
        elif history:
            _history(book, history, as_json)
        else:
            _overview(book, as_json)


def _overview(book: Ledger, as_json: bool) -> None:
    from tla_sim.host.ledger.ledger import LedgerState
    from tla_sim.protocol.documents.invoice import euros

    documents = book.documents()
    last: dict[DocumentId, LedgerEvent] = {}
    signers: dict[DocumentId, tuple[SignerNote, ...]] = {}
    for event in book.events():
        last[event.document] = event
        signers[event.document] = signers.get(event.document, ()) + event.signers
    if as_json:
        print_json(
            [
                _fields(each)
                | {
                    "at": last[each.id].at if each.id in last else "",
                    "signers": _signer_fields(signers.get(each.id, ())),
                }
                for each in documents
            ]
        )
        return
    states = Counter(each.state for each in documents)
    summary = ", ".join(counted_word(states[state], state) for state in LedgerState if states[state])
    counted = Sentence(
        "{documents}: {states}", documents=Quantity(len(documents), "document"), states=summary
    )
    print_table(
        sentences("owner", "invoice", "kind", "patient", "date", "total €", "state", "since", "signed by"),
        [
            (
                each.owner_name,
                each.number,
                each.kind.name,
                each.patient,
                f"{each.made_on:%d/%m/%Y}",
                euros(each.total),
                word(each.state),
                _time(last[each.id].at) if each.id in last else "",
                ", ".join(_name(signer) for signer in signers.get(each.id, ())),
            )
            for each in documents
        ],
        title=counted if documents else Sentence("No document"),
        right=("total €",),
        optional=("kind", "date", "total €", "patient"),
    )


def _history(book: Ledger, number: str, as_json: bool) -> None:
    from tla_sim.host.ledger.ledger import DocumentFilter

    documents = book.documents(DocumentFilter(numbers=(number,)))
    if not documents:
        raise UsageProblem("The ledger has no invoice {number}", "Look at: tla ledger", number=number)
    steps = [(document, event) for document in documents for event in book.events(document.id)]
    if as_json:
        print_json(
            [
                {
                    "owner": document.owner,
                    "number": number,
                    "kind": document.kind.name,
                    "state": event.state.name,
                    "at": event.at,
                    "reader": event.reader,
                    "signers": _signer_fields(event.signers),
                }
                for document, event in steps
            ]
        )
        return
    print_table(
        sentences("owner", "kind", "state", "when", "reader", "signed by"),
        [
            (
                document.owner_name,
                document.kind.name,
                word(event.state),
                _time(event.at),
                event.reader,
                Joined("\n", map(_signed_with, event.signers)),
            )
            for document, event in steps
        ],
        title=Sentence("Invoice {number}", number=number),
        optional=("kind", "owner", "reader"),
    )


def _release(book: Ledger, serial: str, as_json: bool) -> None:
    from tla_sim.host.ledger.ledger import DocumentFilter, LedgerState

    loaded = book.documents(DocumentFilter(states=(LedgerState.LOADED,), reader=serial))
    released = book.record_unloaded([each.id for each in loaded], serial)
    if as_json:
        print_json({"reader": serial, "released": released})
    else:
        print_line(
            Sentence(
                "{documents} of reader {serial} may be loaded on another.",
                documents=Quantity(released, "document"),
                serial=serial,
            )
        )


def _fields(document: LedgerDocument) -> dict[str, Any]:
    return {
        "owner": document.owner,
        "owner_name": document.owner_name,
        "number": document.number,
        "kind": document.kind.name,
        "mode": document.mode.name,
        "state": document.state.name,
        "patient": document.patient,
        "recipient": document.recipient,
        "made_on": document.made_on.isoformat(),
        "total": document.total,
        "reader": document.reader,
    }


def _signer_fields(signers: tuple[SignerNote, ...]) -> list[dict[str, str]]:
    return [{"role": each.role.name, "name": each.name, "card": each.card_serial} for each in signers]


def _signed_with(signer: SignerNote) -> Sentence:
    return Sentence("{each}, card {card_serial}", each=_name(signer), card_serial=signer.card_serial)


def _name(signer: SignerNote) -> str:
    """Return the name of a signer, `Vitale` for a patient's card: its certificate names the card, not a
    person.
    """
    from tla_sim.protocol.documents.fse import Role

    return "Vitale" if signer.role is Role.VITALE else signer.name


def _time(iso: str) -> str:
    return iso[:19].replace("T", " ")
