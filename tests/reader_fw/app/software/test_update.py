"""Updating the reader's software: a cut at any moment leaves the old version running or the new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.reader_kit import Bench
from tla_sim.host.client import ReaderClient
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.load import positions_in
from tla_sim.protocol.errors import ConnectionLost, StatusError
from tla_sim.protocol.firmware import Image, sign_image
from tla_sim.reader_fw.app.software.boot_area import BOOT_SECTORS, BootArea, BootRecord, SoftwareDamaged
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.software.profiles import (
    TLA_1_31,
    TLA_1_31_FIXED,
    TLA_1_39,
    TLA_1_40_ALTERED,
    TLA_1_40_SINGLE,
)
from tla_sim.reader_fw.app.software.profiles.factory import image_of, update_key
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash, PowerCut, blank_image
from tla_sim.reader_fw.board.flash_log import FlashLog, PowerCutter, Replayer
from tla_sim.reader_fw.board.flash_tear import Tear
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import DOCTOR, MORNING, NURSE

NEW = image_of(TLA_1_40)


def send(client: ReaderClient, image: Image) -> None:
    """What of an image the reader does not have yet."""
    present = positions_in(client.open_update(image.head.raw), len(image.chunks))
    for position, chunk in enumerate(image.chunks):
        if position not in present:
            client.update_block(position, chunk)


def install(client: ReaderClient, image: Image) -> None:
    """The whole update."""
    send(client, image)
    client.activate_update(image.head.image_id)


def version(bench: Bench) -> str:
    """What the reader says it runs."""
    identity = bench.client().identify()
    return f"{identity.major}.{identity.minor}"


def refused(act: Callable[[], object]) -> Status | None:
    """The status that an act is refused with."""
    with pytest.raises(StatusError) as caught:
        act()
    return caught.value.status


def test_an_update_changes_version_abilities_and_screens_and_keeps_everything_else() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    serial, boots = client.identify().serial_number, client.diagnostics().boots
    load(client, documents(NURSE, 3))
    install(client, NEW)
    after = client.identify()
    assert (after.major, after.minor, after.serial_number) == (1, 40, serial)
    assert client.diagnostics().boots == boots + 1
    assert [each.state for each in client.list_documents()] == [InvoiceState.LOADED] * 3
    load(client, documents(DOCTOR, 2))
    bench.unplug()
    assert bench.text.startswith("TLA 1.40")
    bench.replace_reader()
    assert version(bench) == "1.40"


def test_a_cut_at_every_flash_operation_leaves_the_old_version_or_the_new_one() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    load(client, documents(NURSE, 2))
    before = client.list_documents()
    log = FlashLog(bench.image)
    bench.reader.board.flash.hooks.append(log)
    install(client, NEW)
    assert client.identify().minor == 40
    replayer = Replayer(log)
    seen = []
    for point in range(len(replayer)):
        for tear in replayer.tears(point):
            with replayer.cut(point, tear) as flash:
                reader = Reader(assemble_board(MORNING, SeededEntropy(point), flash))
                bench.reader = reader
                reader.power_on()
                again = bench.client()
                identity = again.identify()
                seen.append((point, identity.minor))
                assert identity.minor in (31, 40)
                assert all(len(each.component_checksum) == 8 for each in again.configuration())
                assert again.list_documents() == before
                if identity.minor == 31:
                    install(again, NEW)
                assert again.identify().minor == 40
                assert again.list_documents() == before
    turned = min(point for point, minor in seen if minor == 40)
    assert all(minor == 40 for point, minor in seen if point > turned), "once new, always new"
    assert {minor for _, minor in seen} == {31, 40}


def test_a_cut_resumes_where_it_was() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    client.open_update(NEW.head.raw)
    client.update_block(0, NEW.chunks[0])
    client.update_block(2, NEW.chunks[2])
    bench.replace_reader()
    again = bench.client()
    assert version(bench) == "1.31"
    assert positions_in(again.open_update(NEW.head.raw), 15) == (0, 2)
    assert again.update_block(1, NEW.chunks[1]) == 3


def test_a_power_cut_in_the_middle_of_a_block_loses_that_block_alone() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    client.open_update(NEW.head.raw)
    client.update_block(0, NEW.chunks[0])
    cutter = PowerCutter(0, Tear.HALF_BITS)
    bench.reader.board.flash.hooks.append(cutter)
    with pytest.raises(ConnectionLost):
        client.update_block(1, NEW.chunks[1])
    bench.replace_reader()
    again = bench.client()
    assert positions_in(again.open_update(NEW.head.raw), 15) == (0,)
    install(again, NEW)
    assert version(bench) == "1.40"


def test_nothing_is_activated_before_all_of_it_is_there() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    client.open_update(NEW.head.raw)
    for position, chunk in enumerate(NEW.chunks[:-1]):
        client.update_block(position, chunk)
    activate = refused(lambda: client.activate_update(NEW.head.image_id))
    assert activate is Status.CONDITIONS_NOT_SATISFIED
    assert version(bench) == "1.31"


def test_what_lies_in_the_flash_is_checked_again_before_it_runs() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    send(client, NEW)
    at = bytes(bench.image).find(NEW.chunks[1])
    bench.reader.board.flash.poke(at + 17, b"\0\0")
    status = refused(lambda: client.activate_update(NEW.head.image_id))
    assert status is Status.CONDITIONS_NOT_SATISFIED
    install(client, NEW)
    assert version(bench) == "1.40"


def test_a_block_out_of_order_or_altered_is_refused() -> None:
    client = Bench(profile=TLA_1_31).client()
    assert refused(lambda: client.update_block(0, NEW.chunks[0])) is Status.CONDITIONS_NOT_SATISFIED
    client.open_update(NEW.head.raw)
    assert refused(lambda: client.update_block(0, NEW.chunks[1])) is Status.DIGEST_MISMATCH
    assert refused(lambda: client.update_block(0, NEW.chunks[0][:-1])) is Status.DIGEST_MISMATCH
    assert refused(lambda: client.update_block(40, NEW.chunks[0])) is Status.CONDITIONS_NOT_SATISFIED


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"", Status.IMAGE_INVALID),
        (bytes(1_000), Status.IMAGE_INVALID),
        (NEW.head.raw[:-1], Status.IMAGE_INVALID),
        (NEW.head.raw[:-1] + b"\0", Status.IMAGE_INVALID),
        (
            sign_image(replace(NEW.manifest, target="TLA complet"), NEW.payload, update_key()).head.raw,
            Status.IMAGE_FOREIGN,
        ),
    ],
)
def test_an_image_that_is_not_for_this_reader_changes_nothing(head: bytes, status: Status) -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    before = bytes(bench.image)
    assert refused(lambda: client.open_update(head)) is status
    assert bytes(bench.image) == before


def test_an_opened_reader_takes_no_update() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    client.open_update(NEW.head.raw)
    bench.reader.board.tamper.open_case()
    before = bytes(bench.image)
    assert refused(lambda: client.open_update(NEW.head.raw)) is Status.TAMPERED
    assert refused(lambda: client.update_block(0, NEW.chunks[0])) is Status.TAMPERED
    assert refused(lambda: client.activate_update(NEW.head.image_id)) is Status.TAMPERED
    assert bytes(bench.image) == before


def test_it_never_goes_back_below_what_it_ran_once() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    install(client, NEW)
    old = image_of(TLA_1_31)
    assert refused(lambda: client.open_update(old.head.raw)) is Status.VERSION_REFUSED
    install(client, image_of(TLA_1_39))
    assert version(bench) == "1.39", "1.39 is not below the floor that 1.40 sets"
    assert refused(lambda: client.open_update(old.head.raw)) is Status.VERSION_REFUSED


def test_software_without_room_for_what_is_on_board_is_refused_until_it_is_pulled() -> None:
    bench = Bench(profile=TLA_1_40_SINGLE)
    client = bench.client()
    load(client, documents(NURSE, 151))
    old = image_of(TLA_1_31)
    assert refused(lambda: client.open_update(old.head.raw)) is Status.INVOICES_ON_BOARD
    assert len(client.list_documents()) == 151
    bench.insert_ps()
    client.verify_code("1234")
    client.erase(NURSE)
    install(client, old)
    assert version(bench) == "1.31"


def test_what_came_on_board_during_the_update_counts_too() -> None:
    bench = Bench(profile=TLA_1_40_SINGLE)
    client = bench.client()
    old = image_of(TLA_1_31)
    send(client, old)
    load(client, documents(NURSE, 151))
    assert refused(lambda: client.activate_update(old.head.image_id)) is Status.INVOICES_ON_BOARD
    assert version(bench) == "1.40"


def test_the_right_image_heals_altered_software() -> None:
    bench = Bench(profile=TLA_1_40_ALTERED)
    client = bench.client()
    published = [f"{each.checksum:08X}" for each in NEW.manifest.components]
    assert [each.component_checksum for each in client.configuration()] != published
    install(client, NEW)
    assert [each.component_checksum for each in client.configuration()] == published


@pytest.mark.parametrize("small", [False, True])
def test_a_reader_whose_software_is_fixed_has_no_such_command(small: bool) -> None:
    bench = Bench(profile=TLA_1_40 if small else TLA_1_31_FIXED, flash_size=2**18 if small else 2**21)
    client = bench.client()
    assert refused(lambda: client.open_update(NEW.head.raw)) is Status.INSTRUCTION_NOT_SUPPORTED
    assert client.configuration()


def test_a_reader_is_updated_more_often_than_one_sector_of_records_holds() -> None:
    bench = Bench(profile=TLA_1_39)
    flash = bench.reader.board.flash
    area = BootArea(flash)
    record, _ = area.find_running()
    for _ in range(300):
        record = BootRecord(record.sequence + 1, record.bank, record.floor)
        area.activate(record)
        assert area.find_running()[0] == record
    assert flash.wear(flash.sectors - BOOT_SECTORS) == 1


def test_a_torn_boot_record_does_not_count() -> None:
    bench = Bench(profile=TLA_1_31)
    client = bench.client()
    send(client, NEW)
    area = BootArea(bench.reader.board.flash)
    before = area.find_running()
    for tear in (Tear.NOTHING, Tear.PREFIX_37, Tear.SUFFIX_50, Tear.HALF_BITS):
        bench.reader.board.flash.hooks.append(PowerCutter(0, tear))
        with pytest.raises(PowerCut):
            area.activate(BootRecord(2, 1, NEW.manifest.floor))
        bench.reader.board.flash.hooks.clear()
        assert area.find_running() == before


def _spoil(flash: NorFlash, image: Image) -> None:
    """Change a byte in both copies of a manifest."""
    for at in range(flash.size - BOOT_SECTORS * SECTOR_SIZE, flash.size, 2_048):
        if flash.read(at, len(image.head.raw)) == image.head.raw:
            flash.poke(at + 40, b"\xa5\x5a")


def test_a_flipped_bit_in_a_manifest_keeps_nobody_from_working() -> None:
    bench = Bench(profile=TLA_1_40)
    flash = bench.reader.board.flash
    at = bytes(bench.image).find(NEW.head.raw)
    flash.poke(at + 40, b"\xa5\x5a")
    bench.replace_reader()
    assert version(bench) == "1.40"


@pytest.mark.parametrize(("second", "runs"), [(TLA_1_40_SINGLE, True), (TLA_1_40, False)])
def test_a_lost_bank_falls_back_on_the_other_but_never_below_the_floor(second: Profile, runs: bool) -> None:
    bench = Bench(profile=TLA_1_31)
    install(bench.client(), image_of(second))
    _spoil(bench.reader.board.flash, image_of(second))
    if runs:
        bench.replace_reader()
        assert version(bench) == "1.31"
    else:
        with pytest.raises(SoftwareDamaged):
            bench.replace_reader()


def test_a_blank_board_gets_the_software_of_the_factory_once() -> None:
    image = blank_image(2**21)
    for profile in (TLA_1_39, TLA_1_40):
        reader = Reader(assemble_board(MORNING, SeededEntropy(1), NorFlash(image)), profile)
        assert reader.profile.name == "1.39"
