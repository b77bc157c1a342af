"""Damage to the flash: one flipped bit loses nothing; worse loses the record it hits, which is named."""

from __future__ import annotations

import pytest

from tests.reader_fw.app.store.storage_bench import (
    Bench,
    Shown,
    content,
    load,
    load_id,
    shown,
    signed,
    staged,
    start,
)
from tests.reader_fw.board.flash_files import read_file, write_file
from tla_sim.reader_fw.app.store.sealing import RecordDamaged
from tla_sim.reader_fw.app.store.storage import open_storage
from tla_sim.reader_fw.app.store.vault import VaultDamaged
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.filesystem import FileSystemDamaged
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, FlashOperation, NorFlash, SectorFailed
from tla_sim.reader_fw.failure import FirmwareFailure

OWNERS = ("991111111", "992222222")


def furnished() -> Bench:
    """Documents of two owners, loaded and signed, a stage, a note and a setting."""
    bench = Bench.new()
    keys = [each for owner in OWNERS for each in load(bench.store, owner, "19030501", "19030502", "19030503")]
    bench.store.certify([signed(each) for each in keys[::2]])
    bench.store.next_counter()
    bench.store.stage(OWNERS[0], load_id("more"), staged(OWNERS[0], "19030599"))
    bench.store.put_note(OWNERS[1], b"patients")
    bench.storage.settings.put("serial", b"TLA1")
    return bench


def used_sectors(flash: NorFlash) -> list[int]:
    starts = range(0, flash.size, SECTOR_SIZE)
    return [at for at in starts if not flash.is_blank(at, at + SECTOR_SIZE)]


def test_any_single_flipped_bit_in_any_used_sector_loses_nothing() -> None:
    bench = furnished()
    expected = shown(bench.store)
    bench.storage.close()
    flash = bench.flash
    image = flash.read(0, flash.size)
    for at in used_sectors(flash):
        for place in range((at // SECTOR_SIZE) % 59, SECTOR_SIZE * 8, 1_193):
            address = at + place // 8
            flash.poke(address, bytes([image[address] ^ 1 << place % 8]))
            storage = start(flash, place)
            assert shown(storage.store) == expected
            assert storage.store.list_damaged() == ()
            assert storage.store.open_load(OWNERS[0], load_id("more"), 0, 0) == (0,)
            assert storage.store.note(OWNERS[1]) == b"patients"
            assert storage.settings.get("serial") == b"TLA1"
            assert storage.store.counter >= 1
            storage.close()
            flash.poke(at, image[at : at + SECTOR_SIZE])
            flash.poke(flash.size - 2 * SECTOR_SIZE, image[-2 * SECTOR_SIZE :])


def outcome(bench: Bench, expected: Shown) -> list[str]:
    """The names of the documents that do not open; fails if one has a wrong content or is missing."""
    store = bench.power_cycle()
    assert [entry.key for entry in store.entries()] == list(expected)
    lost, names = [], []
    for each, (state, body) in expected.items():
        assert store.state_of(each) is state
        try:
            assert store.content(each) == body
        except RecordDamaged as damaged:
            lost.append(damaged.record)
            names.append(each.name)
    assert list(store.list_damaged()) == lost == names
    return lost


def test_damage_beyond_repair_loses_only_the_document_it_hits_and_names_it() -> None:
    bench = furnished()
    expected = shown(bench.store)
    names = {each.name for each in expected}
    ever_lost: set[str] = set()
    path = "invoices/" + bench.storage.fs.list("invoices")[0].name
    raw = read_file(bench.storage.fs, path)
    for at in range(0, len(raw), 97):
        write_file(bench.storage.fs, path, raw[:at] + bytes([raw[at] ^ 0x5A]) + raw[at + 1 :])
        lost = outcome(bench, expected)
        assert len(lost) <= 1
        ever_lost |= set(lost)
    assert ever_lost == names
    write_file(bench.storage.fs, path, raw)
    assert outcome(bench, expected) == []


def test_a_damaged_document_can_be_erased_and_loaded_again() -> None:
    bench = Bench.new()
    (a,) = load(bench.store, "1", "a")
    path = "invoices/" + bench.storage.fs.list("invoices")[0].name
    raw = bytearray(read_file(bench.storage.fs, path))
    raw[500] ^= 0xFF
    write_file(bench.storage.fs, path, bytes(raw))
    store = bench.power_cycle()
    with pytest.raises(RecordDamaged, match=r"Invoice a \(FSE\) of owner 1"):
        store.content(a)
    assert store.capacity().damaged == 1
    store.erase("1")
    load(store, "1", "a")
    assert len(shown(bench.power_cycle())) == 1


def test_a_frame_lost_at_both_ends_is_reported_and_keys_are_kept() -> None:
    bench = Bench.new()
    load(bench.store, "1", "a")
    load(bench.store, "2", "x")
    size = bench.storage.fs.list("invoices")[0].size
    load(bench.store, "3", "last")
    path = "invoices/" + bench.storage.fs.list("invoices")[0].name
    raw = bytearray(read_file(bench.storage.fs, path))
    raw[size + 25] ^= 0xFF
    raw[raw.index(raw[size : size + 20], size + 20) - 3] ^= 0xFF
    write_file(bench.storage.fs, path, bytes(raw))
    store = bench.power_cycle()
    assert [entry.key.owner for entry in store.entries()] == ["1", "2"]
    assert len(store.list_damaged()) == 1
    assert store.capacity().damaged == 1
    assert len(bench.storage.vault.key_ids) == 3


def test_without_the_device_key_nothing_on_the_flash_can_be_read_or_listed() -> None:
    bench = Bench.new()
    secret = b"PATIENT MARTIN PAUL " * 20
    store = bench.store
    store.stage("991234567", load_id("x"), staged("991234567", "190305028"))
    store.put_note("991234567", secret)
    store.commit("991234567", load_id("x"), 1)
    bench.storage.settings.put("serial", b"TLA00000001")
    bench.storage.close()
    image = bench.flash.read_image()
    for plain in (
        secret[:20],
        staged("991234567", "190305028")[0].document.content[:16],
        b"991234567",
        b"190305028",
        b"TLA0000",
    ):
        assert plain not in image
    stranger = open_storage(bench.flash, bytes(32), SeededEntropy(1))
    assert stranger.store.entries() == ()
    assert stranger.store.list_damaged()
    with pytest.raises(RecordDamaged):
        stranger.settings.get("serial")


def test_another_device_key_does_not_start_the_signature_counter_anew() -> None:
    bench = furnished()
    bench.storage.close()
    with pytest.raises(VaultDamaged, match="signature counter"):
        open_storage(bench.flash, bytes(32), SeededEntropy(1))


def test_what_an_erased_owner_left_on_the_flash_opens_with_no_key_that_is_left() -> None:
    bench = furnished()
    before = bench.flash.read(0, bench.flash.size)
    keys = set(bench.storage.vault.key_ids)
    bench.store.erase(OWNERS[0])
    after = bench.flash.read(0, bench.flash.size)
    (gone,) = keys - set(bench.storage.vault.key_ids)
    assert before.count(gone) >= 2
    vault = slice(-2 * SECTOR_SIZE, None)
    assert gone not in after[vault]
    sealed_key = before[vault].partition(gone)[2][:48]
    assert not any(sealed_key[at : at + 8] in after for at in range(40))


def test_a_flash_that_cannot_be_trusted_is_refused_and_not_changed() -> None:
    bench = furnished()
    bench.storage.close()
    flash = bench.flash
    image = flash.read(0, flash.size)

    def refused(address: int, size: int, error: type[FirmwareFailure]) -> None:
        flash.poke(address, bytes(size))
        spoilt = flash.read(0, flash.size)
        with pytest.raises(error) as why:
            start(flash, 9)
        assert why.value.action
        assert flash.read(0, flash.size) == spoilt
        flash.poke(0, image)

    refused(0, 2 * SECTOR_SIZE, FileSystemDamaged)
    for slot in range(4):
        for sector in (1, 2):
            at = flash.size - sector * SECTOR_SIZE + slot * 64
            flash.poke(at + 20, bytes([image[at + 20] ^ sector]))
    with pytest.raises(VaultDamaged):
        start(flash, 9)
    flash.poke(0, image)
    assert len(shown(start(flash, 9).store)) == 6


class WornFrom:
    """A hook under which one sector takes nothing any more after its first `good` operations."""

    def __init__(self, sector: int, good: int) -> None:
        self.sector = sector
        self.good = good
        self.refused = 0

    def before(self, flash: NorFlash, operation: FlashOperation) -> None:  # noqa: ARG002
        if operation.address // SECTOR_SIZE == self.sector:
            self.good -= 1
            if self.good < 0:
                self.refused += 1
                raise SectorFailed


def test_any_one_sector_may_wear_out_at_any_time() -> None:
    refused = 0
    for sector in range(2, 64):
        for good in (0, 1, 3):
            bench = Bench.new()
            worn = WornFrom(sector, good)
            bench.flash.hooks.append(worn)
            keys = load(bench.store, "1", "a", "b", "c")
            bench.store.next_counter()
            bench.store.certify([signed(each) for each in keys[:2]])
            bench.storage.settings.put("serial", b"TLA1")
            bench.store.put_note("1", b"patients")
            store = bench.power_cycle()
            assert store.acknowledge([(keys[0], signed(keys[0]).document.digest)]) == 1
            store = bench.power_cycle()
            assert [store.content(each) for each in keys[1:]] == [
                signed(keys[1]).document.content,
                content("1c"),
            ]
            assert store.note("1") == b"patients"
            assert bench.storage.settings.get("serial") == b"TLA1"
            refused += worn.refused
    assert refused > 20
