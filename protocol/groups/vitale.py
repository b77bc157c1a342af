"""SSV groups of a Vitale card: the insured, the beneficiaries and their rights.

Source: the public SSV 4.03 headers, numbers and meaning; fields that those do not name are Project-defined.
"""

from __future__ import annotations

from datetime import date

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.declaration import Group, Source, birth, day, digits, group, text


@group(101, "assuré")
class Insured(Group):
    """The Vitale card and the insured. Card type: T test, R real (values Project-defined)."""

    card_type: str = text("type de carte Vitale", 1, required=True)
    card_serial: str = text("numéro de série", 20, required=True)
    card_end: date | None = day("date de fin de validité")
    holder_id_type: str = text("type d'identification du porteur", 2, n=7)
    nir: str = text("NIR de l'assuré", 13, required=True)
    nir_key: str = digits("clé du NIR", 2, required=True)
    regime: str = digits("code régime", 2)
    fund: str = digits("caisse gestionnaire", 3)
    centre: str = digits("centre gestionnaire", 4)
    management_code: str = text("code gestion", 2)


@group(104, "bénéficiaire")
class Beneficiary(Group):
    """One beneficiary on a Vitale card; its groups 105 to 109 follow it."""

    usual_name: str = text("nom usuel", 60, required=True)
    birth_name: str = text("nom patronymique", 60)
    first_name: str = text("prénom", 60, required=True)
    address_1: str = text("adresse 1", 60)
    address_2: str = text("adresse 2", 60)
    address_3: str = text("adresse 3", 60)
    address_4: str = text("adresse 4", 60)
    address_5: str = text("adresse 5", 60)
    certified_nir: str = text("NIR certifié", 13)
    certified_nir_key: str = digits("clé du NIR certifié", 2)
    certified_nir_date: date | None = day("date de certification")
    birth_date: BirthDate = birth("date de naissance, AAAAMMJJ, mois et jour comme sur la carte")
    birth_rank: str = digits("rang de naissance", 1, required=True)
    quality: str = text("qualité", 2, required=True)
    amo_service: str = text("code service AMO", 2)
    amo_service_start: date | None = day("début du service AMO")
    amo_service_end: date | None = day("fin du service AMO")


@group(105, "période de droits AMO")
class RightsPeriod(Group):
    """One period of rights of the preceding beneficiary, both days included."""

    start: date = day("début", required=True)
    end: date | None = day("fin")


@group(106, "période de couverture")
class CoveragePeriod(Group):
    """One period of coverage of the preceding beneficiary, both days included."""

    start: date = day("début", required=True)
    end: date | None = day("fin")
    ald_code: str = text("code ALD", 1)
    situation_code: str = text("code situation", 4)


@group(107, "mutuelle")
class Mutuelle(Group):
    """The complementary insurer on the card."""

    identifier: str = text("numéro de mutuelle", 20, source=Source.PROJECT)
    guarantees: str = text("garanties effectives", 10, source=Source.PROJECT)
    start: date | None = day("début", source=Source.PROJECT)
    end: date | None = day("fin", source=Source.PROJECT)


@group(108, "complémentaire AMC")
class AmcCover(Group):
    """The AMC cover on the card."""

    identifier: str = text("numéro AMC", 20, source=Source.PROJECT)
    contract: str = text("numéro de contrat", 30, source=Source.PROJECT)
    routing_code: str = text("code aiguillage STS", 2, source=Source.PROJECT)


@group(109, "période de droits AMC")
class AmcPeriod(Group):
    """One period of AMC rights."""

    start: date | None = day("début", source=Source.PROJECT)
    end: date | None = day("fin", source=Source.PROJECT)
