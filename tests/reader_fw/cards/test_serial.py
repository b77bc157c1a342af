"""Serial numbers: the same card has the same one, any other card another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.reader_fw.cards.sample_cards import INSURED, NURSE, NURSE_SITUATIONS, beneficiary, fetch, insert
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Insured
from tla_sim.reader_fw.app.card_access import VitaleCard
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import BeneficiaryEntry, CardTerms, issue_cpe, issue_cps, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.reader_fw.cards.serial import ISSUER

ORDINARY = CardTerms()


def kept(image: CardImage) -> str:
    """What the field's middleware keeps of a card's serial number."""
    serial = image.contents.serial
    assert serial.startswith(ISSUER)
    return serial[len(ISSUER) :][:8]


def cps(
    holder: PsHolder = NURSE,
    situations: tuple[PsSituation, ...] = NURSE_SITUATIONS,
    terms: CardTerms = ORDINARY,
    first_key: int = 0,
    **codes: str,
) -> CardImage:
    return issue_cps(holder, situations, ShippedKeys(first_key), terms, **codes)


def vitale(
    insured: Insured = INSURED,
    entries: tuple[BeneficiaryEntry, ...] = (beneficiary(1),),
    terms: CardTerms = ORDINARY,
    first_key: int = 0,
) -> CardImage:
    return issue_vitale(insured, entries, ShippedKeys(first_key), terms)


TERMS = (
    CardTerms(kind=CardKind.REAL),
    CardTerms(valid_from=date(2019, 1, 2)),
    CardTerms(valid_until=date(2034, 1, 2)),
    CardTerms(transmission=Transmission.T1),
)


@pytest.mark.parametrize(
    "issue",
    [
        lambda: cps(replace(NURSE, first_name="MAIA")),
        lambda: cps(replace(NURSE, civility="MME")),
        lambda: cps(situations=NURSE_SITUATIONS[:1]),
        lambda: cps(situations=(NURSE_SITUATIONS[0], replace(NURSE_SITUATIONS[1], may_sign_lot=True))),
        lambda: cps(first_key=1),
        lambda: cps(terms=CardTerms(model=CardModel.CPS4)),
        lambda: issue_cpe(NURSE, NURSE_SITUATIONS, ShippedKeys()),
        *(lambda terms=terms: cps(terms=terms) for terms in TERMS),
    ],
)
def test_one_changed_field_of_a_ps_card_changes_it(issue: Callable[[], CardImage]) -> None:
    assert kept(issue()) != kept(cps())


@pytest.mark.parametrize(
    "issue",
    [
        lambda: vitale(replace(INSURED, fund="752")),
        lambda: vitale(replace(INSURED, card_serial="80250000019999999998")),
        lambda: vitale(entries=(beneficiary(2),)),
        lambda: vitale(first_key=1),
        *(lambda terms=terms: vitale(terms=terms) for terms in TERMS),
    ],
)
def test_one_changed_field_of_a_vitale_changes_it(issue: Callable[[], CardImage]) -> None:
    assert kept(issue()) != kept(vitale())


def test_the_same_card_has_the_same_one_to_the_byte() -> None:
    assert cps().build() == cps().build()
    assert vitale().build() == vitale().build()


def test_it_does_not_betray_the_codes() -> None:
    assert kept(cps(code="4321", unblocking_code="87654321")) == kept(cps())


def test_a_given_one_is_taken() -> None:
    given = CardTerms(serial="12345678901234567890")
    assert cps(terms=given).contents.serial == given.serial
    assert vitale(terms=given).contents.serial == given.serial


@pytest.mark.parametrize("profile", list(CardProfile))
def test_it_is_the_one_in_ef_sn(profile: CardProfile) -> None:
    card = insert(profile)
    assert fetch(card, "00B09C000C").hex() == "5a0a" + card.image.contents.serial


def test_the_insureds_number_stays_what_it_is() -> None:
    image = vitale()
    card = Card(image, SeededEntropy(1))
    card.power_on()
    assert VitaleCard(card.transmit).serial == INSURED.card_serial != image.contents.serial
    anonymous = Card(vitale(replace(INSURED, card_serial="")), SeededEntropy(1))
    anonymous.power_on()
    assert VitaleCard(anonymous.transmit).serial == anonymous.serial
