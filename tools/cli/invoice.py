"""tla invoice show|degrade|secure|rectify"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.invoice_option import NumberArgument, OwnerOption, PracticeOption, find_invoice
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, LedgerOption, open_known_ledger, open_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_facts, print_json, print_line
from tla_sim.tools.cli.value_parsers import day
from tla_sim.tools.cli.value_parsers import new_number as parse_new_number
from tla_sim.tools.cli.verb import new_verb
from tla_sim.tools.language.words import word

if TYPE_CHECKING:
    from tla_sim.host.desk.summary import Section
    from tla_sim.host.documents import OutgoingDocument

verb = new_verb("Show an invoice, bill it degraded or secured, or rectify a rejected one.")


class RightsSource(StrEnum):
    """The sources of a degraded invoice's rights."""

    PRACTICE = "practice"
    ADR = "adr"


@verb.command()
def show(
    number: NumberArgument,
    owner: OwnerOption = "",
    practice: PracticeOption = None,
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Summarise an invoice like the desk's screen: insurance, exemption, recipient, amounts, documents."""
    from tla_sim.host.desk.marks import with_rights
    from tla_sim.host.desk.standing import standing
    from tla_sim.host.desk.summary import summary
    from tla_sim.host.ledger.desk_model import Rights

    with open_ledger(ledger) as book:
        invoice = find_invoice(book, number, owner, practice)
        stands = standing(book, invoice)
        if stands.mark.degraded and practice is not None:
            invoice = with_rights(invoice, Rights(stands.mark.rights))
        sections = summary(invoice, stands) if as_json else summary(invoice, stands, word)
    if as_json:
        print_json(
            {"number": number, "owner": invoice.owner, "mode": stands.mode.name, "state": stands.state}
            | {section.title: dict(section.lines) for section in sections}
        )
        return
    for section in sections:
        _print_section(section)
    held = stands.held(word) or Sentence("not in the ledger")
    print_line(Sentence("State: {held}", held=held))


def _print_section(section: Section) -> None:
    from tla_sim.tools.language import spoken_language
    from tla_sim.tools.language.summary_words import say_summary

    def say(text: str) -> str:
        return say_summary(text, spoken_language())

    print_facts({say(label): say(value) for label, value in section.lines}, title=say(section.title))
    print_line("")


@verb.command()
def degrade(
    number: NumberArgument,
    rights: Annotated[
        RightsSource,
        typer.Option(help="Source of the rights: the practice's own records, or an ADR answer."),
    ] = RightsSource.PRACTICE,
    load: Annotated[
        bool,
        typer.Option(
            "--load", metavar="", help="Load it into the TLA with the next push, to be signed there."
        ),
    ] = False,
    paper: Annotated[
        bool,
        typer.Option(
            "--paper", metavar="", help="Send its care sheet on paper, with or without a digitised signature."
        ),
    ] = False,
    owner: OwnerOption = "",
    practice: PracticeOption = None,
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bill an invoice without the Vitale card: only its owner's CPS signs it.

    It is signed at the desk (tla certify --invoice N), or on the reader with --load.
    """
    from tla_sim.host.desk.marks import bill_degraded
    from tla_sim.host.ledger.desk_model import Rights

    with open_ledger(ledger) as book:
        invoice = find_invoice(book, number, owner, practice)
        documents = bill_degraded(book, invoice, Rights[rights.name], to_load=load, on_paper=paper)
    _print_prepared(documents, as_json)
    if not as_json:
        note(
            Sentence("It goes into the TLA with the next push.")
            if load
            else Sentence("Sign it with: tla certify --invoice {number}.", number=number)
        )


@verb.command()
def secure(
    number: NumberArgument,
    owner: OwnerOption = "",
    practice: PracticeOption = None,
    ledger: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a degraded invoice secured again: it needs its patient's Vitale."""
    from tla_sim.host.desk.marks import bill_secured

    with open_ledger(ledger) as book:
        documents = bill_secured(book, find_invoice(book, number, owner, practice))
    _print_prepared(documents, as_json)


@verb.command()
def rectify(
    number: NumberArgument,
    new_number: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="M",
            parser=parse_new_number("--as"),
            show_default=False,
            help="The number of the new invoice.",
        ),
    ],
    made_on: Annotated[
        date | None,
        typer.Option(
            "--date",
            metavar="DAY",
            parser=day("--date"),
            show_default=False,
            help="The date of the new invoice. Default: today.",
        ),
    ] = None,
    owner: OwnerOption = "",
    practice: PracticeOption = None,
    ledger: KnownLedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prepare the invoice that rectifies a rejected one, to be certified and sent like any other.

    Its content is that of invoice M in the practice file, if one is given, otherwise that of the rejected
    invoice.
    """
    from tla_sim.host.desk.rectification import rectify as rectify_invoice

    if made_on is not None and practice is not None:
        raise UsageProblem(
            "--date and --practice exclude each other", "The date is that of invoice M in the practice file"
        )
    on = made_on or date.today()
    with open_known_ledger(ledger) as book:
        corrected = None if practice is None else find_invoice(book, new_number, owner, practice)
        documents = rectify_invoice(book, number, new_number, on, owner=owner, corrected=corrected)
    _print_prepared(documents, as_json)


def _print_prepared(documents: tuple[OutgoingDocument, ...], as_json: bool) -> None:
    from tla_sim.host.desk.summary import format_day

    first = documents[0]
    rectified = first.invoice.identification.rectified_number
    if as_json:
        print_json(
            {
                "owner": first.invoice.owner,
                "number": first.invoice.number,
                "mode": first.mode.name,
                "kinds": [each.kind.name for each in documents],
                "rights": first.invoice.coverage.rights_source,
                "rectifies": rectified,
            }
        )
        return
    kind = first.kind.name
    number, made, mode = first.invoice.number, format_day(first.invoice.made_on), word(first.mode).lower()
    match len(documents) > 1, bool(rectified):
        case False, False:
            print_line(
                Sentence(
                    "{kind} {number} of {made} is prepared in {mode} mode.",
                    kind=kind,
                    number=number,
                    made=made,
                    mode=mode,
                )
            )
        case False, True:
            print_line(
                Sentence(
                    "{kind} {number} of {made} is prepared in {mode} mode, rectifying {rectified}.",
                    kind=kind,
                    number=number,
                    made=made,
                    mode=mode,
                    rectified=rectified,
                )
            )
        case True, False:
            print_line(
                Sentence(
                    "FSE and DRE {number} of {made} are prepared in {mode} mode.",
                    number=number,
                    made=made,
                    mode=mode,
                )
            )
        case _:
            print_line(
                Sentence(
                    "FSE and DRE {number} of {made} are prepared in {mode} mode, rectifying {rectified}.",
                    number=number,
                    made=made,
                    mode=mode,
                    rectified=rectified,
                )
            )
