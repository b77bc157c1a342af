"""The acts of an invoice, of either nomenclature: the NGAP's key letters and the CCAM's codes.

Source: NGAP; for the CCAM its decision of the UNCAM of 11 March 2005, articles I-6 to I-9 (code, activity,
phase, at most four modifiers). Names and order in the file are Project-defined.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Discriminator, Tag

from tla_sim.host.practice.fields import (
    ActCode,
    Activity,
    Amount,
    Association,
    CcamCode,
    Coefficient,
    Day,
    Modifiers,
    Percent,
    Phase,
    Quantity,
    is_ccam_code,
)
from tla_sim.host.practice.part import Part


class NgapAct(Part):
    """One act of the NGAP: coefficient in hundredths; amount of the line, all quantities, in cents."""

    date: Day
    code: ActCode
    coefficient: Coefficient
    quantity: Quantity = 1
    amount: Amount
    rate: Percent | None = None
    at_home: bool = False


class CcamAct(Part):
    """One act of the CCAM: published price of one; amount of the line with its modifiers, in cents."""

    date: Day
    code: CcamCode
    activity: Activity
    phase: Phase = "0"
    modifiers: Modifiers = ""
    association: Association = ""
    exceptional_reimbursement: bool = False
    price: Amount
    quantity: Quantity = 1
    amount: Amount
    rate: Percent | None = None
    at_home: bool = False


_OF_CCAM: Final = frozenset(CcamAct.model_fields) - frozenset(NgapAct.model_fields)
_LONGEST_KEY_LETTER: Final = 5


def _nomenclature(value: Any) -> str:
    """Return which of the two an act is meant to be, even a wrong one, so that its mistakes are reported as
    that one's."""
    if isinstance(value, NgapAct | CcamAct):
        return type(value).__name__
    if not isinstance(value, dict):
        return NgapAct.__name__
    code = value.get("code")
    if is_ccam_code(code):
        return CcamAct.__name__
    if "coefficient" in value:
        return NgapAct.__name__
    long = isinstance(code, str) and len(code) > _LONGEST_KEY_LETTER
    return CcamAct.__name__ if long or not _OF_CCAM.isdisjoint(value) else NgapAct.__name__


Act = Annotated[
    Annotated[NgapAct, Tag(NgapAct.__name__)] | Annotated[CcamAct, Tag(CcamAct.__name__)],
    Discriminator(_nomenclature),
]
"""An act of either nomenclature; the tag is the name of its class."""
