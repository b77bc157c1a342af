"""Inserted cards: what they say of themselves, whom they may sign for, and what their failures are called."""

from __future__ import annotations

from datetime import date

import pytest

from tests.reader_fw.app.chips import Chip, inserted_ps, inserted_vitale
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.invoice import BeneficiaryKey
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Beneficiary, Insured, RightsPeriod
from tla_sim.reader_fw.app.card_dialogue import CardWithdrawn
from tla_sim.reader_fw.app.refusal import Refusal
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import BeneficiaryEntry, CardTerms, issue_cps, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import DOCTOR, MARTIN, MAYA, MORNING, NURSE, OTHER, SECRETARY, WRONG_CODE

DAY_MS = 86_400_000
MIDNIGHT = MORNING - MORNING % DAY_MS
REAL_ONLY = TrustAnchors.shipped((CardKind.REAL,))
VERIFY, PREPARE, SIGN = 0x20, 0x22, 0x2A


def two_situations() -> CardImage:
    """A CPS that may sign invoices as one owner and lots as another."""
    holder = PsHolder(card_type="0", national_id="899700000077", last_name="DEUX", first_name="EVE")
    situations = (
        PsSituation(logical_number=1, billing_number=NURSE, may_sign_invoice=True, may_sign_lot=False),
        PsSituation(logical_number=2, billing_number=DOCTOR, may_sign_invoice=False, may_sign_lot=True),
    )
    return issue_cps(holder, situations, ShippedKeys(0))


def family() -> CardImage:
    """A Vitale of a mother with rights and a child, insured by another number, without."""
    mother = Beneficiary(
        usual_name="DURAND", first_name="ANNE", birth_date=BirthDate("19800101"), birth_rank="1", quality="0"
    )
    child = Beneficiary(
        usual_name="DURAND",
        first_name="ZOE",
        birth_date=BirthDate("20100202"),
        birth_rank="1",
        quality="6",
        certified_nir="2100275999009",
    )
    insured = Insured(card_type="T", card_serial="", nir="2800175999001", nir_key="01")
    spring = RightsPeriod(start=date(2019, 3, 1), end=date(2019, 5, 31))
    autumn = RightsPeriod(start=date(2019, 9, 1))
    entries = [BeneficiaryEntry(mother, (spring, autumn)), BeneficiaryEntry(child)]
    return issue_vitale(insured, entries, ShippedKeys(10))


MOTHER = BeneficiaryKey("2800175999001", BirthDate("19800101"), "1")
CHILD = BeneficiaryKey("2100275999009", BirthDate("20100202"), "1")


def answering(image: CardImage, ins: int, answer: bytes) -> Chip:
    """A chip that says one thing to an instruction."""
    return Chip(image, lambda apdu: answer if apdu[1] == ins else None)


def test_a_ps_card_says_who_holds_it() -> None:
    ps = inserted_ps(ps_image(MAYA))
    assert (ps.name, ps.profile, ps.kind) == ("PIQURE2969 MAYA", CardProfile.CPS, CardKind.TEST)
    holder, situation = decode_typed(ps.groups)
    assert isinstance(holder, PsHolder)
    assert isinstance(situation, PsSituation)
    assert (holder.national_id, situation.billing_number) == (MAYA.national_id, NURSE)


@pytest.mark.parametrize(
    ("image", "owner", "owns", "invoices", "lots"),
    [
        (ps_image(MAYA), NURSE, True, True, True),
        (ps_image(MAYA), OTHER, False, False, False),
        (ps_image(MAYA, may_sign=False), NURSE, True, False, False),
        (ps_image(SECRETARY, cpe=True), NURSE, False, False, False),
        (two_situations(), NURSE, True, True, False),
        (two_situations(), DOCTOR, True, False, False),
    ],
    ids=["owner", "another", "without the right", "CPE", "invoices only", "certified for invoices only"],
)
def test_whom_a_card_owns_and_signs_for(
    image: CardImage, owner: str, owns: bool, invoices: bool, lots: bool
) -> None:
    ps = inserted_ps(image)
    assert (ps.owns(owner), ps.may_sign_for(owner), ps.may_sign_lots_of(owner)) == (owns, invoices, lots)


@pytest.mark.parametrize(
    ("moment", "valid"),
    [(MIDNIGHT - 1, False), (MIDNIGHT, True), (MIDNIGHT + DAY_MS - 1, True), (MIDNIGHT + DAY_MS, False)],
)
def test_both_cards_are_valid_on_their_days_alone(moment: int, valid: bool) -> None:
    today = CardTerms(valid_from=date(2019, 3, 5), valid_until=date(2019, 3, 5))
    for card, status in (
        (inserted_ps(ps_image(MAYA, terms=today)), Status.PS_CARD_EXPIRED),
        (inserted_vitale(vitale_image(terms=today)), Status.VITALE_UNUSABLE),
    ):
        if valid:
            card.check_date(moment)
            continue
        with pytest.raises(Refusal) as refused:
            card.check_date(moment)
        assert refused.value.status is status


def test_a_card_of_another_kind_of_authority_is_unusable() -> None:
    for put_in, image, status in (
        (inserted_ps, ps_image(MAYA), Status.PS_CARD_UNUSABLE),
        (inserted_vitale, vitale_image(), Status.VITALE_UNUSABLE),
    ):
        with pytest.raises(Refusal) as refused:
            put_in(image, anchors=REAL_ONLY)
        assert refused.value.status is status


def test_a_card_in_the_others_slot_is_unusable() -> None:
    with pytest.raises(Refusal) as refused:
        inserted_ps(vitale_image())
    assert refused.value.status is Status.PS_CARD_UNUSABLE
    with pytest.raises(Refusal) as refused:
        inserted_vitale(ps_image(MAYA))
    assert refused.value.status is Status.VITALE_UNUSABLE


def test_a_vitale_of_the_first_generation_is_named() -> None:
    old = vitale_image(terms=CardTerms(model=CardModel.VITALE_1))
    with pytest.raises(Refusal) as refused:
        inserted_vitale(old)
    assert refused.value.status is Status.VITALE_NOT_READ
    assert refused.value.status.ssv == 0xF014
    with pytest.raises(Refusal) as refused:
        inserted_ps(old)
    assert refused.value.status is Status.PS_CARD_UNUSABLE


def test_wrong_codes_count_down_until_the_card_is_blocked() -> None:
    ps = inserted_ps(ps_image(MAYA))
    for left in (2, 1, 0):
        with pytest.raises(Refusal) as refused:
            ps.verify(WRONG_CODE)
        assert refused.value.status is Status.CODE_WRONG
        assert refused.value.word & 0xF == left == ps.tries_left()
        assert not ps.code_presented
    with pytest.raises(Refusal) as refused:
        ps.verify("1234")
    assert refused.value.status is Status.CODE_BLOCKED


def test_a_card_signs_after_its_code_and_not_after_it_forgot_it() -> None:
    ps = inserted_ps(ps_image(MAYA), verified=True)
    assert ps.code_presented
    assert len(ps.sign(bytes(51))) == 256
    ps.forget_code()
    assert not ps.code_presented
    with pytest.raises(Refusal) as refused:
        ps.sign(bytes(51))
    assert refused.value.status is Status.CODE_LOST


@pytest.mark.parametrize(
    ("answer", "status"), [(b"\x6f\x00", Status.PS_CARD_UNUSABLE), (b"", Status.PS_CARD_ABSENT)]
)
def test_what_a_ps_card_does_to_a_code_is_named(answer: bytes, status: Status) -> None:
    ps = inserted_ps(answering(ps_image(MAYA), VERIFY, answer))
    with pytest.raises(Refusal) as refused:
        ps.verify("1234")
    assert refused.value.status is status
    assert not ps.code_presented


@pytest.mark.parametrize(
    ("answer", "status"), [(b"\x6f\x00", Status.VITALE_UNUSABLE), (b"", Status.VITALE_MUTE)]
)
def test_what_a_vitale_does_to_a_signature_is_named(answer: bytes, status: Status) -> None:
    vitale = inserted_vitale(answering(vitale_image(), SIGN, answer))
    with pytest.raises(Refusal) as refused:
        vitale.sign(bytes(51))
    assert refused.value.status is status


def test_a_vitale_that_was_taken_out_is_withdrawn() -> None:
    out = False

    def answer(_: bytes) -> bytes | None:
        if out:
            raise CardWithdrawn("The card was taken out", "Insert it again")
        return None

    vitale = inserted_vitale(Chip(vitale_image(), answer))
    out = True
    with pytest.raises(Refusal) as refused:
        vitale.sign(bytes(51))
    assert refused.value.status is Status.VITALE_WITHDRAWN


def test_after_somebody_else_spoke_to_it_a_cards_key_is_made_ready_anew() -> None:
    for chip in (Chip(ps_image(MAYA)), Chip(vitale_image())):
        card = inserted_ps(chip, verified=True) if chip.image.code else inserted_vitale(chip)
        card.sign(bytes(51))
        chip.commands.clear()
        card.sign(bytes(51))
        assert PREPARE not in [apdu[1] for apdu in chip.commands]
        card.invalidate()
        chip.commands.clear()
        card.sign(bytes(51))
        assert PREPARE in [apdu[1] for apdu in chip.commands]


def test_a_vitale_lists_its_beneficiaries_each_with_its_own_rights() -> None:
    vitale = inserted_vitale(family())
    assert list(vitale.beneficiaries) == [MOTHER, CHILD]
    assert vitale.name == "DURAND ANNE"
    assert not vitale.beneficiaries[CHILD].has_rights(MORNING)


@pytest.mark.parametrize(
    ("day", "entitled"),
    [
        (date(2019, 2, 28), False),
        (date(2019, 3, 1), True),
        (date(2019, 5, 31), True),
        (date(2019, 6, 1), False),
        (date(2019, 9, 1), True),
        (date(2034, 1, 1), True),
    ],
)
def test_rights_hold_on_the_days_of_their_periods(day: date, entitled: bool) -> None:
    moment = (day - date(1970, 1, 1)).days * DAY_MS + DAY_MS - 1
    assert inserted_vitale(family()).beneficiaries[MOTHER].has_rights(moment) is entitled


def test_groups_of_some_beneficiaries_follow_the_insured_once_each() -> None:
    vitale = inserted_vitale(family())
    stranger = BeneficiaryKey(MARTIN.nir, BirthDate(MARTIN.birth_date), "1")
    groups = vitale.groups_of([CHILD, stranger, CHILD])
    assert [type(group) for group in groups] == [Insured, Beneficiary]
    assert [type(group) for group in vitale.groups_of([MOTHER])] == [
        Insured,
        Beneficiary,
        RightsPeriod,
        RightsPeriod,
    ]
