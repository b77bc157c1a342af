"""JSON read strictly: what is refused beyond RFC 8259, on which line, and where an element stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.host.strict_json import (
    MAX_DEPTH,
    MAX_KEYS,
    Flaw,
    JsonFlawed,
    JsonNumber,
    Locator,
    decode_text,
    parse,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def flaws(text: str) -> tuple[Flaw, ...]:
    with pytest.raises(JsonFlawed) as refused:
        parse(text)
    return refused.value.flaws


@given(VALUES, st.sampled_from([None, 1]))
def test_what_json_writes_is_read_as_it_was(value: object, indent: int | None) -> None:
    assert parse(json.dumps(value, indent=indent)) == value


def test_a_number_with_a_fraction_keeps_its_digits() -> None:
    assert parse("[1, -0, 1.10, 1e400, 56.0]") == [
        1,
        0,
        JsonNumber("1.10"),
        JsonNumber("1e400"),
        JsonNumber("56.0"),
    ]


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_refused_on_its_line(name: str) -> None:
    (flaw,) = flaws(f'{{"in a text": "NaN Infinity -Infinity",\n\n"a": [1, {name}]}}')
    assert (flaw.line, flaw.found, flaw.expected) == (3, name, "a finite number")


def test_a_key_that_comes_twice_is_refused_where_its_object_stands() -> None:
    (flaw,) = flaws('{"a": 1,\n"b": [0,\n{"c": 1, "d": 2, "c": 3}]}')
    assert (flaw.line, flaw.location) == (3, ("b", 1))
    assert (flaw.found, flaw.expected) == ("the key 'c' twice", "each key once")


def test_every_object_with_doubled_keys_is_told() -> None:
    found = flaws('[{"a": 1, "a": 2},\n{"b": {"c": 1, "c": 2}, "b": 3}]')
    assert {(each.line, each.location) for each in found} == {(1, (0,)), (2, (1,))}


@pytest.mark.parametrize(("count", "refused"), [(MAX_KEYS, False), (MAX_KEYS + 1, True)])
def test_an_object_may_have_a_hundred_keys(count: int, refused: bool) -> None:
    text = json.dumps({f"key {at}": at for at in range(count)})
    if refused:
        (flaw,) = flaws(text)
        assert (flaw.found, flaw.expected) == ("101 keys", "at most 100 keys in one object")
    else:
        assert parse(text) == {f"key {at}": at for at in range(count)}


def test_brackets_beyond_all_measure_are_refused_on_the_line_of_the_first_too_many() -> None:
    deep = "[\n" * 100_000
    (flaw,) = flaws(f'{{"in a text": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",\n"a": {deep}')
    assert flaw.found == "too many nested brackets"
    assert flaw.line == 2 + MAX_DEPTH - 1
    assert flaw.expected == f"at most {MAX_DEPTH} levels"


def test_a_number_of_thousands_of_digits_is_refused_on_its_line() -> None:
    (flaw,) = flaws('{"a": 1,\n"b": ' + "7" * 5_000 + "}")
    assert (flaw.line, flaw.found) == (2, "a number of thousands of digits")


@pytest.mark.parametrize(
    ("text", "line", "found", "expected"),
    [
        ("", 1, "the end of the text", "a JSON value"),
        ('{"a": None}', 1, "'None' (column 7)", "a JSON value"),
        ("nom;prenom", 1, "'nom' (column 1)", "a JSON value"),
        ("{\n", 2, "the end of the text", "a key in double quotes"),
        ("{'a': 1}", 1, '"\'" (column 2)', "a key in double quotes"),
        ('{"a": 1}\n}', 2, "'}' (column 1)", "the end of the text"),
        ('{"a"\n 1}', 2, "'1' (column 2)", "a colon"),
        ('{"a": 1\n "b": 2}', 2, "'\"' (column 2)", "a comma or a closing bracket"),
        ('["a\n"]', 1, "a line break or control character in a string (column 4)", r"an escape such as \n"),
        ('["a', 1, "a string without an end (column 2)", "double quotes at its end"),
        (r'["\q"]', 1, r"'\q' (column 3)", r"an escape of JSON, such as \\ or \n"),
        (r'["\u12"]', 1, "'u12' (column 4)", r"\u and four hexadecimal digits"),
    ],
)
def test_what_is_not_json_is_told_by_what_stands_there_and_what_should(
    text: str, line: int, found: str, expected: str
) -> None:
    (flaw,) = flaws(text)
    assert (flaw.line, flaw.found, flaw.expected) == (line, found, expected)


@pytest.mark.parametrize("text", ["[1,]", '{"a": 1,}'])
def test_a_comma_too_many_is_told_on_its_line(text: str) -> None:
    # Python 3.13 points at the comma, earlier ones at the bracket.
    (flaw,) = flaws(text)
    assert flaw.found[:3] in ("','", "']'", "'}'")
    assert flaw.expected in (
        "a JSON value",
        "a key in double quotes",
        "no comma before a closing bracket",
    )


def test_bytes_that_are_not_text_are_refused() -> None:
    assert decode_text('{"é": 1}'.encode("utf-16")) == '{"é": 1}'
    with pytest.raises(JsonFlawed) as refused:
        decode_text(b'{"a":\n"\xe9"}')
    (flaw,) = refused.value.flaws
    assert (flaw.line, flaw.expected) == (2, "text in UTF-8")


TEXT = """
{
  "a": [
    10,
    {"b": "]}{[\\\\\\"",
     "c": -1.5e3,

     "d": {}}
  ],
  "e": null
}
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ((), 2),
        (("a",), 3),
        (("a", 0), 4),
        (("a", 1), 5),
        (("a", 1, "b"), 5),
        (("a", 1, "c"), 6),
        (("a", 1, "d"), 8),
        (("e",), 10),
        (("a", 2), 3),
        (("a", 1, "z", "b"), 5),
        (("e", "f"), 10),
        (("z",), 2),
    ],
)
def test_an_element_is_found_or_the_innermost_container_that_exists(
    location: tuple[str | int, ...], line: int
) -> None:
    parse(TEXT)
    assert Locator(TEXT).line(location) == line
