"""tla push"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.ledger_option import LedgerOption, open_ledger
from tla_sim.tools.cli.output import JsonOption, note, print_json, print_table
from tla_sim.tools.cli.printable import bytes_text
from tla_sim.tools.cli.progress_bar import show_progress
from tla_sim.tools.cli.question import confirm
from tla_sim.tools.cli.reader_option import ReaderOption, open_reader
from tla_sim.tools.cli.trace_option import LevelOption, TraceOption
from tla_sim.tools.cli.value_parsers import held_owner
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.client import ReaderClient
    from tla_sim.host.desk.load import LoadPlan
    from tla_sim.host.ledger.ledger import Ledger
    from tla_sim.host.practice.model import Practice
    from tla_sim.host.round.push import Proposal, Pushed

verb = new_verb()


class Others(StrEnum):
    """The answers about other owners' invoices for the same patients."""

    ASK = "ask"
    YES = "yes"
    NO = "no"


@verb.command()
def push(
    practice: Annotated[Path, typer.Argument(metavar="PRACTICE", help="The practice file.")],
    reader: ReaderOption = "",
    ledger: LedgerOption = None,
    owner: Annotated[
        list[str] | None,
        typer.Option(
            "--owner",
            metavar="NUMBER",
            parser=held_owner("--owner"),
            show_default=False,
            help="Billing number of an owner whose invoices to load; may be given several times. "
            "Default: everyone's.",
        ),
    ] = None,
    others: Annotated[
        Others,
        typer.Option(help="Also load other owners' invoices for the same patients, if the reader can."),
    ] = Others.ASK,
    trace: TraceOption = None,
    level: LevelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load prepared invoices into the reader, all or none for each owner.

    An invoice with a complementary part under tiers payant is loaded as FSE and DRE; a degraded one only if
    it was marked for loading (tla invoice degrade N --load). After an interruption, run it again: what the
    reader already has is not sent again.
    """
    from tla_sim.host.practice.file import load_practice
    from tla_sim.host.round.push import push_owner

    plan = load_practice(practice)
    pushed: list[Pushed] = []
    with open_reader(reader, trace, level) as client, open_ledger(ledger) as book:
        planned = _plan(client, book, plan, owner or ())
        identity = planned.identity
        if planned.left_out:
            note(
                Sentence(
                    "{dres} left out: this reader (version {major}.{minor:02}) accepts none. Certify "
                    "at the desk, or update the reader.",
                    dres=Quantity(planned.left_out, "DRE", "DREs"),
                    major=identity.major,
                    minor=identity.minor,
                )
            )
        if planned.at_desk:
            note(
                Sentence(
                    "{invoices} not loaded: to be signed at the desk (tla certify).",
                    invoices=Quantity(len(planned.at_desk), "degraded invoice"),
                )
            )
        owners = [*planned.proposal.chosen, *_choose_others(planned.proposal, plan, others)]
        try:
            for number in owners:
                with show_progress() as on_progress:
                    pushed.append(push_owner(client, book, number, planned.of(number), on_progress))
        finally:
            _print(plan, pushed, as_json)


def _plan(client: ReaderClient, book: Ledger, practice: Practice, owners: Sequence[str]) -> LoadPlan:
    """Return the plan. If one owner must be chosen, raise UsageProblem with the options to choose from."""
    from tla_sim.host.desk.load import OneOwnerAtATime, plan_load

    try:
        return plan_load(client, book, practice, owners)
    except OneOwnerAtATime as error:
        choices = ", ".join(f"--owner {number} ({name})" for number, name in error.owners)
        raise UsageProblem(error.message, "Choose one: {choices}", choices=choices) from None


def _choose_others(proposal: Proposal, practice: Practice, others: Others) -> tuple[str, ...]:
    """Return the other owners whose invoices are loaded too, asking if the options leave it open."""
    from tla_sim.host.desk.load import owner_name

    if not proposal.others or others is Others.NO:
        return ()
    names = ", ".join(owner_name(practice, number) for number in proposal.others)
    if not proposal.multi_owner:
        note(
            Sentence(
                "{names} also prepared invoices for these patients. They are left out: this reader "
                "(version {version}) accepts one owner's at a time. Update it to 1.40 to load them "
                "together.",
                names=names,
                version=proposal.version,
            )
        )
        return ()
    if others is Others.YES:
        return proposal.others
    if not sys.stdin.isatty():
        note(
            Sentence(
                "{names} also prepared invoices for these patients; load them with --others yes.", names=names
            )
        )
        return ()
    question = Sentence("{names} also prepared invoices for these patients. Load them too?", names=names)
    return proposal.others if confirm(question) else ()


def _print(practice: Practice, pushed: Sequence[Pushed], as_json: bool) -> None:
    from tla_sim.host.desk.load import owner_name

    if as_json:
        print_json(
            [
                {
                    "owner": each.owner,
                    "name": owner_name(practice, each.owner),
                    "loaded": each.loaded,
                    "already": each.already,
                    "finished": each.finished,
                    "bytes_sent": each.bytes_sent,
                    "bytes_resumed": each.bytes_resumed,
                }
                for each in pushed
            ]
        )
    elif pushed:
        print_table(
            sentences("owner", "billing number", "loaded", "already there", "already certified", "sent"),
            [
                (
                    owner_name(practice, each.owner),
                    each.owner,
                    each.loaded,
                    each.already,
                    each.finished,
                    bytes_text(each.bytes_sent),
                )
                for each in pushed
            ],
            title=Sentence(
                "{invoices} loaded into the reader",
                invoices=Quantity(sum(each.loaded for each in pushed), "invoice"),
            ),
            right=("loaded", "already there", "already certified", "sent"),
        )
