"""The vault: keys that can be destroyed for good, and a counter that nothing takes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tla_sim.reader_fw.app.store.sealing import Sealer
from tla_sim.reader_fw.app.store.vault import COUNTER_BLOCK, SLOT_SIZE, Vault, VaultDamaged
from tla_sim.reader_fw.board.board import SAMPLE_DEVICE_KEY
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, FlashOperation, NorFlash, SectorFailed, blank_image
from tla_sim.reader_fw.board.flash_log import FlashLog, Replayer


def blank() -> NorFlash:
    return NorFlash(blank_image(2 * SECTOR_SIZE))


def vault_on(flash: NorFlash, seed: int = 1) -> Vault:
    entropy = SeededEntropy(seed)
    return Vault(flash, 0, Sealer(SAMPLE_DEVICE_KEY, entropy), entropy)


def keys_of(vault: Vault) -> dict[bytes, bytes | None]:
    return {key_id: vault.key(key_id) for key_id in vault.key_ids}


def test_keys_and_counter_survive_a_power_cycle() -> None:
    flash = blank()
    vault = vault_on(flash)
    made = [vault.new_key() for _ in range(5)]
    counters = [vault.next_counter() for _ in range(100)]
    again = vault_on(flash, 2)
    assert list(again.key_ids) == made
    assert keys_of(again) == keys_of(vault)
    assert len({*keys_of(again).values()}) == 5
    assert counters == list(range(1, 101))
    assert again.next_counter() == 2 * COUNTER_BLOCK + 1


def test_a_destroyed_key_is_nowhere_in_the_flash_any_more() -> None:
    flash = blank()
    vault = vault_on(flash)
    kept, gone = vault.new_key(), vault.new_key()
    image = flash.read(0, flash.size)
    assert image.count(gone) == 2
    sealed = image[image.index(gone) :][:60]
    vault.destroy([gone, gone, b"never held"])
    assert vault.key(gone) is None
    after = flash.read(0, flash.size)
    assert gone not in after
    assert not any(sealed[at : at + 8] in after for at in range(0, 52))
    assert list(vault_on(flash, 2).key_ids) == [kept]


def test_slots_are_used_again_for_ever() -> None:
    flash = blank()
    vault = vault_on(flash)
    lasting = vault.new_key()
    secret = vault.key(lasting)
    for turn in range(400):
        vault.destroy([vault.new_key()])
        for _ in range(turn % 30):
            vault.next_counter()
    again = vault_on(flash, 2)
    assert keys_of(again) == {lasting: secret}
    assert again.counter >= vault.counter
    assert flash.wear(0) == flash.wear(1) < 20


def test_it_holds_a_bounded_number_of_keys() -> None:
    vault = vault_on(blank())
    for _ in range(Vault.max_keys):
        vault.new_key()
    with pytest.raises(VaultDamaged, match="full"):
        vault.new_key()
    vault.destroy(vault.key_ids[:1])
    vault.new_key()
    vault.next_counter()


def scenario(vault: Vault, done: Callable[[], None]) -> None:
    """Keys come and go and the counter runs, until the slots are used up twice over."""
    for turn in range(70):
        first = vault.new_key()
        done()
        if turn % 3:
            vault.destroy([first])
            done()
        for _ in range(40):
            vault.next_counter()
        done()
        if len(vault.key_ids) > 6:
            vault.destroy(vault.key_ids[:3])
            done()


def test_every_cut_leaves_each_key_there_or_not_and_a_counter_not_lower() -> None:
    flash = blank()
    log = FlashLog(flash.read_image())
    flash.hooks.append(log)
    vault = vault_on(flash)
    states: list[tuple[int, dict[bytes, bytes | None], int]] = [(0, {}, 0)]
    scenario(vault, lambda: states.append((len(log), keys_of(vault), vault.counter)))
    replayer = Replayer(log)
    assert any(operation.data == b"" for operation in replayer.operations)
    for point in range(len(replayer)):
        step = max(number for number, (end, _, _) in enumerate(states) if end <= point)
        before, after = states[step], states[min(step + 1, len(states) - 1)]
        for tear in replayer.tears(point):
            with replayer.cut(point, tear) as cut:
                for seed in (1_000 + point, 2_000 + point):
                    found = vault_on(cut, seed)
                    held = keys_of(found)
                    assert held.items() <= (before[1] | after[1]).items()
                    assert held.keys() >= before[1].keys() & after[1].keys()
                    assert found.counter >= before[2]
                    assert found.counter <= after[2] + 3 * COUNTER_BLOCK


def test_any_single_flipped_bit_is_put_right_and_any_after_it() -> None:
    flash = blank()
    vault = vault_on(flash)
    for _ in range(3):
        vault.new_key()
    vault.next_counter()
    vault.destroy(vault.key_ids[:1])
    image = flash.read(0, flash.size)
    used = 5 * SLOT_SIZE
    for base in (0, SECTOR_SIZE):
        for place in range(0, used * 8, 7):
            spoilt = bytearray(image)
            spoilt[base + place // 8] ^= 1 << place % 8
            flash.poke(0, bytes(spoilt))
            found = vault_on(flash, place)
            assert keys_of(found) == keys_of(vault)
            assert found.counter >= vault.counter
            assert flash.read(0, SECTOR_SIZE) == flash.read(SECTOR_SIZE, SECTOR_SIZE)


def test_when_neither_sector_makes_sense_it_says_so_and_changes_nothing() -> None:
    flash = blank()
    vault = vault_on(flash)
    for _ in range(3):
        vault.new_key()
    vault.next_counter()
    for base in (0, SECTOR_SIZE):
        for slot in range(4):
            at = base + slot * SLOT_SIZE + 20
            flash.poke(at, bytes([flash.read(at, 1)[0] ^ (1 + base // SECTOR_SIZE)]))
    before = flash.read(0, flash.size)
    with pytest.raises(VaultDamaged) as refused:
        vault_on(flash, 2)
    assert refused.value.action
    assert flash.read(0, flash.size) == before


def test_another_readers_device_key_opens_nothing() -> None:
    flash = blank()
    vault = vault_on(flash)
    key_id = vault.new_key()
    entropy = SeededEntropy(3)
    assert Vault(flash, 0, Sealer(bytes(32), entropy), entropy).key(key_id) is None


@pytest.mark.parametrize("sector", [0, 1])
def test_one_worn_out_sector_does_not_lose_anything(sector: int) -> None:
    class Worn:
        def before(self, flash: NorFlash, operation: FlashOperation) -> None:  # noqa: ARG002
            if operation.address // SECTOR_SIZE == sector:
                raise SectorFailed

    flash = blank()
    vault = vault_on(flash)
    first = vault.new_key()
    flash.hooks.append(Worn())
    second = vault.new_key()
    counter = [vault.next_counter() for _ in range(COUNTER_BLOCK + 1)][-1]
    for seed in (2, 3):
        again = vault_on(flash, seed)
        assert keys_of(again) == {first: vault.key(first), second: vault.key(second)}
        assert again.counter >= counter
