"""Regular expressions from users: they find what Python's find, and always end."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.tools.simulator.control.pattern import MAX_PATTERN, MAX_STATES, BadPattern, Pattern

LETTERS = "ABC1 _\n"
ATOMS = st.sampled_from(
    ["A", "B", "C", "1", " ", "_", ".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", r"\b", "^", "$", r"\."]
)
CLASSES = st.sampled_from(["[AB]", "[^A]", "[A-C1]", r"[^\d_]", r"[\w]", r"[\s]"])
QUANTITIES = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?"])


def expressions(depth: int = 3) -> st.SearchStrategy[str]:
    if not depth:
        return st.one_of(ATOMS, CLASSES)
    inner = expressions(depth - 1)
    repeated = st.builds(lambda part, many: f"(?:{part}){many}", inner, QUANTITIES)
    return st.one_of(
        ATOMS,
        repeated,
        st.builds(lambda first, second: first + second, inner, inner),
        st.builds(lambda first, second: f"({first}|{second})", inner, inner),
    )


@given(expressions(), st.text(LETTERS, max_size=12))
def test_they_find_what_pythons_own_find(expression: str, text: str) -> None:
    assert Pattern(expression).found_in(text) == bool(re.search(expression, text, re.MULTILINE))


@given(st.text("AB|()[]{}*+?\\^$-.,1", max_size=20), st.text(LETTERS, max_size=12))
def test_any_text_is_an_expression_or_refused(expression: str, text: str) -> None:
    try:
        found = Pattern(expression).found_in(text)
    except BadPattern:
        return
    assert found in (True, False)


@pytest.mark.parametrize(
    "expression",
    ["(A+)+$", "(A|A)*B", "(.*)*X", "(A*)*(A*)*(A*)*B", "(A|AA)+$", ".*.*.*.*.*.*.*.*.*.*X", "((A?){9}){9}B"],
)
def test_what_takes_others_for_ever_is_over_at_once(expression: str) -> None:
    # 83 characters, more than a screen: a search that tried all ways would not end in this test's lifetime.
    assert not Pattern(expression).found_in("A" * 82 + "!")


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("(A", "not closed"),
        ("A)", "not open"),
        ("[A", "too early"),
        ("A\\", "too early"),
        ("*A", "nothing is before"),
        ("A**", "repeated"),
        ("A{3,1}", "ends before it begins"),
        ("A{1000}", "up to 100"),
        ("A{x}", "up to 100"),
        ("(?=A)", "only"),
        ("(?P<n>A)", "only"),
        ("\\1", "not known"),
        ("\\q", "not known"),
        ("[Z-A]", "range"),
        ("[\\q]", "not known"),
        ("((((A{99}){99}){99}){99}){99}", "repeats too much"),
        ("((((){99}){99}){99}){99}", "repeats too much"),
        ("A" * (MAX_PATTERN + 1), "longer than"),
    ],
)
def test_what_cannot_be_used_is_said(expression: str, problem: str) -> None:
    with pytest.raises(BadPattern, match=problem) as refused:
        Pattern(expression)
    assert refused.value.action


def test_capitals_and_accents_are_as_on_the_display() -> None:
    assert Pattern("Reste \\d essai").found_in("RESTE 2 ESSAIS")
    assert Pattern("vitale périmée").found_in("VITALE PERIMEE")
    assert Pattern("^inserez").found_in("TLA 1.40\nINSEREZ LA CARTE")
    assert not Pattern("^carte").found_in("INSEREZ LA CARTE")


def test_no_expression_has_more_states_than_allowed() -> None:
    biggest = "A{100}" * 9
    assert not Pattern(biggest).found_in("A" * 80)
    with pytest.raises(BadPattern):
        Pattern("A{100}" * (MAX_STATES // 100 + 1))
