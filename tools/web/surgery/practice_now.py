"""A practice as a server works with it, until it is edited."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.document import write_practice
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.practice.model import Practice
from tla_sim.protocol.documents.invoice import PreparedInvoice

_DIGITS: Final = 16


@dataclass(frozen=True)
class PracticeNow:
    """A practice, with what is made of it once: its prepared invoices, its file and that file's version."""

    practice: Practice

    @cached_property
    def prepared(self) -> tuple[PreparedInvoice, ...]:
        """The practice's prepared invoices."""
        return tuple(prepared_invoices(self.practice))

    @cached_property
    def text(self) -> str:
        """The text of the practice's file."""
        return write_practice(self.practice)

    @cached_property
    def version(self) -> str:
        """What names this content of the file, and no other: 16 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:_DIGITS]

    def check(self, ledger: Ledger, before: PracticeNow) -> None:
        """Check that what is new in it since `before` fits the ledger. Raises `ContentDiffers`."""
        known = set(before.prepared)
        for each in self.prepared:
            if each not in known:
                ledger.check_number(each)
