"""Sentences are plain text that can be translated by their template."""

from __future__ import annotations

import copy
import pickle

import pytest

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Joined, Sentence, fill


def test_a_sentence_is_its_text_and_keeps_template_and_values() -> None:
    told = Sentence("{count} invoices of {owner:>4}", count=3, owner="7")
    assert told == "3 invoices of    7"
    assert (told.template, told.values) == ("{count} invoices of {owner:>4}", {"count": 3, "owner": "7"})


def test_braces_stay_where_there_are_no_values() -> None:
    assert Sentence("{}") == "{}"
    assert fill("{a}", {}) == "{a}"


@pytest.mark.parametrize("text", ["}", "{", "a { b", "{0}", "{:d}", "{other}", "100 %", ""])
def test_a_text_that_names_no_value_is_taken_as_it_is(text: str) -> None:
    error = TlaError("{path} cannot be read", text, path="a{b}c")
    assert (error.message, error.action) == ("a{b}c cannot be read", text)


def test_a_sentence_is_copied_and_pickled_whole() -> None:
    told = Sentence("{count} invoices", count=3)
    for again in (copy.deepcopy(told), pickle.loads(pickle.dumps(told))):
        assert (again, again.template, again.values) == (told, told.template, told.values)


def test_an_error_fills_its_message_and_its_action_from_the_same_values() -> None:
    error = TlaError("{name} is absent", "Insert it, then wait", name="The card")
    assert (error.message, error.action) == ("The card is absent", "Insert it, then wait")
    assert isinstance(error.message, Sentence)
    assert str(error) == "The card is absent. Insert it, then wait."


def test_joined_sentences_keep_their_parts() -> None:
    told = Joined("; ", parts=["a", "b"])
    assert told == "a; b"
    assert told.values == {"parts": ("a", "b")}
