"""SSV groups of an invoice.

Groups up to 1321 follow the public SSV 4.03 headers (numbers and meaning); where those name no fields the
fields are marked Project-defined. Groups from 9110 on are Project-defined: the public material does not
number the groups for prescriptions, acts and totals.
"""

from __future__ import annotations

from datetime import date

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.declaration import (
    Group,
    Source,
    birth,
    cents,
    day,
    digits,
    flag,
    group,
    number,
    text,
)


@group(1110, "identification de la facture")
class InvoiceIdentification(Group):
    """The number and date of the invoice. A rectified invoice names the one it replaces."""

    invoice_number: str = digits("numéro de facture", 9, required=True)
    nature: str = text("nature de l'opération", 2)
    made_on: date = day("date d'élaboration", required=True)
    situation_number: int = number("numéro logique de la situation de facturation")
    rectified_number: str = digits("numéro de la facture rectifiée", 9)
    rectified_on: date | None = day("date de la facture rectifiée")


@group(1120, "PS titulaire de la facture")
class InvoicePs(Group):
    """The owner of the invoice."""

    billing_number: str = digits("numéro de facturation", 9, required=True)
    billing_key: str = digits("clé", 1)
    last_name: str = text("nom", 60, required=True)
    first_name: str = text("prénom", 60)
    convention: str = text("code conventionnel", 2)
    speciality: str = text("code spécialité", 3)
    tariff_zone: str = text("zone tarifaire", 3)
    ik_zone: str = text("zone IK", 3)
    agreement_1: str = text("agrément 1", 2)
    agreement_2: str = text("agrément 2", 2)
    agreement_3: str = text("agrément 3", 2)
    practice_conditions: str = text("condition d'exercice", 2)


@group(1130, "bénéficiaire des soins")
class InvoiceBeneficiary(Group):
    """The patient, as the Vitale card identifies one: NIR, birth date and rank."""

    id_type: str = text("type d'identification", 2)
    nir: str = text("NIR", 13, required=True)
    nir_key: str = digits("clé du NIR", 2, required=True)
    birth_date: BirthDate = birth("date de naissance, AAAAMMJJ, mois et jour comme sur la carte")
    birth_rank: str = digits("rang de naissance", 1, required=True)
    quality: str = text("qualité", 2)
    coverage_code: str = text("code couverture, ALD, situation", 6)


@group(1140, "structure")
class InvoiceStructure(Group):
    """The structure where care was given."""

    id_type: str = text("type d'identification", 2, source=Source.PROJECT)
    identifier: str = text("numéro", 20, source=Source.PROJECT)
    key: str = text("clé", 2, source=Source.PROJECT)
    name: str = text("raison sociale", 60, source=Source.PROJECT)


@group(1150, "PS remplaçant")
class InvoiceReplacement(Group):
    """The PS who stands in for the owner."""

    billing_number: str = digits("numéro de facturation", 9, required=True)
    billing_key: str = digits("clé", 1)
    last_name: str = text("nom", 60)
    first_name: str = text("prénom", 60)
    signature_indicator: bool = flag("indicateur de signature")


@group(1220, "arrêt de travail")
class SickLeave(Group):
    """The sick leave prescribed with the act."""

    start: date | None = day("début", source=Source.PROJECT)
    end: date | None = day("fin", source=Source.PROJECT)


@group(1310, "entête AMO")
class AmoBody(Group):
    """The compulsory insurer that the invoice goes to."""

    regime: str = digits("code régime", 2, required=True)
    fund: str = digits("caisse", 3, required=True)
    centre: str = digits("centre", 4)
    recipient: str = text("organisme destinataire", 60)
    computing_centre: str = digits("centre informatique", 3)


@group(1321, "entête AMC")
class AmcBody(Group):
    """The complementary insurer that the invoice goes to. The public headers do not name its 13 fields."""

    identifier: str = text("numéro AMC", 20, required=True, source=Source.PROJECT)
    name: str = text("nom de l'AMC", 60, source=Source.PROJECT)
    contract: str = text("numéro de contrat", 30, source=Source.PROJECT)
    member: str = text("numéro d'adhérent", 30, source=Source.PROJECT)
    routing_code: str = text("code aiguillage STS", 2, source=Source.PROJECT)
    guarantee: str = text("code garantie", 10, source=Source.PROJECT)
    convention_type: str = text("type de convention", 10, source=Source.PROJECT)
    convention_criterion: str = text("critère secondaire de convention", 10, source=Source.PROJECT)
    rights_start: date | None = day("début des droits AMC", source=Source.PROJECT)
    rights_end: date | None = day("fin des droits AMC", source=Source.PROJECT)
    address: str = text("adresse de l'AMC", 60, source=Source.PROJECT)
    computing_centre: str = text("centre informatique AMC", 10, source=Source.PROJECT)
    services: str = text("type de services", 10, source=Source.PROJECT)


@group(9110, "prescription", Source.PROJECT)
class Prescription(Group):
    """Who prescribed what is billed, and when."""

    last_name: str = text("nom du prescripteur", 60, required=True)
    first_name: str = text("prénom du prescripteur", 60)
    billing_number: str = digits("numéro de facturation du prescripteur", 9)
    prescribed_on: date = day("date de prescription", required=True)
    prior_agreement: str = text("code entente préalable", 2)
    prior_agreement_on: date | None = day("date de l'entente préalable")
    prior_agreement_reason: str = text("motif de l'entente préalable", 60)


@group(9120, "prise en charge", Source.PROJECT)
class Coverage(Group):
    """The insurance under which the invoice is billed, and who pays."""

    nature: str = digits("nature d'assurance", 2, required=True)
    event_on: date | None = day("date de l'événement")
    accident_number: str = text("numéro d'accident du travail", 9)
    exoneration: str = digits("code exonération", 1)
    third_party_amo: bool = flag("tiers payant sur part obligatoire")
    third_party_amc: bool = flag("tiers payant sur part complémentaire")
    rate: int = number("taux de remboursement en pour cent", required=True)
    care_path: str = text("parcours de soins", 60)
    rights_source: str = text("origine des droits", 10)


@group(9125, "patient", Source.PROJECT)
class Patient(Group):
    """The patient's names as printed and displayed."""

    last_name: str = text("nom", 60, required=True)
    first_name: str = text("prénom", 60)


@group(9130, "acte", Source.PROJECT)
class Act(Group):
    """One act of the NGAP: date, key letter, coefficient in hundredths, quantity and amount."""

    performed_on: date = day("date de l'acte", required=True)
    code: str = text("lettre clé", 5, required=True)
    coefficient: int = number("coefficient en centièmes", required=True)
    quantity: int = number("quantité", required=True)
    amount: int = cents("montant", required=True)
    rate: int = number("taux en pour cent")
    at_home: bool = flag("au domicile")


@group(9131, "acte CCAM", Source.PROJECT)
class CcamAct(Group):
    """One act of the CCAM: code, activity, phase, modifiers, published price of one act, and amount.

    The code and what goes with it are the CCAM's own (decision of the UNCAM of 11 March 2005); group and
    order are Project-defined. It is a separate group so that the bytes of NGAP acts, and with them the
    digests of invoices, did not change when it was added.
    """

    performed_on: date = day("date de l'acte", required=True)
    code: str = text("code CCAM", 7, required=True)
    activity: str = digits("activité", 1, required=True)
    phase: str = digits("phase", 1, required=True)
    modifiers: str = text("modificateurs", 4)
    association: str = digits("code association non prévue", 1)
    exceptional: bool = flag("remboursement exceptionnel")
    price: int = cents("prix unitaire", required=True)
    quantity: int = number("quantité", required=True)
    amount: int = cents("montant", required=True)
    rate: int = number("taux en pour cent")
    at_home: bool = flag("au domicile")


@group(9140, "totaux", Source.PROJECT)
class Totals(Group):
    """The sums of the invoice in cents: total = fund + complementary + insured."""

    total: int = cents("total", required=True)
    fund: int = cents("part caisse", required=True)
    complementary: int = cents("part complémentaire")
    insured: int = cents("part assuré")
    to_pay: int = cents("à payer")
