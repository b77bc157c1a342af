"""An act on an invoice, of either nomenclature, and its text in one line."""

from __future__ import annotations

from tla_sim.protocol.groups.invoice import Act, CcamAct

BilledAct = Act | CcamAct
"""One act of the NGAP (a key letter and a coefficient) or of the CCAM (seven characters and more)."""


def act_text(act: BilledAct) -> str:
    """Return the act in the nomenclature's own terms: `AMI 4,5`, or `DEQP003 1-0 FP` for a CCAM act.

    Code, activity, phase and modifiers of a CCAM act stand in the order in which the CCAM writes them.
    """
    if isinstance(act, CcamAct):
        return f"{act.code} {ccam_text(act)}"
    return f"{act.code} {coefficient_text(act.coefficient)}"


def ccam_text(act: CcamAct) -> str:
    """Return what follows a CCAM code: `1-0`, its activity and phase, or `1-0 FP` with modifiers."""
    return f"{act.activity}-{act.phase} {act.modifiers}".rstrip()


def coefficient_text(hundredths: int) -> str:
    """Return a coefficient as the French write it: 450 -> `4,5`, 400 -> `4`."""
    whole, part = divmod(hundredths, 100)
    return f"{whole},{part:02}".rstrip("0") if part else str(whole)
