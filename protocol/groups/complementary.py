"""SSV groups of a beneficiary's complementary insurer on a Vitale: a mutuelle (107, 108) or an AMC (109).

A beneficiary has one or the other, never both (SSV code F0F0). Source: the public SSV 4.03 headers. Their
former forms, Project-defined, are on cards and in readers of versions before 0.2 and are read as today's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tla_sim.protocol.groups.declaration import FormerGroup, Group, day, former_group, group, text

_BENEFICIARY = 104


@group(107, "mutuelle")
class Mutuelle(Group):
    """The mutuelle of the preceding beneficiary; its periods of rights follow (108)."""

    identifier: str = text("identification de la mutuelle", 20)
    guarantees: str = text("garanties effectives", 10)
    treatment: str = text("indicateur de traitement", 2)
    services_kind: str = text("type de services associés", 2)
    services: str = text("services associés au contrat", 30)
    sts_switch: str = text("code aiguillage STS", 2)


@group(108, "période de droits mutuelle")
class MutuellePeriod(Group):
    """One period of rights of the preceding mutuelle, both days included."""

    start: date | None = day("début")
    end: date | None = day("fin")


@group(109, "complémentaire AMC")
class Amc(Group):
    """The AMC of the preceding beneficiary, with its period, both days included."""

    identifier: str = text("numéro complémentaire B2", 20)
    edi_number: str = text("numéro complémentaire EDI", 20)
    member: str = text("numéro d'adhérent", 30)
    treatment: str = text("indicateur de traitement", 2)
    start: date | None = day("début de validité")
    end: date | None = day("fin de validité")
    routing_code: str = text("code de routage", 10)
    host: str = text("identifiant d'hôte", 10)
    domain: str = text("nom de domaine", 60)
    sts_switch: str = text("code aiguillage STS", 2)
    services_kind: str = text("type de services associés", 2)
    services: str = text("services associés au contrat", 30)


def complementary_groups(
    identifier: str,
    *,
    guarantees: str = "",
    contract: str = "",
    sts_switch: str = "",
    start: date | None = None,
    end: date | None = None,
) -> tuple[Group, ...]:
    """Return the groups of a complementary insurer: an AMC if there is a contract, else a mutuelle.

    Only an AMC's group has room for the contract (as the member's number); it has none for guarantees, which
    stand among its services. Project-defined.
    """
    if contract:
        amc = Amc(
            identifier=identifier,
            member=contract,
            start=start,
            end=end,
            sts_switch=sts_switch,
            services=guarantees,
        )
        return (amc,)
    mutuelle = Mutuelle(identifier=identifier, guarantees=guarantees, sts_switch=sts_switch)
    return (mutuelle, MutuellePeriod(start=start, end=end)) if start or end else (mutuelle,)


class _Former(FormerGroup):
    @classmethod
    def renew(cls, groups: Sequence[Group]) -> tuple[Group, ...]:
        """Return the message with each beneficiary's former groups put together in today's."""
        renewed: list[Group] = []
        former: list[_Former] = []
        for each in groups:
            if isinstance(each, _Former):
                former.append(each)
                continue
            if each.DECLARATION.number == _BENEFICIARY:
                renewed += _renewed(former)
                former = []
            renewed.append(each)
        return (*renewed, *_renewed(former))


@former_group(107, "mutuelle")
class FormerMutuelle(_Former):
    """A mutuelle with its period of rights."""

    identifier: str = text("numéro de mutuelle", 20)
    guarantees: str = text("garanties effectives", 10)
    start: date | None = day("début")
    end: date | None = day("fin")


@former_group(108, "complémentaire AMC")
class FormerAmcCover(_Former):
    """The contract with an AMC; cards had it beside the mutuelle of the same number."""

    identifier: str = text("numéro AMC", 20)
    contract: str = text("numéro de contrat", 30)
    sts_switch: str = text("code aiguillage STS", 2)


@former_group(109, "période de droits AMC")
class FormerAmcPeriod(_Former):
    """One period of rights of the AMC."""

    start: date | None = day("début")
    end: date | None = day("fin")


def _renewed(former: Sequence[_Former]) -> list[Group]:
    """Return one beneficiary's former groups in today's form, with everything that they say."""
    covers = [each for each in former if isinstance(each, FormerAmcCover)]
    renewed: list[Group] = []
    for each in former:
        if isinstance(each, FormerMutuelle):
            same = next((cover for cover in covers if cover.identifier == each.identifier), FormerAmcCover())
            covers = [cover for cover in covers if cover is not same]
            renewed += complementary_groups(
                each.identifier,
                guarantees=each.guarantees,
                contract=same.contract,
                sts_switch=same.sts_switch,
                start=each.start,
                end=each.end,
            )
    renewed += [
        Amc(identifier=cover.identifier, member=cover.contract, sts_switch=cover.sts_switch)
        for cover in covers
    ]
    for each in former:
        if isinstance(each, FormerAmcPeriod):
            _add_period(renewed, each.start, each.end)
    return renewed


def _add_period(renewed: list[Group], start: date | None, end: date | None) -> None:
    """Give a period to the first AMC without one, else to the mutuelle."""
    for place, each in enumerate(renewed):
        if isinstance(each, Amc) and not (each.start or each.end):
            renewed[place] = replace(each, start=start, end=end)
            return
    only_mutuelle = renewed and not any(isinstance(each, Amc) for each in renewed)
    renewed.append(MutuellePeriod(start=start, end=end) if only_mutuelle else Amc(start=start, end=end))
