"""SSV groups of a PS card: its holder and the holder's billing situations.

Source: the public SSV 4.03 headers, numbers, meaning and values.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.groups.declaration import Group, byte, digits, flag, group, text

_FORMER_CPE: Final = "1"


class PsCardType(StrEnum):
    """The types of PS cards."""

    CPS = "0"
    CPF = "1"
    CPE = "2"
    CPA = "3"
    CSA = "4"

    @classmethod
    def of(cls, profile: CardProfile) -> PsCardType:
        """Return the usual type of a card of this profile. Raises KeyError for a Vitale."""
        return cls[profile.name]


class PracticeMode(StrEnum):
    """The published modes of practice."""

    LIBERAL = "0"
    SALARIED = "1"
    REPLACEMENT = "4"
    UNPAID = "7"


@group(1, "titulaire de la carte PS")
class PsHolder(Group):
    """The holder of a PS card.

    The type of a CPE was 1 before version 0.2; the reader corrects it.
    """

    card_type: str = text("type de carte PS", 2, required=True, values=PsCardType)
    national_id_type: str = text("type d'identification nationale", 2)
    national_id: str = text("numéro d'identification nationale", 30, required=True)
    national_id_key: str = text("clé du numéro d'identification nationale", 2)
    civility: str = text("civilité", 10)
    last_name: str = text("nom", 60, required=True)
    first_name: str = text("prénom", 60)


@group(2, "situation de facturation du PS")
class PsSituation(Group):
    """One billing situation of a PS: the billing number that owns invoices and the two rights to sign."""

    logical_number: int = byte("numéro logique de la situation", required=True)
    practice_mode: str = text("mode d'exercice", 2, values=PracticeMode)
    status: str = text("statut d'exercice", 2)
    sector: str = text("secteur d'activité", 3)
    structure_id_type: str = text("type d'identification structure", 2)
    structure_id: str = text("numéro d'identification structure", 20)
    structure_id_key: str = text("clé du numéro structure", 2)
    structure_name: str = text("raison sociale structure", 60)
    billing_number: str = digits("numéro d'identification de facturation", 9, required=True)
    billing_key: str = digits("clé du numéro de facturation", 1)
    replaced_number: str = digits("numéro du PS remplacé", 9)
    replaced_key: str = digits("clé du numéro du PS remplacé", 1)
    convention: str = text("code conventionnel", 2)
    speciality: str = text("code spécialité", 3)
    tariff_zone: str = text("code zone tarifaire", 3)
    ik_zone: str = text("code zone IK", 3)
    agreement_1: str = text("code agrément 1", 2)
    agreement_2: str = text("code agrément 2", 2)
    agreement_3: str = text("code agrément 3", 2)
    may_sign_invoice: bool = flag("habilitation à signer une facture")
    may_sign_lot: bool = flag("habilitation à signer un lot")


def card_name(profile: CardProfile, card_type: str) -> str:
    """Return what a PS card is called: by its profile, but CPF for a CPE of that type."""
    training = profile is CardProfile.CPE and card_type == PsCardType.CPF
    return PsCardType.CPF.name if training else profile.name


def with_todays_type(holder: PsHolder, profile: CardProfile) -> PsHolder:
    """Return the holder of a card issued before 0.2 with today's type: that of a CPE has changed."""
    if profile is CardProfile.CPE and holder.card_type == _FORMER_CPE:
        return replace(holder, card_type=PsCardType.CPE)
    return holder
