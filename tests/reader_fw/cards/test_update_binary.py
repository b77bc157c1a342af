"""A writable file keeps what is written to it, and a write that fails changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reader_fw.cards.memory import Memory, PowerCut
from tests.reader_fw.cards.sample_cards import VERIFY, fetch, image, send
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import ROOT, Access, CardFile, CardImage, FileKind

FREE, HOLDERS, FIXED = (bytes((letter,)) * 10 for letter in b"fhx")
FILES = (
    CardFile(ROOT, FileKind.DIRECTORY, 0x3F00, 0, Access.ALWAYS, Access.NEVER, b"", b""),
    CardFile(0, FileKind.TRANSPARENT, 0x0001, 1, Access.ALWAYS, Access.ALWAYS, b"", FREE),
    CardFile(0, FileKind.TRANSPARENT, 0x0002, 2, Access.ALWAYS, Access.CODE, b"", HOLDERS),
    CardFile(0, FileKind.TRANSPARENT, 0x0003, 3, Access.ALWAYS, Access.NEVER, b"", FIXED),
)


def writable() -> CardImage:
    """A CPS with a file that anyone may write, one for its holder, and one for nobody."""
    cps = image()
    return CardImage(replace(cps.contents, files=FILES), cps.code)


@pytest.fixture
def memory() -> Memory:
    return Memory(writable())


def content(card: Card, sfi: int) -> bytes:
    return fetch(card, f"00B0{0x80 | sfi:02X}000A")


def test_a_part_of_a_file_is_replaced_for_good(memory: Memory) -> None:
    card = memory.card()
    assert send(card, "00A4000C020001") == (b"", 0x9000)
    assert send(card, "00D6000203414243") == (b"", 0x9000)
    assert content(card, 1) == b"ffABCfffff"
    assert content(memory.card(), 1) == b"ffABCfffff"
    assert send(card, "00D68100024445") == (b"", 0x9000)
    assert content(memory.card(), 1) == b"DEABCfffff"
    assert content(memory.card(), 2) == HOLDERS


def test_the_holders_file_wants_the_code(memory: Memory) -> None:
    card = memory.card()
    assert send(card, "00D682000141") == (b"", 0x6982)
    assert content(card, 2) == HOLDERS
    send(card, VERIFY)
    assert send(card, "00D682000141") == (b"", 0x9000)
    assert content(memory.card(), 2) == b"A" + HOLDERS[1:]


@pytest.mark.parametrize(
    ("apdu", "word"),
    [
        ("00D683000141", 0x6982),
        ("00D681090141", 0x9000),
        ("00D6810A0141", 0x6B00),
        ("00D68109024142", 0x6700),
        ("00D68100", 0x6700),
        ("00D6810001", 0x6700),
        ("00D68100014100", 0x6700),
        ("00D684000141", 0x6A82),
        ("00D6E1000141", 0x6A86),
        ("00D600000141", 0x6986),
        ("10D681000141", 0x6884),
    ],
)
def test_what_is_not_written(memory: Memory, apdu: str, word: int) -> None:
    card = memory.card()
    send(card, VERIFY)
    before = memory.image
    assert send(card, apdu) == (b"", word)
    assert (memory.image == before) == (word != 0x9000)


def test_a_memory_that_refuses_to_write_changes_nothing(memory: Memory) -> None:
    card = memory.card()
    memory.fail_at, memory.error = 0, OSError
    assert send(card, "00D681000141") == (b"", 0x6581)
    assert content(card, 1) == FREE
    assert send(card, "00D681000141") == (b"", 0x9000)
    assert content(card, 1) == b"A" + FREE[1:]


@pytest.mark.parametrize("torn_after", [False, True])
def test_a_power_cut_leaves_the_file_as_it_was_or_as_it_is_to_be(memory: Memory, torn_after: bool) -> None:
    card = memory.card()
    memory.fail_at, memory.torn_after = 0, torn_after
    with pytest.raises(PowerCut):
        send(card, "00D681000141")
    assert card.transmit(bytes.fromhex("00B081000A")) == b""
    assert content(memory.card(), 1) == (b"A" + FREE[1:] if torn_after else FREE)


def test_a_card_without_writable_files_does_not_know_the_command() -> None:
    fixed = tuple(replace(file, write=Access.NEVER) for file in FILES)
    contents = replace(image().contents, files=fixed)
    card = Memory(CardImage(contents, image().code)).card()
    assert send(card, "00D681000141") == (b"", 0x6D00)


def test_a_written_file_and_a_code_are_both_kept(memory: Memory) -> None:
    card = memory.card()
    send(card, "00D681000141")
    send(card, "0020000108" + "30" * 8)
    send(card, "00D682000141")
    assert content(memory.card(), 1) == b"A" + FREE[1:]
    assert memory.left() == (2, 10)


@given(writes=st.lists(st.tuples(st.integers(0, 12), st.binary(min_size=1, max_size=12)), max_size=8))
@settings(max_examples=30, deadline=None)
def test_any_writes_are_what_is_read_after_them(writes: list[tuple[int, bytes]]) -> None:
    memory = Memory(writable())
    card = memory.card()
    expected = FREE
    for offset, data in writes:
        word = send(card, f"00D681{offset:02X}{len(data):02X}{data.hex()}")[1]
        if word == 0x9000:
            expected = expected[:offset] + data + expected[offset + len(data) :]
        assert (word == 0x9000) == (offset + len(data) <= len(FREE))
    assert content(card, 1) == content(memory.card(), 1) == expected
