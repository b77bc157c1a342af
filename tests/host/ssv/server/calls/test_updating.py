"""Updating a reader by SSV_ChargerAppli, and its tables by SSV_ChargerDonneesTLA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import tla_sim
from tests.cut_line import CutLine
from tests.ssv_kit import Program, zone
from tla_sim.host.client import ReaderClient
from tla_sim.host.ssv.functions import (
    CHARGER_APPLI,
    CHARGER_DONNEES_TLA,
    CHARGER_FACTURES_PDT,
    IDENTIFIER_TLA,
)
from tla_sim.host.ssv.server.file_parts import join_file, split_file
from tla_sim.protocol.firmware import Image, Manifest, sign_image
from tla_sim.protocol.groups.reader import ReaderConfiguration
from tla_sim.protocol.groups.ssv_calls import FilePart, TlaIdentity
from tla_sim.reader_fw.app.software.profile import TLA_1_40
from tla_sim.reader_fw.app.software.profiles import TLA_1_31, TLA_1_40_ALTERED, TLA_1_40_SINGLE
from tla_sim.reader_fw.app.software.profiles.factory import image_of, update_key, with_tables

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


TABLES = with_tables(TLA_1_40, b"new tables " * 700, "2026.1", date(2026, 3, 2))
TOLD = ("2026.1", date(2026, 3, 2), f"{TABLES.manifest.components[1].checksum:08X}")


def reported(program: Program) -> list[tuple[str, date | None, str]]:
    """Version, date and checksum of both components: the software, then the tables."""
    groups = program.call(IDENTIFIER_TLA).groups[1:]
    found = [each for each in groups if isinstance(each, ReaderConfiguration)]
    by_name = {
        each.component_name: (each.component_version, each.component_date, each.component_checksum)
        for each in found
    }
    configuration = {each.component_name: each.component_date for each in program.work.client.configuration()}
    return [(version, configuration[name], checksum) for name, (version, _, checksum) in by_name.items()]


@pytest.mark.parametrize(
    "zones",
    [[TABLES.build()], [zone(*split_file(TABLES.build()))]],
    ids=["bare bytes", "groups 9322"],
)
def test_new_tables_are_loaded_beside_the_same_software_and_the_invoices_stay(
    program: Program, zones: Sequence[bytes]
) -> None:
    prepared = tla_sim.prepared_invoices(tla_sim.demo_practice())
    program.call(CHARGER_FACTURES_PDT, zones=[zone(*each.groups()) for each in prepared])
    software, _ = reported(program)
    on_board = program.work.client.list_documents()
    assert len(on_board) >= len(prepared)
    assert program.call(CHARGER_DONNEES_TLA, zones=zones).code == 0
    assert reported(program) == [software, TOLD]
    assert version(program) == "1.40"
    assert program.work.client.list_documents() == on_board
    boots = program.work.client.diagnostics().boots
    assert program.call(CHARGER_DONNEES_TLA, zones=zones).code == 0
    assert program.work.client.diagnostics().boots == boots, "they are there already"


def test_tables_follow_each_other_and_the_published_ones_come_back(program: Program) -> None:
    before = reported(program)
    small = with_tables(TLA_1_40, b"\0", "A", date(2026, 3, 3))
    assert program.call(CHARGER_DONNEES_TLA, zones=[TABLES.build()]).code == 0
    assert program.call(CHARGER_DONNEES_TLA, zones=[small.build()]).code == 0
    assert reported(program)[1][:2] == ("A", date(2026, 3, 3))
    assert program.call(CHARGER_DONNEES_TLA, zones=[IMAGE]).code == 0
    assert reported(program) == before


def signed(manifest: Manifest, payload: bytes = TABLES.payload) -> Image:
    return sign_image(manifest, payload, update_key())


_SOFTWARE, _TABLES = TABLES.manifest.components
OTHER_SOFTWARE = {
    "another version": with_tables(TLA_1_31, b"tables", "2026.1", date(2026, 3, 2)),
    "a newer version": signed(replace(TABLES.manifest, minor=41)),
    "one owner at a time": with_tables(TLA_1_40_SINGLE, b"tables", "2026.1", date(2026, 3, 2)),
    "another CDC": signed(replace(TABLES.manifest, cdc_minor=41)),
    "other capabilities": signed(replace(TABLES.manifest, capabilities=3)),
    "more owners": signed(replace(TABLES.manifest, max_owners=33)),
    "fewer invoices": signed(replace(TABLES.manifest, max_documents=1_999)),
    "another date": signed(
        replace(TABLES.manifest, components=(replace(_SOFTWARE, released=20260302), _TABLES))
    ),
    "a name of its own": signed(
        replace(TABLES.manifest, components=(replace(_SOFTWARE, name="Log_XX"), _TABLES))
    ),
    "another byte": signed(TABLES.manifest, b"\0" + TABLES.payload[1:]),
    "no tables": signed(replace(TABLES.manifest, components=(_SOFTWARE,)), TABLES.payload[: _SOFTWARE.size]),
    "tables twice": signed(
        replace(TABLES.manifest, components=(*TABLES.manifest.components, _TABLES)),
        TABLES.payload + TABLES.payload[_SOFTWARE.size :],
    ),
}


@pytest.mark.parametrize("image", OTHER_SOFTWARE.values(), ids=OTHER_SOFTWARE.keys())
def test_an_image_with_other_software_is_no_tables(program: Program, image: Image) -> None:
    before = reported(program), program.work.client.diagnostics()
    assert program.call(CHARGER_DONNEES_TLA, zones=[image.build()]).code == 0xF0FF
    assert (reported(program), program.work.client.diagnostics()) == before


def test_the_application_may_bring_tables_too(program: Program) -> None:
    assert program.call(CHARGER_APPLI, zones=[TABLES.build()]).code == 0
    assert reported(program)[1] == TOLD


def test_a_reader_with_altered_software_takes_no_tables_for_it(tmp_path: Path) -> None:
    with tla_sim.SimulatedReader.in_memory(seed=1, profile=TLA_1_40_ALTERED.name) as reader:
        program = Program(reader.client(), tmp_path / "ledger.db")
        assert program.call(CHARGER_DONNEES_TLA, zones=[TABLES.build()]).code == 0xF0FF


@pytest.mark.parametrize(
    "zones",
    [[], [b"tables"], [zone(*split_file(b"tables"))], [TABLES.build()[:-1]], [TABLES.build() + b"\0"]],
    ids=lambda zones: f"{sum(map(len, zones))} bytes",
)
def test_what_is_no_image_is_no_tables(program: Program, zones: Sequence[bytes]) -> None:
    before = reported(program)
    assert program.call(CHARGER_DONNEES_TLA, zones=zones).code == 0xF802
    assert reported(program) == before


@pytest.mark.parametrize("power", [False, True], ids=["link", "power"])
@pytest.mark.parametrize("heard", [False, True])
def test_tables_cut_at_any_exchange_and_called_again_are_loaded(
    tmp_path: Path, heard: bool, power: bool
) -> None:
    cut = 0
    while True:
        with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
            software, shipped = reported(Program(reader.client(), tmp_path / "l.db"))
            line = CutLine(reader, cut, heard=heard)
            cut_off = Program(ReaderClient(line.transport), tmp_path / "l.db", pause=lambda: None)
            code = cut_off.call(CHARGER_DONNEES_TLA, zones=[TABLES.build()]).code
            line.transport.close()
            if power:
                reader.power_off()
                reader.power_on()
            program = Program(reader.client(), tmp_path / "l.db")
            assert reported(program) in ([software, shipped], [software, TOLD])
            assert program.call(CHARGER_DONNEES_TLA, zones=[TABLES.build()]).code == 0
            assert reported(program) == [software, TOLD]
        if not line.was_cut:
            assert code == 0
            break
        assert code == 0xF101
        cut += 1
    assert cut > len(TABLES.chunks) + 4


@pytest.mark.parametrize("size", [0, 1, 59_999, 60_000, 60_001, 180_000])
def test_a_file_in_parts_is_whole_again(size: int) -> None:
    content = bytes(at % 251 for at in range(size))
    parts = list(split_file(content))
    assert join_file([zone(part) for part in parts]) == content
    assert len(parts) == max(1, -(-size // 60_000))
