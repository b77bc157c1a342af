"""A prepared invoice: what the practice writes, the reader stores and every signature covers.

An invoice travels as SSV groups in a fixed order (`_ORDER`). Those bytes are canonical, so their SHA-256
digest identifies its content. Source: groups of SSV_FormaterFactures; order and acts Project-defined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from tla_sim.protocol.documents.act import BilledAct
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import Group, decode_typed, encode_typed
from tla_sim.protocol.groups.invoice import (
    Act,
    AmcBody,
    AmoBody,
    CcamAct,
    Coverage,
    InvoiceBeneficiary,
    InvoiceIdentification,
    InvoicePs,
    InvoiceReplacement,
    InvoiceStructure,
    Patient,
    Prescription,
    SickLeave,
    Totals,
)
from tla_sim.protocol.groups.line import decode_groups
from tla_sim.protocol.sentence import Sentence

MAX_INVOICE_BYTES: Final = 8_192
MAX_ACTS: Final = 60


@dataclass(frozen=True, order=True)
class BeneficiaryKey:
    """What identifies a beneficiary on a Vitale card: NIR (13), birth date (AAAAMMJJ), birth rank (1)."""

    nir: str
    birth_date: str
    birth_rank: str

    def __repr__(self) -> str:
        return "BeneficiaryKey(…)"


@dataclass(frozen=True, kw_only=True)
class PreparedInvoice:
    """One invoice as prepared at the practice, before any signature."""

    identification: InvoiceIdentification
    ps: InvoicePs
    beneficiary: InvoiceBeneficiary
    patient: Patient
    amo: AmoBody
    coverage: Coverage
    totals: Totals
    acts: tuple[BilledAct, ...]
    structure: InvoiceStructure | None = None
    replacement: InvoiceReplacement | None = None
    sick_leave: SickLeave | None = None
    amc: AmcBody | None = None
    prescription: Prescription | None = None

    @property
    def number(self) -> str:
        """The invoice number, up to 9 digits."""
        return self.identification.invoice_number

    @property
    def owner(self) -> str:
        """The billing number of the titulaire."""
        return self.ps.billing_number

    @property
    def beneficiary_key(self) -> BeneficiaryKey:
        """The beneficiary that the Vitale card must name."""
        who = self.beneficiary
        return BeneficiaryKey(who.nir, who.birth_date, who.birth_rank)

    @property
    def made_on(self) -> date:
        """The invoice's date."""
        return self.identification.made_on

    def groups(self) -> tuple[Group, ...]:
        """Return the groups in canonical order."""
        out: list[Group] = []
        for name, _, _ in _ORDER:
            value = getattr(self, name)
            if isinstance(value, tuple):
                out.extend(value)
            elif value is not None:
                out.append(value)
        return tuple(out)

    def build(self) -> bytes:
        """Return the canonical bytes, at most 8,192. Raises CodecError when they do not fit."""
        return self._canonical

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 digest of the canonical bytes (32 bytes). Raises CodecError when they do not fit."""
        return digest(self._canonical)

    @cached_property
    def _canonical(self) -> bytes:
        raw = encode_typed(self.groups())
        if len(raw) > MAX_INVOICE_BYTES:
            raise CodecError(
                "Invoice {number} takes {size} bytes, more than {most}",
                "Split its acts",
                number=self.number,
                size=len(raw),
                most=MAX_INVOICE_BYTES,
            )
        return raw

    @classmethod
    def parse(cls, raw: bytes) -> PreparedInvoice:
        """Return the invoice in its canonical bytes.

        Raises CodecError when a group is missing, repeated, out of order or ill-formed, when there are no
        acts or more than 60, or when the sums do not agree.
        """
        if len(raw) > MAX_INVOICE_BYTES:
            raise CodecError(
                "An invoice takes at most {most} bytes, not {size}",
                "Split it",
                most=MAX_INVOICE_BYTES,
                size=len(raw),
            )
        remaining = list(decode_typed(raw))[::-1]
        values: dict[str, object] = {}
        for name, kind, needed in _ORDER:
            if name == "acts":
                acts = []
                while remaining and isinstance(remaining[-1], Act | CcamAct):
                    acts.append(remaining.pop())
                values[name] = tuple(acts)
            elif remaining and isinstance(remaining[-1], kind):
                values[name] = remaining.pop()
            elif needed:
                raise CodecError(
                    "The invoice lacks group {number} ({name})",
                    "Add it",
                    number=kind.DECLARATION.number,
                    name=kind.DECLARATION.name,
                )
        if remaining:
            raise CodecError(
                "Group {number} stands where the invoice allows none",
                "Check the order",
                number=remaining[-1].DECLARATION.number,
            )
        invoice = cls(**values)  # type: ignore[arg-type]
        problem = arithmetic_problem(invoice.acts, invoice.totals)
        if problem:
            raise CodecError(
                "Invoice {number}: {problem}", "Correct the amounts", number=invoice.number, problem=problem
            )
        return invoice


_ORDER: Final[tuple[tuple[str, type[Group], bool], ...]] = (
    ("identification", InvoiceIdentification, True),
    ("ps", InvoicePs, True),
    ("beneficiary", InvoiceBeneficiary, True),
    ("structure", InvoiceStructure, False),
    ("replacement", InvoiceReplacement, False),
    ("sick_leave", SickLeave, False),
    ("amo", AmoBody, True),
    ("amc", AmcBody, False),
    ("prescription", Prescription, False),
    ("coverage", Coverage, True),
    ("patient", Patient, True),
    ("acts", Act, True),
    ("totals", Totals, True),
)


def names_in(raw: bytes) -> tuple[str, str]:
    """Return the owner's billing number and the invoice number in an invoice's bytes.

    Nothing else is decoded, which makes this many times faster than `PreparedInvoice.parse`. Raises
    CodecError when they are missing.
    """
    number, owner = InvoiceIdentification.DECLARATION.number, InvoicePs.DECLARATION.number
    groups = {group.number: group for group in decode_groups(raw, only=(number, owner))}
    if number not in groups or owner not in groups:
        raise CodecError("The invoice names no number or no owner", "Check the file")
    return (
        InvoicePs.from_data(groups[owner]).billing_number,
        InvoiceIdentification.from_data(groups[number]).invoice_number,
    )


def arithmetic_problem(acts: Iterable[BilledAct], totals: Totals) -> str:
    """Return what is wrong with the sums, an empty string if nothing is. Amounts are in cents."""
    listed = tuple(acts)
    if not 1 <= len(listed) <= MAX_ACTS:
        return Sentence("1 to {max_acts} acts expected, not {count}", max_acts=MAX_ACTS, count=len(listed))
    amounts = [act.amount for act in listed]
    parts = (totals.fund, totals.complementary, totals.insured)
    if min(*amounts, *parts, totals.to_pay, totals.total) < 0:
        return Sentence("an amount is negative")
    if sum(amounts) != totals.total:
        return Sentence(
            "the total is {total} but its acts add up to {amounts}",
            total=euros(totals.total),
            amounts=euros(sum(amounts)),
        )
    if sum(parts) != totals.total:
        return Sentence(
            "the total is {total} but its parts add up to {parts}",
            total=euros(totals.total),
            parts=euros(sum(parts)),
        )
    if totals.to_pay > totals.total:
        return Sentence(
            "{to_pay} to pay is more than the total of {total}",
            to_pay=euros(totals.to_pay),
            total=euros(totals.total),
        )
    return ""


def euros(amount: int) -> str:
    """Return an amount in cents as the French write it: 15620 -> '156,20'."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{amount // 100},{amount % 100:02}"


def digest(content: bytes) -> bytes:
    """Return the SHA-256 digest (32 bytes) that identifies the bytes of an invoice or FSE."""
    return hashlib.sha256(content).digest()
