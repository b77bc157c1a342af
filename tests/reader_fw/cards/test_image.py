"""Card images: whole or refused, with words that say what to do, and nothing secret in what is printed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reader_fw.cards.sample_cards import image
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.cards.image import (
    _BODY,
    MAX_IMAGE_BYTES,
    ROOT,
    Access,
    CardFile,
    CardImage,
    CardImageCorrupted,
    CardImageNewer,
    CardImageRefused,
    FileKind,
    WrittenFile,
)

RAW = image().build()
CASES = Path(__file__).parents[2] / "cases"


def sealed(body: bytes) -> bytes:
    return body + hashlib.sha256(body).digest()


@pytest.mark.parametrize("kind", CardKind)
@pytest.mark.parametrize("profile", CardProfile)
def test_every_card_survives_its_bytes(profile: CardProfile, kind: CardKind) -> None:
    card = image(profile, kind)
    again = CardImage.parse(card.build())
    assert again == card
    assert again.build() == card.build()
    assert hash(again) == hash(card)
    assert (again.code is None) is (profile is CardProfile.VITALE)


def test_a_counter_changes_only_the_code_state() -> None:
    card = image()
    assert card.code is not None
    fewer = card.with_code(replace(card.code, tries_left=1))
    assert CardImage.parse(fewer.build()) == fewer
    assert CardImage.parse(card.build()).code == card.code


def test_what_is_written_to_a_file_stays_beside_what_it_was_issued_with() -> None:
    card = image()
    place = len(card.contents.files) - 1
    written = card.with_written(place, b"another").with_written(place - 1, b"one more")
    again = CardImage.parse(written.with_written(place, b"the last").build())
    assert [file.content for file in again.files[-2:]] == [b"one more", b"the last"]
    assert again.files[:-2] == card.files[:-2]
    assert again.contents == card.contents
    assert again.with_code(card.code or pytest.fail("no code")).written == again.written


def test_a_written_file_that_is_not_there_is_refused() -> None:
    for places in ((len(image().contents.files),), (0,), (3, 2), (2, 2)):
        written = tuple(WrittenFile(place, b"") for place in places)
        with pytest.raises(CardImageCorrupted):
            CardImage.parse(CardImage(image().contents, image().code, written).build())


def test_a_card_of_the_form_before_it_had_models_is_the_same_card() -> None:
    raw = (CASES / "cpe-before-0.2.card").read_bytes()
    card = CardImage.parse(raw)
    assert raw[13:15] == b"\0\1"
    assert card.contents.model == CardModel.CPS3
    assert {file.write for file in card.files} == {Access.NEVER}
    assert CardImage.parse(card.build()) == card


def test_one_altered_bit_anywhere_is_noticed() -> None:
    for place in range(len(RAW)):
        altered = bytearray(RAW)
        altered[place] ^= 1 << place % 8
        with pytest.raises(CardImageRefused):
            CardImage.parse(bytes(altered))


@pytest.mark.parametrize("size", [0, 1, 12, 13, 14, 15, 100, len(RAW) - 33, len(RAW) - 1])
def test_a_cut_image_is_refused(size: int) -> None:
    with pytest.raises(CardImageCorrupted):
        CardImage.parse(RAW[:size])


def test_trailing_bytes_are_refused() -> None:
    with pytest.raises(CardImageCorrupted):
        CardImage.parse(RAW + b"\0")
    with pytest.raises(CardImageCorrupted):
        CardImage.parse(sealed(RAW[:-32] + b"\0"))


def test_a_newer_format_is_told_from_damage() -> None:
    with pytest.raises(CardImageNewer, match=r"format 3.*Update tla-sim"):
        CardImage.parse(sealed(RAW[:13] + b"\0\3" + b"whatever comes then"))
    with pytest.raises(CardImageCorrupted):
        CardImage.parse(sealed(RAW[:13] + b"\0\0" + RAW[15:-32]))


def test_something_else_is_not_a_card() -> None:
    for raw in (b"", b"{}", b"%PDF-1.7", bytes(MAX_IMAGE_BYTES + 1), RAW + bytes(MAX_IMAGE_BYTES)):
        with pytest.raises(CardImageCorrupted, match="not a card"):
            CardImage.parse(raw)


@given(st.binary(max_size=200))
def test_garbage_with_a_right_checksum_is_refused(raw: bytes) -> None:
    with pytest.raises(CardImageRefused):
        CardImage.parse(sealed(RAW[:15] + raw))


@pytest.mark.parametrize(
    "files",
    [
        (),
        (CardFile(0, FileKind.DIRECTORY, 0x3F00, 0, Access.ALWAYS, Access.NEVER, b"", b""),),
        (CardFile(ROOT, FileKind.TRANSPARENT, 0x3F00, 0, Access.ALWAYS, Access.NEVER, b"", b""),),
        (
            CardFile(ROOT, FileKind.DIRECTORY, 0x3F00, 0, Access.ALWAYS, Access.NEVER, b"", b""),
            CardFile(1, FileKind.TRANSPARENT, 0x2F00, 0, Access.ALWAYS, Access.NEVER, b"", b""),
        ),
        (
            CardFile(ROOT, FileKind.DIRECTORY, 0x3F00, 0, Access.ALWAYS, Access.NEVER, b"", b""),
            CardFile(0, FileKind.TRANSPARENT, 0x2F00, 31, Access.ALWAYS, Access.NEVER, b"", b""),
        ),
        (
            CardFile(ROOT, FileKind.DIRECTORY, 0x3F00, 0, Access.ALWAYS, Access.NEVER, b"", b""),
            CardFile(0, FileKind.TRANSPARENT, 0x2F00, 0, Access.ALWAYS, Access.NEVER, b"", b""),
            CardFile(1, FileKind.TRANSPARENT, 0x2F01, 0, Access.ALWAYS, Access.NEVER, b"", b""),
        ),
    ],
)
def test_an_impossible_tree_of_files_is_refused(files: tuple[CardFile, ...]) -> None:
    contents = replace(image().contents, files=files)
    with pytest.raises(CardImageCorrupted):
        CardImage.parse(CardImage(contents, None).build())


def test_what_does_not_fit_cannot_be_written() -> None:
    contents = replace(image().contents, serial="9" * 300)
    with pytest.raises(CodecError):
        CardImage(contents, None).build()


def test_printing_a_card_shows_no_secret() -> None:
    card = image()
    body = card.build()[RAW.index(b"\n") + 3 : -32]
    shown = repr(card) + repr(card.contents) + repr(card.code) + repr(_BODY.parse(body))
    assert "CPS" in shown
    assert card.code is not None
    for secret in (card.code.digest, card.code.salt, card.code.unblock_digest):
        assert repr(secret)[2:-1] not in shown
    for key in card.contents.keys:
        assert repr(key.pkcs8[-60:-20])[2:-1] not in shown
