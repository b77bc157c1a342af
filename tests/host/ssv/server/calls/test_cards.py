"""What a program reads from the cards in the slots, and the codes of what goes wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

import tla_sim
from tests.reader_kit import Bench
from tests.ssv_kit import Program, zone
from tla_sim.host.ssv.functions import LIRE_CARTE_PS, LIRE_DROITS_VITALE
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.card_kind import CardKind
from tla_sim.protocol.groups.ps_card import PsCardType, PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Beneficiary, Insured, RightsPeriod
from tla_sim.protocol.groups.zone import ZoneData, decode_zone_data, encode_zone_data
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import MAYA, WRONG_CODE

REAL = CardTerms(kind=CardKind.REAL)
OTHER = zone(
    Insured(card_type="T", card_serial="1", nir="1550899999011", nir_key="37"),
    Beneficiary(
        usual_name="AUTRE", first_name="LEA", birth_date=BirthDate("19800101"), birth_rank="1", quality="0"
    ),
)


@pytest.fixture
def cards(reader: tla_sim.SimulatedReader) -> None:
    reader.insert_ps("PIQURE2969")
    reader.insert_vitale("MARTIN")


def with_both(numbers: tuple[int, ...]) -> bytes:
    """A test zone whose only beneficiary has these groups more."""
    return encode_zone_data([*decode_zone_data(OTHER), *(ZoneData(number, ()) for number in numbers)])


@pytest.mark.usefixtures("cards")
def test_the_ps_card_tells_its_holder_then_each_situation(program: Program) -> None:
    told = program.call(LIRE_CARTE_PS)
    assert told.code == 0
    holder, situation = told.groups
    assert isinstance(holder, PsHolder)
    assert (holder.last_name, holder.first_name) == ("PIQURE2969", "MAYA")
    assert isinstance(situation, PsSituation)
    assert (situation.billing_number, situation.may_sign_lot) == ("75629690", True)
    assert decode_zone_data(told.zones[0])[1].fields[0] == b"\x01", "the situation's number is one raw byte"


@pytest.mark.parametrize(("card", "written"), [("cpe", PsCardType.CPE), ("cpf", PsCardType.CPF)])
def test_group_1_tells_a_trainees_card_from_an_employees(
    card: str, written: PsCardType, tmp_path: Path
) -> None:
    practice = tla_sim.demo_practice()
    staff = tuple(each.model_copy(update={"card": card}) for each in practice.staff)
    with tla_sim.SimulatedReader.in_memory(practice.model_copy(update={"staff": staff}), seed=1) as reader:
        reader.insert_ps("ACCUEIL4242")
        told = Program(reader.client(), tmp_path / "ledger.db").call(LIRE_CARTE_PS)
    assert isinstance(told.groups[0], PsHolder)
    assert (told.code, told.groups[0].card_type) == (0, written)


@pytest.mark.usefixtures("cards")
def test_three_wrong_codes_block_the_card(program: Program) -> None:
    codes = [program.call(LIRE_CARTE_PS, code=WRONG_CODE).code for _ in range(3)]
    assert codes == [0xF003, 0xF003, 0xF003]
    assert program.call(LIRE_CARTE_PS).code == 0xF004


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("code", ["", "12", "abcd", "12 4", "١٢٣٤"])
def test_what_no_code_can_be_costs_the_card_no_try(program: Program, code: str) -> None:
    assert [program.call(LIRE_CARTE_PS, code=code).code for _ in range(3)] == [0xF003] * 3
    assert program.call(LIRE_CARTE_PS).code == 0


@pytest.mark.usefixtures("cards")
def test_the_vitale_tells_insured_beneficiaries_and_rights(program: Program) -> None:
    told = program.call(LIRE_DROITS_VITALE, date="20190305")
    assert told.code == 0
    insured, *rest = told.groups
    assert isinstance(insured, Insured)
    assert insured.nir == "1550899999011"
    names = [each.first_name for each in rest if isinstance(each, Beneficiary)]
    assert names == ["PAUL", "ZOE"]
    assert sum(isinstance(each, RightsPeriod) for each in rest) == 2


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize(
    ("date", "code"),
    [
        ("", 0),
        ("20190305", 0),
        ("201903050000", 0),
        ("20400101", 0xF014),
        ("19700101", 0xF014),
        ("2019", 0xF802),
        ("20190231", 0xF802),
        ("19691231", 0xF802),
        ("05/03/20", 0xF802),
    ],
)
def test_rights_are_asked_for_at_a_date(program: Program, date: str, code: int) -> None:
    assert program.call(LIRE_DROITS_VITALE, date=date).code == code


@pytest.mark.usefixtures("cards")
def test_a_test_vitale_says_what_the_test_file_says(reader: tla_sim.SimulatedReader, tmp_path: Path) -> None:
    program = Program(reader.client(), tmp_path / "ledger.db", test_vitale=lambda: OTHER)
    assert program.call(LIRE_DROITS_VITALE).zones == (OTHER,)


def test_a_real_vitale_speaks_for_itself(tmp_path: Path) -> None:
    bench = Bench()
    bench.insert_chip(Slot.PS, ps_image(MAYA, terms=REAL))
    bench.insert_chip(Slot.VITALE, vitale_image(terms=REAL))
    program = Program(bench.client(), tmp_path / "ledger.db", test_vitale=lambda: OTHER)
    insured, *_ = program.call(LIRE_DROITS_VITALE).groups
    assert isinstance(insured, Insured)
    assert insured.card_type == "R"


def test_a_test_file_does_not_stand_for_a_card(reader: tla_sim.SimulatedReader, tmp_path: Path) -> None:
    reader.insert_ps("PIQURE2969")
    program = Program(reader.client(), tmp_path / "ledger.db", test_vitale=lambda: OTHER)
    assert program.call(LIRE_DROITS_VITALE).code == 0xF011


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ((107, 108), 0),
        ((109, 111), 0),
        ((107, 109), 0xF0F0),
        ((109, 107), 0xF0F0),
        ((107, 108, 104, 109), 0),
        ((109, 104, 106, 107, 109), 0xF0F0),
    ],
)
def test_mutuelle_and_amc_of_one_beneficiary_are_f0f0(
    reader: tla_sim.SimulatedReader, tmp_path: Path, numbers: tuple[int, ...], code: int
) -> None:
    program = Program(reader.client(), tmp_path / "ledger.db", test_vitale=lambda: with_both(numbers))
    assert program.call(LIRE_DROITS_VITALE).code == code


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("file", [OTHER[:-1], b"\0", b"not a zone at all"])
def test_a_test_file_cut_short_is_f014(reader: tla_sim.SimulatedReader, tmp_path: Path, file: bytes) -> None:
    program = Program(reader.client(), tmp_path / "ledger.db", test_vitale=lambda: file)
    assert program.call(LIRE_DROITS_VITALE).code == 0xF014
