"""SSV groups of a Vitale card: the insured, the beneficiaries and their rights.

A card has 101, 102, 103, then for each beneficiary 104 and its groups 105 to 111, of which 107 to 109 are in
`tla_sim.protocol.groups.complementary`. Source: the public SSV 4.03 headers, numbers, meaning and values.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.declaration import Group, birth, day, digits, group, text

MAX_BENEFICIARIES: Final = 19
"""The most beneficiaries on one card."""

_RESERVED: Final = 255
"""The most characters of what the card reserves; the public material gives no lengths."""


class Quality(StrEnum):
    """The published qualities of a beneficiary: who he or she is to the insured."""

    INSURED = "0"
    ASCENDANT = "1"
    SPOUSE = "2"
    DIVORCED = "3"
    PARTNER = "4"
    SEPARATED = "5"
    CHILD = "6"
    WIDOWED = "8"
    OTHER = "9"


class AmoService(StrEnum):
    """The published AMO services: none, or complementary cover by the State and who manages it."""

    NONE = "00"
    MANAGED_BY_AMO = "01"
    MANAGED_BY_AMC_FOR_AMO = "02"
    MANAGED_BY_AMC = "03"
    LEAVING = "10"


@group(101, "assuré")
class Insured(Group):
    """The Vitale card and the insured. Card type: T test, R real (R is Project-defined)."""

    card_type: str = text("type de carte Vitale", 1, required=True)
    card_serial: str = text("numéro de série", 20, required=True)
    card_end: date | None = day("date de fin de validité")
    administration_1: str = text("données d'administration de la carte, RUF1", _RESERVED)
    administration_2: str = text("données d'administration de la carte, RUF2", _RESERVED)
    administration: str = text("données d'administration, RUF", _RESERVED)
    holder_id_type: str = text("type d'identification du porteur", 2)
    nir: str = text("NIR de l'assuré", 13, required=True)
    nir_key: str = digits("clé du NIR", 2, required=True)
    regime: str = digits("code régime", 2)
    fund: str = digits("caisse gestionnaire", 3)
    centre: str = digits("centre gestionnaire", 4)
    management_code: str = text("code gestion", 2)
    family: str = text("données famille, RUF", _RESERVED, later=True)


@group(102, "service AMO de la famille")
class FamilyService(Group):
    """The AMO service of the whole family."""

    code: str = text("code service AMO", 2, values=AmoService)
    start: date | None = day("début")
    end: date | None = day("fin")


@group(103, "accidents du travail")
class WorkAccidents(Group):
    """The work accidents of the insured: for each the body, the code BGDH and the identifier."""

    body_0: str = text("organisme gestionnaire du risque AT", 20)
    code_0: str = text("code BGDH", 20)
    identifier_0: str = text("identifiant AT", 20)
    body_1: str = text("organisme gestionnaire AT1", 20)
    code_1: str = text("code BGDH AT1", 20)
    identifier_1: str = text("identifiant AT1", 20)
    body_2: str = text("organisme gestionnaire AT2", 20)
    code_2: str = text("code BGDH AT2", 20)
    identifier_2: str = text("identifiant AT2", 20)


@group(104, "bénéficiaire")
class Beneficiary(Group):
    """One beneficiary on a Vitale card; its groups 105 to 111 follow it."""

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
    quality: str = text("qualité", 2, required=True, values=Quality)
    amo_service: str = text("code service AMO", 2, values=AmoService)
    amo_service_start: date | None = day("début du service AMO")
    amo_service_end: date | None = day("fin du service AMO")
    amo_reserved: str = text("données AMO, RUF", _RESERVED, later=True)


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


@group(111, "zone commune")
class CommonZone(Group):
    """What the card reserves for the preceding beneficiary's complementary insurer."""

    content: str = text("zone commune complémentaire (RUF)", _RESERVED)
