"""The contents of a practice file: practitioners, staff, patients, prescribers, funds and prepared invoices.

The classes mirror the file's structure one to one; amounts are kept in cents, coefficients in hundredths,
birth dates as AAAAMMJJ. Only `tla_sim.host.practice.file.load_practice` gives a Practice whose parts fit
together. Source: the fields are those of SSV groups 1, 2, 101 to 109 and 1110 to 1310; the file is
Project-defined.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Final, Literal

from tla_sim.host.practice.act import Act
from tla_sim.host.practice.fields import (
    AccidentNumber,
    AldCode,
    Amount,
    BillingKey,
    BillingNumber,
    BirthDay,
    BirthRank,
    Centre,
    Civility,
    Code3,
    Code4,
    Code10,
    ComputingCentre,
    Day,
    Exoneration,
    Fund,
    Identifier,
    InvoiceNumber,
    Label,
    Listing,
    Logical,
    Name,
    Nature,
    Nir,
    NirKey,
    OptionalBilling,
    OptionalCentre,
    OptionalId,
    OptionalKey,
    Percent,
    Position,
    Quality,
    Reference,
    Regime,
    Rpps,
    Serial,
    ShortCode,
    StaffCard,
)
from tla_sim.host.practice.part import Part
from tla_sim.protocol.documents.invoice import MAX_ACTS
from tla_sim.protocol.groups.vitale import MAX_BENEFICIARIES

MAX_SITUATIONS: Final = 16
"""The most billing situations of one practitioner."""


class Situation(Part):
    """One billing situation of a practitioner; its billing number owns invoices."""

    logical_number: Logical
    billing_number: BillingNumber
    billing_key: BillingKey
    speciality: Code3 = ""
    convention: ShortCode = ""
    practice_mode: ShortCode = ""
    tariff_zone: Code3 = ""
    ik_zone: Code3 = ""
    may_sign_invoice: bool = True
    may_sign_lot: bool = True
    replaced_number: OptionalBilling = ""
    replaced_key: OptionalKey = ""


class CardHolder(Part):
    """A holder of a PS card. The issuer chooses its serial and end date when they are left out."""

    national_id: Identifier
    civility: Civility = ""
    last_name: Name
    first_name: Name
    card_serial: Serial | None = None
    card_end: Day | None = None


class Practitioner(CardHolder):
    """A professional with a CPS."""

    national_id: Rpps
    situations: Annotated[tuple[Situation, ...], Listing(1, MAX_SITUATIONS)]


class StaffMember(CardHolder):
    """An employee with a CPE, or a person in training with a CPF.

    Both may take part in a partial certification.
    """

    card: StaffCard = "cpe"


class Period(Part):
    """A period of AMO rights, both days included; open when it has no end."""

    start: Day
    end: Day | None = None


class CoveragePeriod(Part):
    """A period of coverage with its codes, both days included; open when it has no end."""

    start: Day
    end: Day | None = None
    ald_code: AldCode = ""
    situation_code: Code4 = ""


class Mutuelle(Part):
    """The complementary insurer (AMC) of a beneficiary."""

    identifier: OptionalId
    name: Label = ""
    contract: OptionalId = ""
    guarantees: Code10 = ""
    routing_code: ShortCode = ""
    start: Day | None = None
    end: Day | None = None


class Beneficiary(Part):
    """One person on a Vitale card. A certified NIR comes with its key."""

    last_name: Name
    first_name: Name
    birth_name: Label = ""
    birth_date: BirthDay
    birth_rank: BirthRank = "1"
    quality: Quality
    certified_nir: Nir | None = None
    certified_nir_key: NirKey | None = None
    rights: Annotated[tuple[Period, ...], Listing(0, 10)] = ()
    coverage: Annotated[tuple[CoveragePeriod, ...], Listing(0, 10)] = ()
    mutuelle: Mutuelle | None = None


class Named(Part):
    """An item that invoices refer to by its id."""

    id: Reference


class Patient(Named):
    """One Vitale card: the insured, and the beneficiaries on it (the insured among them, or not)."""

    nir: Nir
    nir_key: NirKey
    regime: Regime
    fund: Fund
    centre: Centre
    card_serial: Serial
    card_end: Day
    beneficiaries: Annotated[tuple[Beneficiary, ...], Listing(1, MAX_BENEFICIARIES)]


class Prescriber(Named):
    """The prescriber of what is billed."""

    last_name: Name
    first_name: Label = ""
    billing_number: OptionalBilling = ""


class FundBody(Named):
    """A fund that invoices are sent to (group 1310)."""

    label: Name
    regime: Regime
    fund: Fund
    centre: OptionalCentre = ""
    computing_centre: ComputingCentre = ""


class InvoiceCoverage(Part):
    """The insurance that an invoice is billed under, and who pays."""

    nature: Nature
    exoneration: Exoneration = ""
    third_party_amo: bool = False
    third_party_amc: bool = False
    rate: Percent
    event_date: Day | None = None
    accident_number: AccidentNumber = ""
    care_path: Label = ""
    rights_source: Code10 = ""


class InvoicePrescription(Part):
    """The prescriber and date of a prescription, and the prior agreement where one is needed."""

    prescriber: Reference
    date: Day
    prior_agreement: ShortCode = ""
    prior_agreement_date: Day | None = None
    prior_agreement_reason: Label = ""


class Totals(Part):
    """The sums of an invoice in cents; the total is fund + complementary + insured."""

    total: Amount
    fund: Amount
    complementary: Amount = 0
    insured: Amount = 0
    to_pay: Amount = 0


class Invoice(Part):
    """One prepared invoice. `owner` is a billing number, `beneficiary` a position from 1 on the card."""

    number: InvoiceNumber
    owner: BillingNumber
    patient: Reference
    beneficiary: Position = 1
    date: Day
    nature: ShortCode = ""
    fund: Reference
    coverage: InvoiceCoverage
    prescription: InvoicePrescription | None = None
    acts: Annotated[tuple[Act, ...], Listing(1, MAX_ACTS)]
    totals: Totals


class Practice(Part):
    """A whole practice. Everything referred to exists, and every sum adds up.

    >>> practice.staff[0].last_name
    'ACCUEIL4242'
    """

    version: Literal[1] = 1
    name: Name
    practitioners: Annotated[tuple[Practitioner, ...], Listing(1, 1_000)]
    staff: Annotated[tuple[StaffMember, ...], Listing(0, 1_000)] = ()
    patients: Annotated[tuple[Patient, ...], Listing(0, 20_000)] = ()
    prescribers: Annotated[tuple[Prescriber, ...], Listing(0, 20_000)] = ()
    funds: Annotated[tuple[FundBody, ...], Listing(0, 1_000)] = ()
    invoices: Annotated[tuple[Invoice, ...], Listing(0, 20_000)] = ()

    @cached_property
    def owners(self) -> dict[str, tuple[Practitioner, Situation]]:
        """The practitioner and situation behind each billing number, in the order of the file."""
        return {
            situation.billing_number: (practitioner, situation)
            for practitioner in self.practitioners
            for situation in practitioner.situations
        }

    @cached_property
    def patients_by_id(self) -> dict[str, Patient]:
        """The patients by id."""
        return {patient.id: patient for patient in self.patients}

    @cached_property
    def prescribers_by_id(self) -> dict[str, Prescriber]:
        """The prescribers by id."""
        return {prescriber.id: prescriber for prescriber in self.prescribers}

    @cached_property
    def funds_by_id(self) -> dict[str, FundBody]:
        """The funds by id."""
        return {fund.id: fund for fund in self.funds}
