"""Issue the cards of everyone in a practice: from the practice file to card files in a directory.

Files are named after the holder: `cps-piqure2969-maya.card`, `cpe-…`, `cpf-…`, `vitale-…` after the first
beneficiary; a number tells apart holders of the same name. The certificates of the test authorities are
written beside them as PEM, one by one and all in `ca-all.pem`. The test code of all PS cards is `TEST_CODE`.
Project-defined.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final

from tla_sim.host.practice.model import Beneficiary as PracticeBeneficiary
from tla_sim.host.practice.model import CardHolder, Patient, Practice, Practitioner, StaffMember
from tla_sim.host.practice.model import Situation as PracticeSituation
from tla_sim.host.progress import OnProgress, Progress, ignore_progress
from tla_sim.host.whole_file import replace_file
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.groups.complementary import complementary_groups
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Beneficiary, CoveragePeriod, Insured, RightsPeriod
from tla_sim.protocol.names import file_name
from tla_sim.reader_fw.cards.file_list import SERIAL_DIGITS
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import (
    TEST_CODE,
    BeneficiaryEntry,
    CardTerms,
    issue_cpe,
    issue_cpf,
    issue_cps,
    issue_vitale,
)
from tla_sim.reader_fw.cards.pki import VALID_FROM, VALID_UNTIL, FreshKeys, KeySource
from tla_sim.reader_fw.cards.serial import serial_of_name
from tla_sim.tools.cards.file import SUFFIX
from tla_sim.tools.cards.models import Alter, as_usual

__all__ = ["TEST_CODE", "CardOrder", "CardsExist", "card_orders", "issue_cards"]

AUTHORITIES: Final = ("root", "ps", "vitale")
"""The authorities of test cards: the root, the issuer of PS cards and the issuer of Vitale cards."""

_SHOWN_FILES: Final = 3


class CardsExist(TlaError):
    """Card files with these names exist already; nothing was written."""

    category = Category.BAD_INPUT


@dataclass(frozen=True)
class CardOrder:
    """One card to be issued: its file name, its holder, and the function that makes it from a key source.

    `card` says what it is: CPS, CPE, CPF or VITALE. A CPF has the profile of a CPE.
    """

    file: str
    card: str
    profile: CardProfile
    holder: str
    make: Callable[[KeySource], CardImage] = field(repr=False)


def card_orders(practice: Practice, alter: Alter = as_usual) -> tuple[CardOrder, ...]:
    """Order a CPS for each practitioner, a CPE or CPF for each employee and a Vitale for each patient.

    `alter` may change the terms of each card.
    """
    orders: list[CardOrder] = []
    taken: set[str] = set()

    def order(
        profile: CardProfile, names: str, make: Callable[[KeySource], CardImage], card: str = ""
    ) -> None:
        card = card or profile.name
        file = take_file(f"{card.lower()}-{file_name(names)}", taken)
        orders.append(CardOrder(file, card, profile, names, make))

    for practitioner in practice.practitioners:
        order(CardProfile.CPS, _names(practitioner), _cps(practitioner, alter))
    for member in practice.staff:
        make = _staff_card(member, practice.practitioners[0], alter)
        order(CardProfile.CPE, _names(member), make, member.card.upper())
    for patient in practice.patients:
        order(CardProfile.VITALE, _names(patient.beneficiaries[0]), _vitale(patient, alter))
    return tuple(orders)


def take_file(stem: str, taken: set[str]) -> str:
    """Return the name of a card file, with a number after the stem if another has it. Add it to `taken`."""
    file, number = stem + SUFFIX, 1
    while file in taken:
        number += 1
        file = f"{stem}-{number}{SUFFIX}"
    taken.add(file)
    return file


def all_issued(orders: Iterable[CardOrder], out: Path) -> bool:
    """Return whether `out` holds a card of the name of each order."""
    return all((out / order.file).exists() for order in orders)


def issue_cards(
    practice: Practice,
    out: str | os.PathLike[str],
    keys: KeySource | None = None,
    *,
    replace: bool = False,
    on_progress: OnProgress = ignore_progress,
) -> tuple[Path, ...]:
    """Issue a card for everyone in a practice. Return the card files. Raises as `issue_orders`.

    `keys` is the source of the cards' keys, by default fresh ones.

        >>> [file.name for file in tla_sim.issue_cards(practice, "cards")][:2]
        ['cps-piqure2969-maya.card', 'cps-toubib-paul.card']
    """
    return issue_orders(
        card_orders(practice), out, keys or FreshKeys(), replace=replace, on_progress=on_progress
    )


def issue_orders(
    orders: tuple[CardOrder, ...],
    out: str | os.PathLike[str],
    keys: KeySource,
    *,
    replace: bool = False,
    on_progress: OnProgress = ignore_progress,
) -> tuple[Path, ...]:
    """Write the cards and the authorities' certificates into `out`, which is created if need be.

    Return the card files, in the order of `orders`. Raises CardsExist when a card exists already, unless
    `replace` is set; CardNotIssued and CodecError for data that does not fit on a card; OSError.
    """
    out = Path(out)
    there = [order.file for order in orders if (out / order.file).exists()]
    if len(there) == 1 and not replace:
        raise CardsExist(
            "{file} is already in {out}",
            "Choose another directory, or replace all of the cards with --force",
            file=there[0],
            out=out,
        )
    if there and not replace:
        shown = ", ".join(there[:_SHOWN_FILES]) + (", …" if len(there) > _SHOWN_FILES else "")
        raise CardsExist(
            "{count} of the cards are already in {out}: {shown}",
            "Choose another directory, or replace all of the cards with --force",
            count=len(there),
            out=out,
            shown=shown,
        )
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    authorities = {
        name: files("tla_sim.protocol.documents.test_ca").joinpath(f"test-{name}.pem").read_bytes()
        for name in AUTHORITIES
    }
    for name, pem in (*authorities.items(), ("all", b"".join(authorities.values()))):
        replace_file(out / f"ca-{name}.pem", pem)
    written = 0
    on_progress(Progress("issuing", 0, len(orders), 0, 0))
    for done, order in enumerate(orders, 1):
        image = order.make(keys).build()
        replace_file(out / order.file, image)
        written += len(image)
        on_progress(Progress("issuing", done, len(orders), written, written, order.holder))
    return tuple(out / order.file for order in orders)


def _names(who: CardHolder | PracticeBeneficiary) -> str:
    return f"{who.last_name} {who.first_name}"


def _cps(who: Practitioner, alter: Alter) -> Callable[[KeySource], CardImage]:
    situations = tuple(_situation(each) for each in who.situations)
    terms = alter(_terms(who, CardProfile.CPS), CardProfile.CPS)
    return lambda keys: issue_cps(_holder(who), situations, keys, terms)


def _staff_card(who: StaffMember, employer: Practitioner, alter: Alter) -> Callable[[KeySource], CardImage]:
    """Give an employee, or a person in training, the situation of the practice's first professional.

    Without a situation that may sign, the card could not take part in a partial certification. It makes the
    card neither an owner's nor able to sign lots.
    """
    rights = {"may_sign_invoice": True, "may_sign_lot": False}
    first = employer.situations[:1]
    situations = tuple(_situation(each.model_copy(update=rights)) for each in first)
    terms = alter(_terms(who, CardProfile.CPE), CardProfile.CPE)
    issue = issue_cpf if who.card == "cpf" else issue_cpe
    return lambda keys: issue(_holder(who), situations, keys, terms)


def _vitale(patient: Patient, alter: Alter) -> Callable[[KeySource], CardImage]:
    insured = Insured(
        card_type="",
        card_serial=_serial(patient.card_serial, CardProfile.VITALE),
        card_end=patient.card_end,
        nir=patient.nir,
        nir_key=patient.nir_key,
        regime=patient.regime,
        fund=patient.fund,
        centre=patient.centre,
    )
    entries = tuple(_beneficiary(each) for each in patient.beneficiaries)
    terms = alter(_dated(patient.card_end), CardProfile.VITALE)
    return lambda keys: issue_vitale(insured, entries, keys, terms)


def _holder(who: CardHolder) -> PsHolder:
    return PsHolder(
        card_type="",
        national_id=who.national_id,
        civility=who.civility,
        last_name=who.last_name,
        first_name=who.first_name,
    )


def _situation(each: PracticeSituation) -> PsSituation:
    return PsSituation(
        logical_number=each.logical_number,
        practice_mode=each.practice_mode,
        billing_number=each.billing_number,
        billing_key=each.billing_key,
        replaced_number=each.replaced_number,
        replaced_key=each.replaced_key,
        convention=each.convention,
        speciality=each.speciality,
        tariff_zone=each.tariff_zone,
        ik_zone=each.ik_zone,
        may_sign_invoice=each.may_sign_invoice,
        may_sign_lot=each.may_sign_lot,
    )


def _beneficiary(who: PracticeBeneficiary) -> BeneficiaryEntry:
    mutuelle = who.mutuelle
    return BeneficiaryEntry(
        Beneficiary(
            usual_name=who.last_name,
            birth_name=who.birth_name,
            first_name=who.first_name,
            certified_nir=who.certified_nir or "",
            certified_nir_key=who.certified_nir_key or "",
            birth_date=who.birth_date,
            birth_rank=who.birth_rank,
            quality=who.quality,
        ),
        rights=tuple(RightsPeriod(start=each.start, end=each.end) for each in who.rights),
        coverage=tuple(
            CoveragePeriod(
                start=each.start, end=each.end, ald_code=each.ald_code, situation_code=each.situation_code
            )
            for each in who.coverage
        ),
        complementary=()
        if mutuelle is None
        else complementary_groups(
            mutuelle.identifier,
            guarantees=mutuelle.guarantees,
            contract=mutuelle.contract,
            sts_switch=mutuelle.routing_code,
            start=mutuelle.start,
            end=mutuelle.end,
        ),
    )


def _terms(who: CardHolder, profile: CardProfile) -> CardTerms:
    serial = _serial(who.card_serial, profile) if who.card_serial else ""
    return _dated(who.card_end or VALID_UNTIL, serial)


def _dated(end: date, serial: str = "") -> CardTerms:
    return CardTerms(CardKind.TEST, min(VALID_FROM, end), end, serial)


def _serial(written: str, profile: CardProfile) -> str:
    """Return the 20 digits of a card's serial number, from the 1 to 20 characters in a practice file."""
    if written.isdigit():
        return written.zfill(SERIAL_DIGITS)
    return serial_of_name(profile, CardKind.TEST, written)
