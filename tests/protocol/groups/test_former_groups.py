"""Groups in the forms of versions before 0.2: read as today's, and nothing that they say is lost."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.complementary import (
    Amc,
    FormerAmcCover,
    FormerAmcPeriod,
    FormerMutuelle,
    Mutuelle,
    MutuellePeriod,
    complementary_groups,
)
from tla_sim.protocol.groups.declaration import FORMER, FormerGroup, Group, decode_typed, encode_typed
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.line import GroupData, encode_groups
from tla_sim.protocol.groups.reader import ConfigurationHeader, SesamComponent
from tla_sim.protocol.groups.vitale import Beneficiary, RightsPeriod

START, END = date(2019, 1, 1), date(2035, 12, 31)
WHO = Beneficiary(
    usual_name="DESMAUX", first_name="N", birth_date=BirthDate("19700101"), birth_rank="1", quality="0"
)
RIGHTS = RightsPeriod(start=START)
MUTUELLE = FormerMutuelle(identifier="99999997", guarantees="A", start=START, end=END)


def read(*groups: Group) -> tuple[Group, ...]:
    """The groups as they are read after one beneficiary and her rights."""
    who, rights, *rest = decode_typed(encode_typed((WHO, RIGHTS, *groups)))
    assert (who, rights) == (WHO, RIGHTS)
    return tuple(rest)


def test_the_former_forms_are_those_that_cards_have() -> None:
    raw = encode_groups(
        [
            GroupData(107, ("99999997", "A", "20190101", "20351231")),
            GroupData(108, ("99999997", "DEMO22", "M")),
            GroupData(109, ("20190101", "")),
            GroupData(62, ("GALSS", "3.42")),
        ]
    )
    cover = FormerAmcCover(identifier="99999997", contract="DEMO22", sts_switch="M")
    component = GroupData(62, ("GALSS", "3.42"))
    former = encode_typed((MUTUELLE, cover, FormerAmcPeriod(start=START)))
    assert raw[2:] == former[2:] + encode_groups([component])[2:]


def test_a_mutuelle_without_a_contract_stays_a_mutuelle_with_its_period() -> None:
    mutuelle = Mutuelle(identifier="99999997", guarantees="A", sts_switch="M")
    period = MutuellePeriod(start=START, end=END)
    assert read(MUTUELLE, FormerAmcCover(identifier="99999997", sts_switch="M")) == (mutuelle, period)


def test_a_mutuelle_with_a_contract_becomes_an_amc_and_only_that() -> None:
    cover = FormerAmcCover(identifier="99999997", contract="DEMO22", sts_switch="M")
    amc = Amc(identifier="99999997", member="DEMO22", start=START, end=END, sts_switch="M", services="A")
    assert read(MUTUELLE, cover) == (amc,)
    assert read(cover, MUTUELLE) == (amc,)


def test_a_mutuelle_without_dates_has_no_period() -> None:
    assert read(FormerMutuelle(identifier="1")) == (Mutuelle(identifier="1"),)


def test_an_amc_of_another_number_stands_beside_the_mutuelle_as_it_did() -> None:
    cover = FormerAmcCover(identifier="123", contract="C1")
    amc = Amc(identifier="123", member="C1", start=START)
    assert read(MUTUELLE, cover, FormerAmcPeriod(start=START))[2:] == (amc,)


def test_further_periods_are_kept() -> None:
    later = FormerAmcPeriod(start=END)
    assert read(later) == (Amc(start=END),)
    assert read(MUTUELLE, later)[1:] == (
        MutuellePeriod(start=START, end=END),
        MutuellePeriod(start=END),
    )
    cover = FormerAmcCover(identifier="123", contract="C1")
    assert read(cover, FormerAmcPeriod(start=START), later) == (
        Amc(identifier="123", member="C1", start=START),
        Amc(start=END),
    )


def test_each_beneficiary_keeps_his_own() -> None:
    other = FormerMutuelle(identifier="2")
    amc = FormerAmcCover(identifier="99999997", contract="DEMO22")
    assert read(MUTUELLE, amc, WHO, other, RIGHTS) == (
        Amc(identifier="99999997", member="DEMO22", start=START, end=END, services="A"),
        WHO,
        RIGHTS,
        Mutuelle(identifier="2"),
    )


def test_todays_groups_of_the_same_numbers_are_read_as_they_are() -> None:
    groups = (Mutuelle(identifier="1"), MutuellePeriod(start=START), Amc(identifier="2"))
    assert read(*groups) == groups


@given(st.lists(st.sampled_from(["WHO", "MUTUELLE", "COVER", "PERIOD"]), max_size=9))
def test_whatever_the_order_nothing_is_lost_and_todays_bytes_are_stable(kinds: list[str]) -> None:
    made: dict[str, Group] = {
        "WHO": WHO,
        "MUTUELLE": MUTUELLE,
        "COVER": FormerAmcCover(identifier="7", contract="C7"),
        "PERIOD": FormerAmcPeriod(end=END),
    }
    groups = decode_typed(encode_typed([made[kind] for kind in kinds]))
    assert not [group for group in groups if isinstance(group, FormerGroup)]
    assert decode_typed(encode_typed(groups)) == groups
    assert groups.count(WHO) == kinds.count("WHO")
    assert [each.identifier for each in groups if isinstance(each, Mutuelle)] == ["99999997"] * kinds.count(
        "MUTUELLE"
    )
    assert [each.member for each in groups if isinstance(each, Amc) if each.member] == ["C7"] * kinds.count(
        "COVER"
    )
    ends = [each for each in groups if isinstance(each, Amc | MutuellePeriod) if each.end == END]
    assert len(ends) == kinds.count("MUTUELLE") + kinds.count("PERIOD")


def test_a_component_of_the_workstation_is_read_as_group_64() -> None:
    header = ConfigurationHeader(ssv_version="4.03")
    raw = encode_groups([header.to_data(), GroupData(62, ("GALSS", "3.42"))])
    assert decode_typed(raw) == (header, SesamComponent(label="GALSS", version="3.42"))


def test_a_former_form_never_has_as_many_fields_as_todays() -> None:
    for number, count in FORMER:
        today = DICTIONARY[number]
        assert not today.first_later <= count <= today.fields[-1].number


@pytest.mark.parametrize(
    ("contract", "numbers"),
    [("", [107, 108]), ("DEMO22", [109])],
)
def test_a_practices_mutuelle_is_never_both(contract: str, numbers: list[int]) -> None:
    groups = complementary_groups("99999997", guarantees="A", contract=contract, sts_switch="M", end=END)
    assert [group.DECLARATION.number for group in groups] == numbers
