"""Text in every encoding that editors save, and what is not text."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.host.text_file import NotText, TextEncoding, certain_text, decode, unicode_text

FRENCH = "# Été à la Forêt-Noire, Cœur d’Azur\r\nreader=é\r\nÇa va « ça » : 5 €\n"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (FRENCH.encode(), TextEncoding.UTF_8),
        (FRENCH.encode("utf-8-sig"), TextEncoding.UTF_8_MARKED),
        (FRENCH.encode("utf-16"), TextEncoding.UTF_16),
        (codecs.BOM_UTF16_BE + FRENCH.encode("utf-16-be"), TextEncoding.UTF_16),
        (FRENCH.encode("utf-16-le"), TextEncoding.UTF_16),
        (FRENCH.encode("utf-16-be"), TextEncoding.UTF_16),
        (FRENCH.encode("utf-32"), TextEncoding.UTF_32),
        (codecs.BOM_UTF32_BE + FRENCH.encode("utf-32-be"), TextEncoding.UTF_32),
        (FRENCH.encode("cp1252"), TextEncoding.WINDOWS_1252),
    ],
)
def test_a_text_is_read_as_it_was_saved(raw: bytes, encoding: TextEncoding) -> None:
    text = decode(raw)
    assert (text.text, text.encoding, text.doubtful) == (FRENCH, encoding, False)
    assert certain_text(raw) == FRENCH


@pytest.mark.parametrize(
    "text", ["Été", "CŒUR", "Œuvre D'Œillet".upper(), "l’hôpital", "Zoë à Noël", "GENÈVE", "12 €", "a – b"]
)
@pytest.mark.parametrize("codec", ["cp1252", "utf-16-le", "utf-16-be", "utf-8"])
def test_short_texts_are_told_too(text: str, codec: str) -> None:
    assert certain_text(text.encode(codec)) == text


@pytest.mark.parametrize("codec", ["cp850", "cp437", "mac_roman"])
@pytest.mark.parametrize("text", ["Été à la mer", "forêt", "île", "août", "français", "Ça", "où", "maître"])
def test_what_dos_and_the_macintosh_saved_is_never_read_wrongly(text: str, codec: str) -> None:
    raw = f"one\n{text}\n".encode(codec)
    assert decode(raw).doubtful
    with pytest.raises(NotText, match=r"byte [89A-F].* surely Windows-1252") as caught:
        certain_text(raw)
    assert caught.value.line == 2


def test_damaged_utf_8_is_not_taken_for_another_encoding() -> None:
    with pytest.raises(NotText, match="neither UTF-8"):
        certain_text("é".encode() * 3 + b"\xc3\n")


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), 0, "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", 0, "a JPEG image"),
        (b"%PDF-1.4\n", 0, "a PDF"),
        (b"{\\rtf1\\ansi one}", 0, "a rich text document"),
        (b"PK\x03\x04\x14\0", 0, "an office document"),
        (b"one\ntwo\0\n", 2, "byte 00 at offset 7"),
        (bytes(2_000), 1, "byte 00 at offset 0"),
        (b"\x01\0\x02\0", 1, "byte 00"),
        (b"caf\xe9\n\x02", 2, "byte 02 at offset 5"),
        ("one\ntwo".encode("utf-16")[:-1], 2, "UTF-16 that breaks off"),
        ("one\ntwo".encode("utf-16-be")[:-1], 2, "UTF-16 that breaks off"),
        ("a\nb\0".encode("utf-16"), 2, "UTF-16 with zeros"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8", 1, "UTF-16 that breaks off or is damaged"),
    ],
)
def test_what_is_not_text_is_one_sentence(raw: bytes, line: int, said: str) -> None:
    with pytest.raises(NotText, match=said) as caught:
        decode(raw)
    assert caught.value.action
    assert caught.value.line == line


def test_an_encoding_of_single_bytes_is_named_where_names_of_people_are_read() -> None:
    with pytest.raises(NotText, match="byte E9 at offset 11, as in Windows-1252") as caught:
        unicode_text(b'{"name":\n "\xe9"}')
    assert caught.value.line == 2
    assert unicode_text('{"name": "é"}'.encode("utf-16")) == '{"name": "é"}'


def test_the_sign_that_ends_files_under_dos_is_left_out() -> None:
    assert certain_text(b"one\r\n\x1a") == "one\r\n"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_doubled_byte_order_mark_is_left_out(codec: str) -> None:
    assert certain_text("\ufeffone".encode(codec)) == "one"


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd(raw: bytes) -> None:
    try:
        text = decode(raw).text
    except NotText as error:
        text = error.found
    assert "\0" not in text


@given(
    st.text(
        alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FFF, categories=["L", "N", "P"]), min_size=1
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_unicode_with_a_mark_is_never_read_otherwise(text: str, codec: str) -> None:
    assert decode(f"={text}".encode(codec)).text == f"={text}"
