"""tla practice check|renumber|schema|zones"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from tla_sim.protocol.sentence import Quantity, Sentence, sentences
from tla_sim.tools.cli.failure import UsageProblem
from tla_sim.tools.cli.ledger_option import KnownLedgerOption, open_known_ledger
from tla_sim.tools.cli.output import JsonOption, print_facts, print_json, print_line, print_table
from tla_sim.tools.cli.verb import new_verb

if TYPE_CHECKING:
    from tla_sim.host.practice.model import Practice
    from tla_sim.host.practice.problem import PracticeFileError

verb = new_verb(
    "Check a practice file, give its invoices free numbers, print its JSON Schema, or write its memory zones."
)


@verb.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The practice file, JSON in UTF-8.")],
    as_json: JsonOption = False,
) -> None:
    """Check a practice file, and report each error with its place, its line and what is expected."""
    from tla_sim.host.practice.file import load_practice
    from tla_sim.host.practice.problem import PracticeFileError
    from tla_sim.protocol.documents.invoice import euros

    try:
        practice = load_practice(file)
    except PracticeFileError as error:
        if as_json:
            print_json({"valid": False, "complete": error.complete, "problems": _problems(error)})
        raise
    owners = _owners(practice)
    if as_json:
        print_json({"valid": True, "name": practice.name} | _parts(practice) | {"owners": owners})
        return
    print_facts(
        {Sentence("practice"): practice.name} | _parts(practice), title=Sentence("{file} is valid", file=file)
    )
    print_table(
        sentences("owner", "billing number", "invoices", "total €"),
        [(each["name"], each["owner"], each["invoices"], euros(each["total"])) for each in owners],
        right=("invoices", "total €"),
    )


def _problems(error: PracticeFileError) -> list[dict[str, object]]:
    return [
        {"place": each.place, "line": each.line, "found": each.found, "expected": each.expected}
        for each in error.problems
    ]


def _parts(practice: Practice) -> dict[str, object]:
    return {
        Sentence("practitioners"): len(practice.practitioners),
        Sentence("staff"): len(practice.staff),
        Sentence("patients"): len(practice.patients),
        "invoices": len(practice.invoices),
    }


class _Owner(TypedDict):
    name: str
    owner: str
    invoices: int
    total: int


def _owners(practice: Practice) -> list[_Owner]:
    """Return the owners, each with the number of its invoices and their total in cents."""
    from tla_sim.host.practice.invoices import prepared_invoices

    owners: dict[str, _Owner] = {
        number: {"name": f"{who.last_name} {who.first_name}", "owner": number, "invoices": 0, "total": 0}
        for number, (who, _) in practice.owners.items()
    }
    for invoice in prepared_invoices(practice):
        owners[invoice.owner]["invoices"] += 1
        owners[invoice.owner]["total"] += invoice.totals.total
    return list(owners.values())


@verb.command()
def renumber(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The practice file, JSON in UTF-8.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="NEW", help="The file to write the renumbered practice to.")
    ],
    ledger: KnownLedgerOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Renumber invoices whose numbers restarted with the year, with numbers that the ledger does not have.

    An invoice whose number the ledger has for another year gets the year in front: 000000001 of 2020 becomes
    200000001. All others keep theirs, and the same file always gets the same numbers. Use NEW from then on.
    """
    from tla_sim.host.desk.renumbering import new_numbers, renumber_file
    from tla_sim.host.practice.file import parse_practice, read_practice_file
    from tla_sim.host.whole_file import replace_file

    if os.path.lexists(out) and not force:
        raise UsageProblem("{out} already exists", "Choose another file, or replace it with --force", out=out)
    raw = read_practice_file(file)
    with open_known_ledger(ledger) as book:
        numbers = new_numbers(book, parse_practice(raw, str(file)))
    replace_file(out, renumber_file(raw, numbers))
    if as_json:
        print_json(
            [
                {"owner": each.owner, "number": each.number, "new": each.new, "date": f"{each.made_on}"}
                for each in numbers
            ]
        )
    elif numbers:
        print_table(
            sentences("billing number", "invoice", "date", "new number"),
            [(each.owner, each.number, f"{each.made_on:%d/%m/%Y}", each.new) for each in numbers],
            title=Sentence(
                "{invoices} with a new number, written to {out}",
                invoices=Quantity(len(numbers), "invoice"),
                out=out,
            ),
        )
    else:
        print_line(Sentence("Every invoice keeps its number; the file was written to {out}.", out=out))


@verb.command()
def schema(as_json: JsonOption = True) -> None:  # noqa: ARG001
    """Print the JSON Schema of practice files: JSON, with or without --json."""
    from tla_sim.host.practice.file import practice_schema

    print_json(practice_schema())


@verb.command()
def zones(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The practice file, JSON in UTF-8.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The directory to write the zones to.")],
    as_json: JsonOption = False,
) -> None:
    """Write each prepared invoice as the memory zone that SSV_ChargerFacturesPdT takes: OWNER-NUMBER.zone.

    Existing files of these names are replaced.
    """
    from tla_sim.host.practice.file import load_practice
    from tla_sim.host.practice.invoices import prepared_invoices
    from tla_sim.host.whole_file import replace_file
    from tla_sim.protocol.groups.zone import encode_zone

    written = []
    invoices = prepared_invoices(load_practice(file))
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for invoice in invoices:
        path = out / f"{invoice.owner}-{invoice.number}.zone"
        zone = encode_zone(invoice.groups())
        replace_file(path, zone)
        written.append(
            {"file": str(path), "owner": invoice.owner, "number": invoice.number, "bytes": len(zone)}
        )
    if as_json:
        print_json(written)
        return
    print_table(
        sentences("file", "billing number", "invoice", "bytes"),
        [(each["file"], each["owner"], each["number"], each["bytes"]) for each in written],
        right=("bytes",),
    )
