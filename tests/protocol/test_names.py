"""Names: carried composed, shown by each output as far as its letters go, found by how they sound."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.names import (
    compose_name,
    file_name,
    find_undrawable,
    fold_name,
    spell_for_font,
    spell_in_ascii,
)


def latin(letter: str) -> bool:
    return letter <= "\u00ff"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("RENE\u0301E", "RENÉE"),
        ("ANNE\u2011MARIE", "ANNE-MARIE"),
        ("ANNE\u2010MARIE", "ANNE-MARIE"),
        ("ANNE\u2212MARIE", "ANNE-MARIE"),
        ("D\u2019ALMEIDA", "D\u2019ALMEIDA"),
        ("D\u02bcALMEIDA", "D\u2019ALMEIDA"),
        ("LE\u00a0GOFF", "LE GOFF"),
        ("CŒUR", "CŒUR"),
        ("N\u2019GUYÊ\u0303N", "N\u2019GUYỄN"),
        ("MARTIN", "MARTIN"),
    ],
)
def test_a_name_is_carried_in_composed_letters(written: str, kept: str) -> None:
    assert compose_name(written) == kept


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("CŒUR", "COEUR"),
        ("Œuf æsir", "OEuf aesir"),
        ("N\u2019GUYỄN", "N'GUYEN"),
        ("RENE\u0301E", "RENEE"),
        ("SAINT\u2011JEAN", "SAINT-JEAN"),
        ("ŁUKASZ ØRSTED", "LUKASZ ORSTED"),
        ("ĐORĐE", "DORDE"),
        ("STRAẞE ß", "STRASSE ss"),
        ("ÞÓR ðurður", "THOR durdur"),
        ("ȘTEFAN", "STEFAN"),
        ("ƯU", "UU"),
        ("Ŋ ħ ŧ ı ĸ", "NG h t i k"),
        ("L\u00b4HÔTE", "L'HOTE"),
        ("N° 5 «A»", 'No 5 "A"'),
        ("½ …", "1/2 ..."),
    ],
)
def test_ascii_spells_out_what_it_has_no_letter_for(name: str, shown: str) -> None:
    assert spell_in_ascii(name) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("CŒUR", "COEUR"),
        ("RENE\u0301E", "RENÉE"),
        ("N\u2019GUYỄN", "N'GUYÊN"),
        ("ȘTEFAN", "STEFAN"),
        ("Żaneta", "Zaneta"),
        ("ANNE\u2011MARIE", "ANNE-MARIE"),
        ("D\u2019ALMEIDA", "D'ALMEIDA"),
        ("ÉÈÀÇ ÿ", "ÉÈÀÇ ÿ"),
        ("Ắ", "A"),
        ("Ế", "Ê"),
    ],
)
def test_an_output_of_few_letters_loses_as_few_accents_as_it_can(name: str, shown: str) -> None:
    assert spell_for_font(name, latin) == shown


@pytest.mark.parametrize(
    ("name", "sought"),
    [
        ("CŒUR Noël", "coeur"),
        ("CŒUR Noël", "cœur noel"),
        ("N\u2019GUYỄN Thị", "n'guyen"),
        ("N\u2019GUYỄN Thị", "nguyen thi"),
        ("RENE\u0301E Fe\u0301lix", "rene"),
        ("RENÉE Félix", "RENE\u0301E"),
        ("SAINT\u2011JEAN", "saint-jean"),
        ("SAINT\u2011JEAN", "saint jean"),
        ("SAINT JEAN", "Saint\u2010Jean"),
        ("D ALMEIDA", "d\u2019almeida"),
        ("D'ALMEIDA", "dalmeida"),
        ("STRASSE", "straße"),
        ("ŁUKASZ", "lukasz"),
        ("ÆSIR", "aesir"),
    ],
)
def test_filters_do_not_care_how_a_name_is_written(name: str, sought: str) -> None:
    assert fold_name(sought) in fold_name(name)


def test_filters_tell_other_names_apart() -> None:
    assert fold_name("martin") not in fold_name("MARTEL")
    assert fold_name("coeur") not in fold_name("CUR")


@pytest.mark.parametrize(
    ("name", "unknown"),
    [
        ("MARTIN", ""),
        ("N\u2019GUYỄN CŒUR", ""),
        ("Иванов", "Ивано"),
        ("Ἀθηνᾶ", "Ἀθηνᾶ"),
        ("王小明", "王小明"),
        ("MARTIN 😀", "😀"),
        ("عمر", "عمر"),
        ("A\u20d0", "\u20d0"),
        ("דוד דוד", "דו"),
    ],
)
def test_other_scripts_are_named(name: str, unknown: str) -> None:
    assert find_undrawable(name) == unknown


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("CŒUR Noël", "coeur-noel"),
        ("D\u2019ALMEIDA Zoé", "d-almeida-zoe"),
        ("ANNE\u2011MARIE X", "anne-marie-x"),
        ("ŁUKASZ", "lukasz"),
        ("../../etc", "etc"),
        ("王", "nn"),
        ("", "nn"),
    ],
)
def test_a_card_file_keeps_every_letter(name: str, stem: str) -> None:
    assert file_name(name) == stem


@given(st.text(max_size=200))
def test_a_file_name_is_never_a_path(text: str) -> None:
    name = file_name(text)
    assert 1 <= len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")
    assert not name.endswith("-")


SHOWN = [
    each for each in map(chr, range(0x3000)) if not find_undrawable(each) and "?" not in spell_in_ascii(each)
]


@given(st.text(SHOWN, max_size=40))
def test_what_no_stranger_is_in_is_shown_without_a_question_mark(text: str) -> None:
    assert spell_in_ascii(text).isascii()
    assert all(map(latin, spell_for_font(text, latin)))
    assert "?" not in spell_for_font(text, latin)
    assert fold_name(text) == fold_name(unicodedata.normalize("NFD", text))
    assert compose_name(compose_name(text)) == compose_name(text)
