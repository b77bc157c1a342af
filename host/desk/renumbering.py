"""Making numbers that restart each year into numbers that name one invoice for good.

An invoice whose number the ledger has for another year gets the year in front of its last seven digits, as in
the field's own numbers; all others keep theirs. So the same file, or a later one with the same invoices,
always gets the same numbers. Project-defined: docs/decisions/invoice-numbers.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.ledger.reuse import number_with_year
from tla_sim.host.practice.file import parse_practice
from tla_sim.host.practice.model import Invoice, Practice
from tla_sim.protocol.errors import Category, TlaError


class NumberTaken(TlaError):
    """A number with its year in front already names another invoice; nothing was renumbered."""

    category = Category.BAD_INPUT

    def __init__(self, invoice: Invoice, new: str) -> None:
        self.owner, self.number, self.new = invoice.owner, invoice.number, new
        super().__init__(
            "Invoice {number} of {owner} would become {new}, which names another invoice",
            "Give it another number of nine digits in the practice file",
            number=invoice.number,
            owner=invoice.owner,
            new=new,
        )


@dataclass(frozen=True)
class NewNumber:
    """An invoice of the practice file whose number the ledger has for another year, and its new number."""

    owner: str
    number: str
    new: str
    made_on: date


def new_numbers(ledger: Ledger, practice: Practice) -> tuple[NewNumber, ...]:
    """Return the invoices of a practice that need another number, with that number, in the order of the file.

    Raises `NumberTaken`, and errors of the ledger.
    """
    years = {(line.owner, line.number): line.made_on.year for line in ledger.documents()}
    used = {(each.owner, each.number) for each in practice.invoices}
    found: list[NewNumber] = []
    for each in practice.invoices:
        year = each.date.year
        if years.get((each.owner, each.number), year) == year:
            continue
        new = number_with_year(each.number, each.date)
        if (each.owner, new) in used or years.get((each.owner, new), year) != year:
            raise NumberTaken(each, new)
        used.add((each.owner, new))
        found.append(NewNumber(each.owner, each.number, new, each.date))
    return tuple(found)


def renumber_file(raw: bytes, numbers: Iterable[NewNumber]) -> bytes:
    """Return the bytes of a practice file with these numbers and otherwise the same content."""
    wanted = {(each.owner, each.number): each.new for each in numbers}
    tree: Any = json.loads(raw.decode("utf-8-sig"))
    for invoice in tree["invoices"] if wanted else ():
        name = (invoice["owner"], invoice["number"])
        invoice["number"] = wanted.get(name, invoice["number"])
    content = f"{json.dumps(tree, ensure_ascii=False, indent=1)}\n".encode()
    if parse_practice(content) != renumber(parse_practice(raw), numbers):
        raise AssertionError("a practice file changed in more than its numbers")
    return content


def renumber(practice: Practice, numbers: Iterable[NewNumber]) -> Practice:
    """Return the practice with these numbers."""
    wanted = {(each.owner, each.number): each.new for each in numbers}
    invoices = tuple(
        each.model_copy(update={"number": wanted.get((each.owner, each.number), each.number)})
        for each in practice.invoices
    )
    return practice.model_copy(update={"invoices": invoices})
