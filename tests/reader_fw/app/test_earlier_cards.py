"""Cards and flashes of versions before 0.2: what a reader of today says of them.

The two card files were issued by the version before; the Vitale's practice had an AMC with a contract, and a
mutuelle without one.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.reader_fw.app.chips import inserted_ps, inserted_vitale
from tests.reader_fw.app.store.storage_bench import Bench
from tests.reader_fw.cards.sample_cards import SECRETARY, SECRETARY_SITUATIONS
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.groups.complementary import (
    Amc,
    FormerAmcCover,
    FormerMutuelle,
    Mutuelle,
    MutuellePeriod,
)
from tla_sim.protocol.groups.declaration import decode_typed
from tla_sim.protocol.groups.ps_card import PsCardType, PsHolder, with_todays_type
from tla_sim.reader_fw.app.store.patients_met import PatientsMet
from tla_sim.reader_fw.cards.issue import issue_cpf
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cards.file import load_image
from tla_sim.tools.cards.view import view_card

CASES = Path(__file__).resolve().parents[2] / "cases"
CPE, VITALE = CASES / "cpe-before-0.2.card", CASES / "vitale-before-0.2.card"
START, END = date(2019, 1, 1), date(2035, 12, 31)
AMC = Amc(identifier="99999997", member="DEMO22", start=START, end=END, sts_switch="M", services="OOOOONON")


def test_a_cpe_has_todays_type() -> None:
    image = load_image(CPE)
    assert view_card(image).facts["profile"] == "CPE"
    card = inserted_ps(image)
    holder, _ = decode_typed(card.groups)
    assert card.profile is CardProfile.CPE
    assert isinstance(holder, PsHolder)
    assert (holder.card_type, holder.last_name) == (PsCardType.CPE, "ACCUEIL4242")


def test_a_cpf_keeps_its_type_and_its_rights_are_a_cpes() -> None:
    image = issue_cpf(SECRETARY, SECRETARY_SITUATIONS, ShippedKeys())
    card = inserted_ps(image)
    holder, *_ = decode_typed(card.groups)
    assert isinstance(holder, PsHolder)
    assert (holder.card_type, card.profile) == (PsCardType.CPF, CardProfile.CPE)
    assert not card.may_sign_for(SECRETARY_SITUATIONS[0].billing_number)


def test_the_type_of_other_cards_is_left_alone() -> None:
    for profile, written in ((CardProfile.CPS, "0"), (CardProfile.CPS, "1"), (CardProfile.CPE, "2")):
        holder = PsHolder(card_type=written, national_id="1", last_name="A")
        assert with_todays_type(holder, profile) is holder


def test_a_vitale_has_one_complementary_insurer_for_each_beneficiary() -> None:
    image = load_image(VITALE)
    assert [each["name"] for each in view_card(image).parts] == ["DESMAUX NATHALIE", "DESMAUX LEA"]
    groups = decode_typed(inserted_vitale(image).groups)
    assert [group for group in groups if group.DECLARATION.number > 106] == [
        AMC,
        Mutuelle(identifier="77777777", guarantees="A"),
        MutuellePeriod(start=START, end=END),
    ]


def test_the_patients_that_a_reader_met_are_told_in_todays_groups() -> None:
    met = PatientsMet(Bench.new().store)
    card = inserted_vitale(load_image(VITALE))
    who = card.beneficiaries[next(iter(card.beneficiaries))].beneficiary
    former = (
        FormerMutuelle(identifier="99999997", guarantees="OOOOONON", start=START, end=END),
        FormerAmcCover(identifier="99999997", contract="DEMO22", sts_switch="M"),
    )
    met.meet(["75600001"], card.serial, "1", (card.insured, who, *former))
    assert decode_typed(met.groups("75600001")) == (card.insured, who, AMC)
