"""The dictionary of SSV groups: which groups exist, their fields, and where each is known from.

Groups 1 to 1321 follow the public SSV 4.03 headers (numbers and meaning); where those name no fields the
fields are marked Project-defined. Groups from 9110 on are Project-defined: the public material does not
number the groups for prescriptions, acts and totals.
"""

from __future__ import annotations

from datetime import date, datetime

from tla_sim.protocol.groups.declaration import (
    DICTIONARY,
    Group,
    Source,
    cents,
    day,
    digits,
    flag,
    group,
    moment,
    number,
    text,
)

__all__ = ["DICTIONARY"]

whole = number  # for groups that have a field named number


@group(1, "titulaire de la carte PS")
class PsHolder(Group):
    """Who a PS card was issued to. Card type: 0 CPS, 1 CPE (values Project-defined)."""

    card_type: str = text("type de carte PS", 2, required=True)
    national_id_type: str = text("type d'identification nationale", 2)
    national_id: str = text("numéro d'identification nationale", 30, required=True)
    national_id_key: str = text("clé du numéro d'identification nationale", 2)
    civility: str = text("civilité", 10)
    last_name: str = text("nom", 60, required=True)
    first_name: str = text("prénom", 60)


@group(2, "situation de facturation du PS")
class PsSituation(Group):
    """One billing situation of a PS: the billing number that owns invoices, and the two signing rights."""

    logical_number: int = number("numéro logique de la situation", required=True)
    practice_mode: str = text("mode d'exercice", 2)
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


@group(60, "en-tête de configuration")
class ConfigurationHeader(Group):
    """Versions of the workstation's libraries."""

    ssv_version: str = text("version SSV", 20)
    galss_version: str = text("version GALSS", 20)
    pss_version: str = text("version PSS", 20)


@group(61, "configuration du lecteur")
class ReaderConfiguration(Group):
    """One software component of a reader; the reader's own data repeat in each occurrence."""

    manufacturer: str = text("constructeur", 40, required=True)
    reader_type: str = text("type de lecteur", 40)
    serial_number: str = text("numéro de série", 20, required=True)
    operating_system: str = text("système d'exploitation", 40)
    component_count: int = number("nombre de logiciels")
    component_name: str = text("nom du logiciel", 40)
    component_version: str = text("version du logiciel", 20)
    reader_moment: datetime | None = moment("date et heure du lecteur")
    component_checksum: str = text("checksum du logiciel", 64)
    component_date: date | None = day("date du logiciel", source=Source.PROJECT)


@group(62, "version d'un composant du poste")
class HostComponent(Group):
    """One component of the workstation."""

    name: str = text("nom du composant", 40, source=Source.PROJECT)
    version: str = text("version du composant", 20, source=Source.PROJECT)


@group(101, "assuré")
class Insured(Group):
    """The Vitale card and its insured. Card type: T test, R real (values Project-defined)."""

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
    birth_date: str = digits("date de naissance, AAAAMMJJ, mois ou jour 00 si inconnu", 8, required=True)
    birth_rank: str = digits("rang de naissance", 1, required=True)
    quality: str = text("qualité", 2, required=True)
    amo_service: str = text("code service AMO", 2)
    amo_service_start: date | None = day("début du service AMO")
    amo_service_end: date | None = day("fin du service AMO")


@group(105, "période de droits AMO")
class RightsPeriod(Group):
    """One period of rights of the beneficiary before it; both days included."""

    start: date = day("début", required=True)
    end: date | None = day("fin")


@group(106, "période de couverture")
class CoveragePeriod(Group):
    """One period of coverage of the beneficiary before it; both days included."""

    start: date = day("début", required=True)
    end: date | None = day("fin")
    ald_code: str = text("code ALD", 1)
    situation_code: str = text("code situation", 4)


@group(107, "mutuelle")
class Mutuelle(Group):
    """The complementary insurer known to the card."""

    identifier: str = text("numéro de mutuelle", 20, source=Source.PROJECT)
    guarantees: str = text("garanties effectives", 10, source=Source.PROJECT)
    start: date | None = day("début", source=Source.PROJECT)
    end: date | None = day("fin", source=Source.PROJECT)


@group(108, "complémentaire AMC")
class AmcCover(Group):
    """AMC cover on the card."""

    identifier: str = text("numéro AMC", 20, source=Source.PROJECT)
    contract: str = text("numéro de contrat", 30, source=Source.PROJECT)
    routing_code: str = text("code aiguillage STS", 2, source=Source.PROJECT)


@group(109, "période de droits AMC")
class AmcPeriod(Group):
    """One period of AMC rights."""

    start: date | None = day("début", source=Source.PROJECT)
    end: date | None = day("fin", source=Source.PROJECT)


@group(1110, "identification de la facture")
class InvoiceIdentification(Group):
    """Which invoice this is. A rectified invoice names the one it replaces."""

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
    birth_date: str = digits("date de naissance, AAAAMMJJ, mois ou jour 00 si inconnu", 8, required=True)
    birth_rank: str = digits("rang de naissance", 1, required=True)
    quality: str = text("qualité", 2)
    coverage_code: str = text("code couverture, ALD, situation", 6)


@group(1140, "structure")
class InvoiceStructure(Group):
    """The structure in which care was given."""

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
    """Sick leave prescribed with the act."""

    start: date | None = day("début", source=Source.PROJECT)
    end: date | None = day("fin", source=Source.PROJECT)


@group(1310, "entête AMO")
class AmoBody(Group):
    """Where the compulsory part goes."""

    regime: str = digits("code régime", 2, required=True)
    fund: str = digits("caisse", 3, required=True)
    centre: str = digits("centre", 4)
    recipient: str = text("organisme destinataire", 60)
    computing_centre: str = digits("centre informatique", 3)


@group(1321, "entête AMC")
class AmcBody(Group):
    """Where the complementary part goes. The public headers give 13 fields without names."""

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
    """Under which insurance the invoice is billed, and who pays."""

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
    """One act: date, NGAP key letter, coefficient in hundredths, quantity and amount."""

    performed_on: date = day("date de l'acte", required=True)
    code: str = text("lettre clé", 5, required=True)
    coefficient: int = number("coefficient en centièmes", required=True)
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


@group(9210, "lot", Source.PROJECT)
class LotHeader(Group):
    """What is signed of a lot: whose, for whom, what kind, how many, and the digest of its list."""

    number: int = whole("numéro de lot", required=True)
    owner: str = digits("numéro de facturation du titulaire", 9, required=True)
    owner_name: str = text("nom du titulaire", 121)
    recipient: str = text("destinataire", 60)
    kind: int = whole("nature : 1 FSE, 2 DRE", required=True)
    mode: int = whole("mode : 1 sécurisé, 2 dégradé", required=True)
    count: int = whole("nombre de documents")
    total: int = cents("montant total")
    list_digest: str = text("SHA-256 de la liste", 64)


@group(9220, "document d'un lot", Source.PROJECT)
class LotDocument(Group):
    """One document of a lot: its invoice number, what it claims, the SHA-256 of its bytes."""

    number: str = digits("numéro de facture", 9, required=True)
    total: int = cents("montant")
    digest: str = text("SHA-256 du document", 64, required=True)


@group(9230, "pièce jointe d'un lot", Source.PROJECT)
class LotPiece(Group):
    """A piece beside a document: its role (1 prescription, 2 care sheet, 3 other), its SHA-256."""

    number: str = digits("numéro de facture", 9, required=True)
    role: int = whole("rôle de la pièce", required=True)
    digest: str = text("SHA-256 de la pièce", 64, required=True)
