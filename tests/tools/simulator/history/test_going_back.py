"""Going back in place: cables, cards and their files go along, and what cannot be done is said."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path

import pytest

from tests.tools.simulator.kept_kit import issue
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.tools.cards.file import load_image
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import CODE, MAYA, WRONG_CODE
from tla_sim.tools.simulator.history.chapters import Chapters, HistoryFull, MomentForgotten
from tla_sim.tools.simulator.history.inputs import Op
from tla_sim.tools.simulator.history.tapes import HistoryDiverged, Tapes
from tla_sim.tools.simulator.kept_reader import KeptReader

from .history_kit import FLASH_BYTES, World, new_reader, state_of
from .runs import IDENTIFY, block, keypad_code, raw_code

TRIES = "0020000100"


def test_a_cable_that_was_plugged_in_later_plugs_itself_in_again() -> None:
    reader = new_reader()
    reader.power_on()
    visit, step = reader.display, reader.step
    port = reader.attach("desk")
    assert port.exchange(Lad.LOG_SV, bytes.fromhex(IDENTIFY))[-2:] == b"\x90\x00"
    reader.rewind(step)
    assert (reader.display, reader.ports) == (visit, ())
    assert port.exchange(Lad.LOG_SV, bytes.fromhex(IDENTIFY))[-2:] == b"\x90\x00"
    assert reader.ports == (port,)
    port.detach()
    assert reader.display == visit


def test_a_cable_that_was_pulled_out_since_is_an_orphan() -> None:
    reader = new_reader()
    reader.power_on()
    port = reader.attach("desk")
    step = reader.step
    port.detach()
    assert reader.orphans == ()
    reader.rewind(step)
    assert reader.display[0].strip() == "ATTENTE ORDRE"
    assert reader.orphans == reader.ports == (port,)


def test_everything_that_holds_on_to_the_reader_goes_on() -> None:
    world = World(new_reader())
    reader, board = world.recorded, world.recorded.board
    reader.power_on()
    client = world.client("serial")
    clock, step = board.clock, reader.step
    before = clock.now_ms
    client.identify()
    assert clock.now_ms > before
    reader.rewind(step)
    assert (reader.board, board.clock, clock.now_ms) == (board, clock, before)
    client.identify()
    assert clock.now_ms > before


def test_a_card_counts_again_what_it_had_counted_then() -> None:
    world = World(new_reader())
    reader = world.recorded
    reader.power_on()
    world.put("MAYA")
    step = reader.step
    raw_code(WRONG_CODE)(world)
    assert world.ask(Lad.PS, TRIES) == bytes.fromhex("63C2")
    world.put("PAUL")
    reader.rewind(step)
    assert world.ask(Lad.PS, TRIES) == bytes.fromhex("63C3")
    raw_code(CODE)(world)
    assert world.ask(Lad.PS, TRIES) == bytes.fromhex("9000")


def test_a_card_that_was_only_put_in_later_is_as_it_was_when_it_was_put_in() -> None:
    world = World(new_reader())
    world.recorded.power_on()
    step = world.recorded.step
    world.put("MAYA")
    raw_code(WRONG_CODE)(world)
    world.recorded.rewind(step)
    world.put("MAYA")
    assert world.ask(Lad.PS, TRIES) == bytes.fromhex("63C3")


def test_a_code_half_typed_is_rubbed_out_and_typed_anew() -> None:
    world = World(new_reader())
    reader = world.recorded
    reader.power_on()
    world.put("MAYA")
    port = world.port()
    port.begin(Lad.LOG_SV, bytes.fromhex("8024000003000000"))
    reader.press(Key.DIGIT_1)
    half = reader.step
    reader.press(Key.DIGIT_2)
    reader.rewind(half)
    assert reader.code_entry is not None
    assert reader.code_entry.stars == ""
    for key in (*map(Key, CODE), Key.VAL):
        reader.press(key)
    while (answer := port.poll()) is None:
        reader.tick(10)
    assert answer == b"\x90\x00"


def test_a_right_code_counts_after_going_back_to_where_it_was_typed() -> None:
    world = World(new_reader())
    reader = world.recorded
    reader.power_on()
    world.put("MAYA")
    keypad_code(CODE)(world)
    verified = reader.step
    reader.power_off()
    reader.rewind(verified)
    # The card compares it by the quick hash now, which must be that of the code and not of its stand-in.
    assert world.ask(Lad.PS, "0020000108" + block(CODE)) == b"\x90\x00"
    assert world.ask(Lad.PS, "0020000108" + block("0000")) == bytes.fromhex("63C2")


def test_a_restore_that_fails_leaves_the_past_as_it_was() -> None:
    world = World(new_reader())
    reader = world.recorded
    reader.power_on()
    world.put("MAYA")
    raw_code(WRONG_CODE)(world)
    raw_code(CODE)(world)
    step, state = reader.step, state_of(reader)
    snapshot = reader.snapshot("wrong")
    wrong = replace(snapshot, shown=snapshot.shown._replace(clock_ms=1))
    with pytest.raises(HistoryDiverged):
        reader.restore(wrong)
    assert not reader.on
    reader.power_on()
    assert world.ask(Lad.PS, "0020000108" + block(CODE)) == b"\x90\x00"
    later, then = reader.step, state_of(reader)
    reader.rewind(step)
    assert state_of(reader) == state
    raw_code(WRONG_CODE)(world)
    with pytest.raises(MomentForgotten):
        reader.rewind(later + 100)
    reader.rewind(0)
    reader.restore(snapshot)
    assert state_of(reader) == state
    assert then["on"]


def test_going_back_after_a_restore_that_failed_plays_the_right_tape() -> None:
    world = World(new_reader())
    reader = world.recorded
    reader.power_on()
    world.put("MAYA")
    raw_code(CODE)(world)
    snapshot = reader.snapshot("wrong")
    with pytest.raises(HistoryDiverged):
        reader.restore(replace(snapshot, shown=snapshot.shown._replace(on=False)))
    reader.power_on()
    raw_code(WRONG_CODE)(world)
    step, state = reader.step, state_of(reader)
    raw_code(CODE)(world)
    reader.rewind(step)
    assert state_of(reader) == state


def test_nobody_is_told_of_a_replay() -> None:
    world = World(new_reader("reader.reset@1"))
    reader = world.recorded
    reader.power_on()
    for _ in range(3):
        world.ask(Lad.LOG_SV, IDENTIFY)
    told: list[str] = []
    reader.on_input = lambda: told.append("input")
    reader.on_exchange = lambda *_: told.append("exchange")
    reader.on_restored = lambda: told.append("restored")
    reader.strikes.report = lambda fault: told.append(str(fault))
    reader.rewind(reader.step - 1)
    assert told == ["restored"]


def test_a_write_that_failed_fails_again() -> None:
    reader = new_reader()
    full = [False]

    def persist(_: bytes) -> None:
        if full[0]:
            raise OSError(ENOSPC, "no space left on device")

    card = Card(ps_image(MAYA), reader.board.entropy, reader.tear_writes(persist))
    reader.power_on()
    reader.insert(Slot.PS, card, "MAYA")
    port = reader.attach("desk")
    full[0] = True
    refused = port.exchange(Lad.PS, bytes.fromhex("0020000108" + block(WRONG_CODE)))
    full[0] = False
    state, step = state_of(reader), reader.step
    port.exchange(Lad.PS, bytes.fromhex("0020000108" + block(WRONG_CODE)))
    reader.rewind(step)
    assert refused == bytes.fromhex("6581")
    assert state_of(reader) == state


def test_card_files_and_slots_of_a_directory_go_back_too(tmp_path: Path) -> None:
    cards = issue(tmp_path / "cards")
    maya, martin = cards / "cps-piqure2969-maya.card", cards / "vitale-martin-paul.card"
    with KeptReader.open(tmp_path / "reader", flash_bytes=FLASH_BYTES, recorded=True) as kept:
        kept.power_on()
        kept.insert(Slot.VITALE, martin)
        step, flash = kept.recorded.step, kept.directory.flash.read_image()
        kept.insert(Slot.PS, maya)
        port = kept.recorded.attach("desk")
        port.exchange(Lad.PS, bytes.fromhex("0020000108" + block(WRONG_CODE)))
        assert tries_left(maya) == 2
        kept.remove(Slot.VITALE)
        kept.reader.power_off()
        kept.reader.power_on()
        assert kept.directory.flash.read_image() != flash
        kept.recorded.rewind(step)
        assert kept.cards == {Slot.VITALE: martin}
        assert tries_left(maya) == 3
        assert kept.directory.flash.read_image() == flash
    with KeptReader.open(tmp_path / "reader") as kept:
        assert kept.cards == {Slot.VITALE: martin}


def tries_left(file: Path) -> int:
    """How many wrong codes the card in a file still allows."""
    code = load_image(file).code
    assert code is not None
    return code.tries_left


def test_a_replay_writes_no_card_file(tmp_path: Path) -> None:
    maya = issue(tmp_path / "cards") / "cps-piqure2969-maya.card"
    issued = maya.read_bytes()
    with KeptReader.open(tmp_path / "reader", flash_bytes=FLASH_BYTES, recorded=True) as kept:
        kept.power_on()
        kept.insert(Slot.PS, maya)
        port = kept.recorded.attach("desk")
        for _ in range(2):
            port.exchange(Lad.PS, bytes.fromhex("0020000108" + block(WRONG_CODE)))
        before = maya.stat().st_ino
        kept.recorded.rewind(kept.recorded.step)
        assert maya.stat().st_ino == before
        # Another program has changed the card meanwhile: put in again, it is another chip.
        kept.remove(Slot.PS)
        maya.write_bytes(issued)
        kept.insert(Slot.PS, maya)
        assert port.exchange(Lad.PS, bytes.fromhex(TRIES)) == bytes.fromhex("63C3")


def test_what_is_not_in_the_history_is_said() -> None:
    reader = new_reader()
    reader.power_on()
    with pytest.raises(MomentForgotten, match="from step 0 to 1, and step 2"):
        reader.rewind(2)
    with pytest.raises(MomentForgotten):
        reader.rewind(-1)


def test_the_oldest_chapters_are_dropped_and_a_chapter_that_is_too_long_is_refused() -> None:
    cold = new_reader().freeze()
    chapters = Chapters(cold, most=3 * cold.size + 1_000)
    for _ in range(4):
        chapters.add(Op.POWER_ON)
        chapters.begin(cold, Tapes())
    assert (chapters.step, chapters.earliest, chapters.unbroken[0].first) == (4, 2, 2)
    with pytest.raises(MomentForgotten):
        chapters.find(1)
    assert chapters.find(3).first == 3
    # What does not compress.
    number = 10 * cold.size // 32
    for each in range(number):
        chapters.add(Op.EXCHANGE, 1, 0, hashlib.sha256(str(each).encode()).digest())
    with pytest.raises(HistoryFull):
        chapters.find(3)
    assert chapters.step == 4 + number
    chapters.begin(cold, Tapes())
    assert chapters.earliest == chapters.step == 4 + number


def test_a_long_history_stays_small() -> None:
    reader = new_reader()
    reader.power_on()
    port = reader.attach("desk")
    for _ in range(20_000):
        port.begin(Lad.LOG_SV, bytes.fromhex(IDENTIFY))
        port.poll()
        reader.follow(1)
    assert reader.step == 60_002
    assert reader.log.size < 400_000


def test_what_a_host_drew_before_a_snapshot_is_in_it() -> None:
    reader = new_reader()
    reader.power_on()
    reader.board.entropy.take(24)
    snapshot = reader.snapshot()
    expected = reader.board.entropy.take(8)
    other = new_reader(seed=77)
    other.restore(snapshot)
    assert other.board.entropy.take(8) == expected
