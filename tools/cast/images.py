"""The cards of the cast, freshly issued, the same to the byte each time."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Beneficiary, RightsPeriod
from tla_sim.protocol.groups.vitale import Insured as InsuredGroup
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import (
    BeneficiaryEntry,
    CardTerms,
    issue_cpe,
    issue_cpf,
    issue_cps,
    issue_vitale,
)
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cast.people import MARTIN, Insured, Person

RIGHTS: Final = RightsPeriod(start=date(2019, 1, 1), end=date(2035, 12, 31))
_ORDINARY: Final = CardTerms()


@cache
def ps_image(
    person: Person,
    *,
    cpe: bool = False,
    cpf: bool = False,
    may_sign: bool = True,
    terms: CardTerms = _ORDINARY,
) -> CardImage:
    """Return a person's CPS, or CPE, or CPF."""
    situation = PsSituation(
        logical_number=1,
        billing_number=person.number,
        billing_key=person.billing_key,
        speciality=person.speciality,
        may_sign_invoice=may_sign,
        may_sign_lot=may_sign,
    )
    holder = PsHolder(
        card_type=person.card_type,
        national_id=person.national_id,
        last_name=person.last_name,
        first_name=person.first_name,
    )
    issue = issue_cpf if cpf else issue_cpe if cpe else issue_cps
    return issue(holder, [situation], ShippedKeys(person.keys), terms)


@cache
def vitale_image(
    who: Insured = MARTIN, rights: RightsPeriod = RIGHTS, terms: CardTerms = _ORDINARY
) -> CardImage:
    """Return a patient's Vitale."""
    insured = InsuredGroup(card_type="T", card_serial="", nir=who.nir, nir_key="47", regime="01", fund="751")
    beneficiary = Beneficiary(
        usual_name=who.last_name,
        first_name=who.first_name,
        birth_date=BirthDate(who.birth_date),
        birth_rank="1",
        quality="0",
    )
    entry = BeneficiaryEntry(beneficiary, (rights,))
    return issue_vitale(insured, [entry], ShippedKeys(who.keys), terms)
