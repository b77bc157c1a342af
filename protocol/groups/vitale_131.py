"""SSV groups of a Vitale card as version 1.31 of the specification has them. We read and write them, no more.

Source: the public SSV 4.03 headers, numbers and meaning; kinds and lengths are inferred.
"""

from __future__ import annotations

from datetime import date

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.declaration import Group, birth, day, digits, group, number, text
from tla_sim.protocol.groups.vitale import Quality


@group(40, "carte Vitale et assuré, 1.31")
class Insured131(Group):
    """The Vitale card and the insured."""

    card_type: str = text("type de carte Vitale", 1, required=True)
    card_serial: str = text("numéro de série", 20, required=True)
    holder_id_type: str = text("type d'identification du porteur", 2)
    nir: str = text("NIR de l'assuré", 13, required=True)
    nir_key: str = digits("clé du NIR", 2, required=True)
    regime: str = digits("code régime", 2)
    fund: str = digits("caisse gestionnaire", 3)
    centre: str = digits("centre gestionnaire", 4)
    management_code: str = text("code gestion", 2)


@group(41, "bénéficiaire et périodes de droits, 1.31")
class Beneficiary131(Group):
    """One beneficiary with his or her mutuelle and the first of each kind of period, both days included."""

    usual_name: str = text("nom usuel", 60, required=True)
    birth_name: str = text("nom patronymique", 60)
    first_name: str = text("prénom", 60, required=True)
    address: str = text("adresse", 160)
    birth_date: BirthDate = birth("date de naissance, AAAAMMJJ, mois et jour comme sur la carte")
    birth_rank: str = digits("rang de naissance", 1, required=True)
    quality: str = text("qualité", 2, required=True, values=Quality)
    mutuelle: str = text("identification de la mutuelle", 20)
    guarantees: str = text("garanties effectives", 10)
    rights_count: int = number("nombre de périodes de droits AMO")
    rights_start: date | None = day("début des droits AMO")
    rights_end: date | None = day("fin des droits AMO")
    mutuelle_count: int = number("nombre de périodes de droits mutuelle")
    mutuelle_start: date | None = day("début des droits mutuelle")
    mutuelle_end: date | None = day("fin des droits mutuelle")
    coverage_count: int = number("nombre de périodes de couverture")
    coverage_start: date | None = day("début de couverture")
    coverage_end: date | None = day("fin de couverture")
    ald_code: str = text("code ALD", 1)
    situation_code: str = text("code situation", 4)
