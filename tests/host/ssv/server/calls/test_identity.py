"""What a program learns of workstation and reader, and how it sets the reader's clock."""

from __future__ import annotations

from pathlib import Path

import pytest

import tla_sim
from tests.ssv_kit import Program
from tla_sim.host.ssv.functions import IDENTIFIER_TLA, LIRE_CONFIG, LIRE_DATE_LECTEUR, MAJ_DATE_LECTEUR
from tla_sim.protocol.groups.reader import ConfigurationHeader, ReaderConfiguration, SesamComponent
from tla_sim.protocol.groups.ssv_calls import TlaIdentity


def identity(program: Program, asked: str) -> TlaIdentity:
    told = program.call(IDENTIFIER_TLA, cdc_version=asked)
    assert told.code == 0
    first, *components = told.groups
    assert isinstance(first, TlaIdentity)
    assert components
    for component in components:
        assert isinstance(component, ReaderConfiguration)
        assert component.component_count == len(components)
    return first


def test_the_configuration_begins_with_the_workstation_and_tells_each_component(program: Program) -> None:
    header, *rest = program.call(LIRE_CONFIG).groups
    assert isinstance(header, ConfigurationHeader)
    assert header.ssv_version == tla_sim.__version__
    numbers = [each.DECLARATION.number for each in rest]
    assert numbers == [61] * (len(rest) - 6) + [62, 63, 64, 64, 64, 64]
    assert {each.identifier for each in rest if isinstance(each, SesamComponent)} == {
        "libssvlux",
        "libsgdlux",
        "libgalcllux",
        "libgalinlux",
    }
    components = [each for each in rest if isinstance(each, ReaderConfiguration)]
    assert [
        (each.component_name, each.component_version, each.component_checksum) for each in components
    ] == [
        (each.component_name, each.component_version, each.component_checksum)
        for each in program.work.client.configuration()
    ]


@pytest.mark.parametrize(
    ("asked", "follows"), [("", True), ("1.40", True), ("1.31", True), ("1.41", False), ("2.00", False)]
)
def test_a_reader_follows_every_cdc_up_to_its_own(program: Program, asked: str, follows: bool) -> None:
    told = identity(program, asked)
    assert (told.cdc_version, told.follows_asked) == ("1.40", follows)
    assert told.several_owners
    assert told.two_steps
    assert told.max_invoices


def test_an_old_reader_takes_one_owner_and_signs_at_once(tmp_path: Path) -> None:
    with tla_sim.SimulatedReader.in_memory(seed=1, profile="1.31") as reader:
        told = identity(Program(reader.client(), tmp_path / "ledger.db"), "1.40")
    assert (told.software_version, told.follows_asked) == ("1.31", False)
    assert not told.several_owners
    assert not told.two_steps


@pytest.mark.parametrize("asked", ["1", "1.", "one", "1.400", "-1.40", "1.40 "])
def test_a_version_of_another_form_is_f802(program: Program, asked: str) -> None:
    assert program.call(IDENTIFIER_TLA, cdc_version=asked).code == 0xF802


@pytest.mark.parametrize(
    ("given", "shown"), [("203001021504", "203001021504"), ("20300102150459", "203001021504")]
)
def test_the_clock_is_set_and_read(program: Program, given: str, shown: str) -> None:
    assert program.call(MAJ_DATE_LECTEUR, moment=given).code == 0
    assert program.call(LIRE_DATE_LECTEUR).moment == shown


@pytest.mark.parametrize(
    "given",
    ["", "2030", "20300102", "203013021504", "203002301504", "203001022504", "196912312359", "2030010215x4"],
)
def test_no_date_is_f802_and_the_clock_stays(program: Program, given: str) -> None:
    before = program.call(LIRE_DATE_LECTEUR).moment
    assert program.call(MAJ_DATE_LECTEUR, moment=given).code == 0xF802
    assert program.call(LIRE_DATE_LECTEUR).moment == before
