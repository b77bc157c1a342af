"""Who pays what of an invoice: its totals, from its acts and its coverage.

Project-defined: what the rate gives, act by act and rounded to the cent, is the fund's; the rest is the
complementary insurer's where it pays directly, else the insured's. What nobody pays directly is to be paid.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from tla_sim.host.practice.act import Act, CcamAct, NgapAct
from tla_sim.host.practice.model import InvoiceCoverage, Totals
from tla_sim.host.strict_json import JsonFlawed, parse
from tla_sim.protocol.documents.invoice import MAX_ACTS

_ACT: Final[TypeAdapter[NgapAct | CcamAct]] = TypeAdapter(Act)


def share_out(acts: Iterable[NgapAct | CcamAct], coverage: InvoiceCoverage) -> Totals:
    """Return the totals of acts, in cents."""
    total = fund = 0
    for act in acts:
        rate = coverage.rate if act.rate is None else act.rate
        total += act.amount
        fund += (act.amount * rate + 50) // 100
    rest = total - fund
    complementary = rest if coverage.third_party_amc else 0
    return Totals.model_construct(
        total=total,
        fund=fund,
        complementary=complementary,
        insured=rest - complementary,
        to_pay=total - complementary - (fund if coverage.third_party_amo else 0),
    )


def totals_of(invoice: Mapping[str, Any]) -> Totals | None:
    """Return the totals of an invoice given as a practice file has it; `None` unless its acts and its
    coverage are sound."""
    try:
        tree: Any = parse(json.dumps(invoice))
        coverage = InvoiceCoverage.model_validate(tree.get("coverage"))
        listed = tree.get("acts")
        if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_ACTS:
            return None
        acts = [_ACT.validate_python(each) for each in listed]
    except (JsonFlawed, ValidationError):
        return None
    return share_out(acts, coverage)
