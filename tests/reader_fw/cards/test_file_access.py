"""Finding files, and the rules about who may read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reader_fw.cards.sample_cards import VERIFY, VERIFY_WRONG, fetch, image, send
from tla_sim.protocol.tlv import Tlv, parse
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import ROOT, Access, CardFile, CardImage, FileKind


def directory(parent: int, fid: int, aid: bytes = b"") -> CardFile:
    return CardFile(parent, FileKind.DIRECTORY, fid, 0, Access.ALWAYS, Access.NEVER, aid, b"")


def transparent(
    parent: int, fid: int, content: bytes, sfi: int = 0, read: Access = Access.ALWAYS
) -> CardFile:
    return CardFile(parent, FileKind.TRANSPARENT, fid, sfi, read, Access.NEVER, b"", content)


FILES = (
    directory(ROOT, 0x3F00),
    directory(0, 0x1000, b"FIRST APP"),
    directory(0, 0x2000, b"SECOND APP"),
    directory(1, 0x1100),
    transparent(0, 0x0001, b"in the MF"),
    transparent(1, 0x0001, b"in the first"),
    transparent(3, 0x0001, b"deep down"),
    transparent(1, 0x0002, b"for the holder", 2, Access.CODE),
    transparent(1, 0x0003, b"for nobody", 3, Access.NEVER),
    transparent(2, 0x0004, b""),
    replace(directory(0, 0x3000), sfi=4),
)


@pytest.fixture
def card() -> Card:
    cps = image()
    card = Card(CardImage(replace(cps.contents, files=FILES), cps.code), SeededEntropy(1))
    card.power_on()
    return card


def content(card: Card) -> bytes:
    word = send(card, "00B0000000")[1]
    return fetch(card, f"00B00000{word & 0xFF:02X}")


@pytest.mark.parametrize(
    ("selects", "expected"),
    [
        (["00A4000C020001"], b"in the MF"),
        (["00A4080C020001"], b"in the MF"),
        (["00A4080C0410000001"], b"in the first"),
        (["00A4080C06100011000001"], b"deep down"),
        (["00A4090C063F0010000001"], b"in the first"),
        (["00A4010C021000", "00A4020C020001"], b"in the first"),
        (["00A4010C021000", "00A4090C0411000001"], b"deep down"),
        (["00A4040C05" + b"FIRST".hex(), "00A4020C020001"], b"in the first"),
        (["00A4080C0410001100", "00A4030C", "00A4020C020001"], b"in the first"),
        (["00A4080C0410001100", "00A4000C021000", "00A4000C020001"], b"in the first"),
        (["00A4080C021000", "00A4000C022000", "00A4000C021000", "00A4000C020001"], b"in the first"),
        (["00A4080C021000", "00A4000C021000", "00A4000C020001"], b"in the first"),
        (["00A4080C021000", "00A4000C023F00", "00A4000C020001"], b"in the MF"),
        (["00A4080C021000", "00A4000C", "00A4000C020001"], b"in the MF"),
        (["00A4080C06100011000001", "00A4020C020001"], b"deep down"),
    ],
)
def test_every_way_to_a_file(card: Card, selects: list[str], expected: bytes) -> None:
    for select in selects:
        assert send(card, select) == (b"", 0x9000)
    assert content(card) == expected


@pytest.mark.parametrize(
    "select",
    [
        "00A4010C020001",  # a file, not a directory
        "00A4020C021000",  # a directory, not a file
        "00A4010C021100",  # not a child of the MF
        "00A4000C020002",  # in another directory
        "00A4080C0410000099",
        "00A4080C0400011000",  # through a file
        "00A4030C",  # above the MF
        "00A4040C",
        "00A4040C05" + b"THIRD".hex(),
    ],
)
def test_what_is_not_there_leaves_the_selection_alone(card: Card, select: str) -> None:
    send(card, "00A4000C020001")
    assert send(card, select) == (b"", 0x6A82)
    assert content(card) == b"in the MF"


@pytest.mark.parametrize("sfi", [1, 4])
def test_a_short_identifier_of_no_file_leaves_the_selection_alone(card: Card, sfi: int) -> None:
    send(card, "00A4000C020001")
    assert send(card, f"00B0{0x80 | sfi:02X}0001") == (b"", 0x6A82)
    assert content(card) == b"in the MF"


def test_selecting_a_directory_leaves_no_file_to_read(card: Card) -> None:
    send(card, "00A4000C020001")
    send(card, "00A4000C021000")
    assert send(card, "00B0000001") == (b"", 0x6986)


def test_an_empty_file_has_nothing_at_any_offset(card: Card) -> None:
    send(card, "00A4080C0420000004")
    assert send(card, "00B0000001") == (b"", 0x6B00)


def test_the_holders_file_opens_with_the_code(card: Card) -> None:
    assert parse(fetch(card, "00A408040410000002")).find(0xA1) == Tlv(
        0xA1, (Tlv(0x8C, bytes.fromhex("7BFFFFFFFFFF13")),)
    )
    assert send(card, "00B000000E") == (b"", 0x6982)
    assert send(card, VERIFY) == (b"", 0x9000)
    assert fetch(card, "00B000000E") == b"for the holder"
    send(card, VERIFY_WRONG)
    assert send(card, "00B082000E") == (b"", 0x6982)


def test_nobody_reads_a_closed_file(card: Card) -> None:
    send(card, VERIFY)
    assert parse(fetch(card, "00A408040410000003")).find(0x88) == Tlv(0x88, b"\x18")
    assert send(card, "00B000000A") == (b"", 0x6982)
    assert send(card, "00B083000A") == (b"", 0x6982)
