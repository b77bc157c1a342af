"""Reading the PS card and the Vitale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import LIRE_CARTE_PS, LIRE_DROITS_VITALE
from tla_sim.host.ssv.server.answers import groups_of, zone_of
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.moments import moment_of
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.groups.zone import ZoneError, decode_zone_data

_BENEFICIARY: Final = 104
_MUTUELLE: Final = 107
_AMC: Final = 109
_READERS_DATE: Final = 0
_FIRST_DATE: Final = 1
"""In ms, for midnight of 1970-01-01, which the reader would take for its own date."""


def read_ps_card(work: Workstation, ps_resource: str, reader: str, code: str) -> bytes:
    """Return the zone with the holder, then each billing situation, once the card took its code."""
    return zone_of(groups_of(work.authenticate(ps_resource, reader, code).groups))


def read_vitale(work: Workstation, ps_resource: str, reader: str, code: str, date: str) -> bytes:
    """Return the zone of the Vitale: insured, beneficiaries and rights.

    What a test card says is replaced by the workstation's test zone, if it has one; a real card speaks for
    itself. The card must be valid at `date`, or at the reader's date if that is empty. Raises CallRefused
    with F802 for an ill-formed date, F014 for a test zone that cannot be read, F0F0 for a beneficiary with
    both a mutuelle and an AMC.
    """
    moment = moment_of(date, 8, 12, 14) or _FIRST_DATE if date else _READERS_DATE
    work.authenticate(ps_resource, reader, code)
    vitale = work.client.read_vitale(moment)
    test = work.test_vitale() if vitale.kind == CardKind.TEST else None
    if test is not None:
        return _checked_test(test)
    groups = groups_of(vitale.groups)
    _check_complementary(group.DECLARATION.number for group in groups)
    return zone_of(groups)


def _checked_test(zone: bytes) -> bytes:
    """Return a test zone as it is, once its groups were found whole: those of a later version may come."""
    try:
        groups = decode_zone_data(zone)
    except ZoneError as error:
        raise CallRefused(SsvCode.VITALE_UNREADABLE, error.message, error.action) from None
    _check_complementary(group.number for group in groups)
    return zone


def _check_complementary(numbers: Iterable[int]) -> None:
    found: set[int] = set()
    for number in numbers:
        if number == _BENEFICIARY:
            found.clear()
        found.add(number)
        if found.issuperset((_MUTUELLE, _AMC)):
            raise CallRefused(
                SsvCode.TWO_COMPLEMENTARIES,
                "A beneficiary on the Vitale has both a mutuelle and an AMC",
                "Have the Vitale card updated",
            )


BOUND: Final[tuple[Bound, ...]] = (
    bind_call(LIRE_CARTE_PS, read_ps_card),
    bind_call(LIRE_DROITS_VITALE, read_vitale),
)
"""The functions of this topic."""
