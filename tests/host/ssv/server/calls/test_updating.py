"""Updating a reader by SSV_ChargerAppli."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import tla_sim
from tests.cut_line import CutLine
from tests.ssv_kit import Program, zone
from tla_sim.host.client import ReaderClient
from tla_sim.host.ssv.functions import CHARGER_APPLI, CHARGER_DONNEES_TLA, IDENTIFIER_TLA
from tla_sim.host.ssv.server.file_parts import join_file, split_file
from tla_sim.protocol.groups.ssv_calls import FilePart, TlaIdentity
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.app.software.profiles import TLA_1_31
from tla_sim.reader_fw.app.software.profiles.factory import image_of

IMAGE = image_of(TLA_1_40).build()
PARTS = [
    FilePart(position=at + 1, content=part) for at, part in enumerate((IMAGE[:9], IMAGE[9:40], IMAGE[40:]))
]


@pytest.fixture
def old() -> Iterator[tla_sim.SimulatedReader]:
    with tla_sim.SimulatedReader.in_memory(seed=1, profile="1.31") as reader:
        yield reader


def version(program: Program) -> str:
    identity = program.call(IDENTIFIER_TLA).groups[0]
    assert isinstance(identity, TlaIdentity)
    return identity.software_version


@pytest.mark.parametrize(
    "zones",
    [
        [zone(*split_file(IMAGE))],
        [zone(*PARTS)],
        [zone(*PARTS[::-1])],
        [zone(part) for part in PARTS],
        [IMAGE],
        [IMAGE[:9], IMAGE[9:]],
    ],
    ids=["one part", "parts", "backwards", "a zone each", "bare bytes", "bare bytes in parts"],
)
def test_a_reader_runs_the_image_that_a_program_passes(
    old: tla_sim.SimulatedReader, tmp_path: Path, zones: Sequence[bytes]
) -> None:
    program = Program(old.client(), tmp_path / "ledger.db")
    assert program.call(CHARGER_APPLI, zones=zones).code == 0
    assert version(program) == "1.40"
    assert program.call(CHARGER_APPLI, zones=zones).code == 0, "it runs it already"


@pytest.mark.parametrize(
    "zones",
    [
        [],
        [b""],
        [zone(PARTS[0], PARTS[2])],
        [zone(*PARTS, PARTS[2])],
        [zone(*PARTS[1:])],
        [zone(*PARTS[:2])],
        [zone(FilePart(position=0, content=IMAGE))],
        [zone(*PARTS, TlaIdentity(manufacturer="M", serial_number="S"))],
        [IMAGE[:-1]],
        [IMAGE[:-1] + bytes([IMAGE[-1] ^ 1])],
        [IMAGE, IMAGE],
        [zone(*split_file(b"no image"))],
    ],
    ids=lambda zones: f"{len(zones)} zones",
)
def test_what_is_no_image_is_f802_and_the_reader_stays_as_it_is(
    old: tla_sim.SimulatedReader, tmp_path: Path, zones: Sequence[bytes]
) -> None:
    program = Program(old.client(), tmp_path / "ledger.db")
    assert program.call(CHARGER_APPLI, zones=zones).code == 0xF802
    assert version(program) == "1.31"


def test_an_older_image_than_the_reader_goes_back_to_is_refused(program: Program) -> None:
    assert program.call(CHARGER_APPLI, zones=[image_of(TLA_1_31).build()]).code == 0xF0FF
    assert version(program) == "1.40"


@pytest.mark.parametrize("heard", [False, True])
def test_an_update_cut_at_any_exchange_and_called_again_ends_with_the_new_software(
    tmp_path: Path, heard: bool
) -> None:
    cut = 0
    while True:
        with tla_sim.SimulatedReader.in_memory(seed=1, profile="1.31") as reader:
            line = CutLine(reader, cut, heard=heard)
            cut_off = Program(ReaderClient(line.transport), tmp_path / "l.db", pause=lambda: None)
            code = cut_off.call(CHARGER_APPLI, zones=[IMAGE]).code
            line.transport.close()
            program = Program(reader.client(), tmp_path / "l.db")
            assert version(program) in ("1.31", "1.40")
            assert program.call(CHARGER_APPLI, zones=[IMAGE]).code == 0
            assert version(program) == "1.40"
        if not line.was_cut:
            assert code == 0
            break
        assert code == 0xF101
        cut += 1
    assert cut > 4


@pytest.mark.parametrize(("zones", "code"), [([zone(*split_file(b"tables"))], 0xF0FF), ([b"tables"], 0xF802)])
def test_a_reader_without_tables_takes_none(program: Program, zones: Sequence[bytes], code: int) -> None:
    assert program.call(CHARGER_DONNEES_TLA, zones=zones).code == code


@pytest.mark.parametrize("size", [0, 1, 59_999, 60_000, 60_001, 180_000])
def test_a_file_in_parts_is_whole_again(size: int) -> None:
    content = bytes(at % 251 for at in range(size))
    parts = list(split_file(content))
    assert join_file([zone(part) for part in parts]) == content
    assert len(parts) == max(1, -(-size // 60_000))
