"""The cards in the slots as the firmware sees them: read once an insertion, forgotten when taken out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from protocol.card_kind import CardProfile
from protocol.group_dictionary import Beneficiary, RightsPeriod
from protocol.groups import Group

_PS_PROFILES: Final = (CardProfile.CPS, CardProfile.CPE)


def day_of(moment_ms: int) -> date:
    """The day of a moment in milliseconds since 1970-01-01 00:00."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC).date()


@dataclass(frozen=True)
class BeneficiaryOnCard:
    """One beneficiary of a Vitale card with the groups 105 to 109 that follow it."""

    beneficiary: Beneficiary
    details: tuple[Group, ...]

    def has_rights(self, moment_ms: int) -> bool:
        """Whether a period of AMO rights holds the day of `moment_ms`."""
        today = day_of(moment_ms)
        return any(
            period.start <= today and (period.end is None or today <= period.end)
            for period in self.details
            if isinstance(period, RightsPeriod)
        )
