"""Clock, entropy, display, keypad, slots, power and tamper sensor, and the board that joins them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.reader_fw.board.board import SAMPLE_DEVICE_KEY, Board, assemble_board
from tla_sim.reader_fw.board.clock import Clock
from tla_sim.reader_fw.board.display import Display, fold
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import CardSlots, Slot, SlotOccupied


class PlainCard:
    """A card that remembers whether it has power."""

    atr = bytes.fromhex("3B00")
    latency_ms = 3

    def __init__(self) -> None:
        self.powered = False

    def power_on(self) -> bytes:
        self.powered = True
        return self.atr

    def power_off(self) -> None:
        self.powered = False

    def select_protocol(self, number: int | None) -> None:
        """It has none."""

    def transmit(self, apdu: bytes) -> bytes:
        return apdu[1:2] + bytes.fromhex("9000")


def board(image: bytearray | None = None, key: bytes = SAMPLE_DEVICE_KEY) -> Board:
    return assemble_board(0, SeededEntropy(1), NorFlash(image or blank_image(65536)), key)


def test_the_clock_moves_only_forward_and_only_when_told() -> None:
    clock = Clock(1_000)
    clock.advance(250)
    clock.advance(0)
    assert clock.now_ms == 1_250
    with pytest.raises(ValueError, match="go back"):
        clock.advance(-1)


def test_a_clock_whose_battery_was_flat_begins_again_and_goes_on() -> None:
    clock = Clock(1_551_772_800_000)
    clock.drain()
    clock.advance(60_000)
    assert clock.now_ms == 946_684_860_000


@given(st.integers(), st.lists(st.integers(0, 9000), max_size=8))
def test_entropy_repeats_from_its_seed_however_it_is_split(seed: int, parts: list[int]) -> None:
    split, whole = SeededEntropy(seed), SeededEntropy(seed)
    assert b"".join(split.take(part) for part in parts) == whole.take(sum(parts))


def test_different_seeds_give_different_bytes_and_none_repeat() -> None:
    seeds = [0, 1, -1, 255, 256, -256, 2**64]
    assert len({SeededEntropy(seed).take(16) for seed in seeds}) == len(seeds)
    source = SeededEntropy(7)
    assert len({source.take(12) for _ in range(5_000)}) == 5_000


def test_the_screen_is_four_lines_of_twenty_capitals_without_accents() -> None:
    display = Display()
    display.show("Présentez la carte", "cœur — naïf ÉÀÇ", "x" * 25)
    assert display.lines == ("PRESENTEZ LA CARTE  ", "COEUR - NAIF EAC    ", "X" * 20, " " * 20)
    display.show("156,20 €")
    assert display.lines[0] == "156,20 E            "
    display.clear()
    assert display.lines == (" " * 20,) * 4


@given(st.text(max_size=40))
def test_whatever_is_shown_fits_the_character_generator(text: str) -> None:
    display = Display()
    display.show(text, text)
    for line in display.lines:
        assert len(line) == 20
        assert all(" " <= char <= "~" and not char.islower() for char in line)
    assert fold(fold(text)) == fold(text)


def test_a_fifth_line_is_refused() -> None:
    with pytest.raises(ValueError, match="4 lines"):
        Display().show(*"abcde")


def test_keys_are_named_by_their_legends() -> None:
    assert Key("VAL") is Key.VAL
    assert [Key(str(digit)).digit for digit in range(10)] == list("0123456789")
    assert Key.ANN.digit is None


def test_a_swapped_card_is_noticed_and_loses_power() -> None:
    slots, first, second = CardSlots(), PlainCard(), PlainCard()
    slots.insert(Slot.PS, first)
    first.power_on()
    seen = slots.insertions(Slot.PS)
    with pytest.raises(SlotOccupied):
        slots.insert(Slot.PS, second)
    assert slots.remove(Slot.PS) is first
    assert not first.powered
    slots.insert(Slot.PS, second)
    assert slots.card(Slot.PS) is second
    assert slots.insertions(Slot.PS) == seen + 1
    assert slots.insertions(Slot.VITALE) == 0
    assert slots.remove(Slot.VITALE) is None


def test_switching_off_takes_the_power_from_cards_that_stay_in() -> None:
    slots, card = CardSlots(), PlainCard()
    slots.insert(Slot.VITALE, card)
    card.power_on()
    slots.power_off()
    assert not card.powered
    assert slots.card(Slot.VITALE) is card


def test_an_opened_case_stays_known_over_a_power_cycle() -> None:
    image = blank_image(65536)
    first = board(image)
    assert not first.tamper.tripped
    first.tamper.open_case()
    assert board(image).tamper.tripped


def test_the_device_key_shows_in_no_repr_and_has_32_bytes() -> None:
    key = bytes(range(65, 97))
    shown = repr(board(key=key))
    assert "ABCDEF" not in shown
    assert key.hex() not in shown
    with pytest.raises(ValueError, match="32 bytes"):
        board(key=b"short")


def test_a_board_is_put_together_with_a_blank_flash_unless_one_is_given() -> None:
    given = NorFlash(blank_image(65536))
    assert assemble_board(7, SeededEntropy(1)).flash.is_blank(0, 4096)
    made = assemble_board(7, SeededEntropy(1), given)
    assert made.flash is given
    assert made.clock.now_ms == 7
