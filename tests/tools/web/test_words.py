"""The page's French: every sentence of its scripts has one, with the same places."""

from __future__ import annotations

import re

from tla_sim.tools.maintenance.catalogue import catalogue
from tla_sim.tools.maintenance.page_sentences import SCRIPTS, page_sentences
from tla_sim.tools.web.words import french_words


def said_on_the_page() -> list[str | tuple[str, str]]:
    return [
        sentence
        for script in sorted(SCRIPTS.rglob("*.js"))
        for sentence in page_sentences(script.read_text("utf-8"), script.name)
    ]


def singular(sentence: str | tuple[str, str]) -> str:
    return sentence if isinstance(sentence, str) else sentence[0]


def test_every_sentence_of_the_page_is_sent_to_it_in_french() -> None:
    said = said_on_the_page()
    assert "Insert {name}" in said
    words = french_words()
    french = catalogue()
    missing = [each for each in map(singular, said) if each not in words and french[each].string != each]
    assert missing == []


def test_a_sentence_about_several_things_has_two_french_forms() -> None:
    words = french_words()
    for sentence in said_on_the_page():
        if isinstance(sentence, tuple):
            assert isinstance(words[sentence[0]], list)


def test_french_punctuation_stays_on_the_line_of_its_word() -> None:
    for told in french_words().values():
        for form in [told] if isinstance(told, str) else told:
            assert not re.search(r" [:;!?»]|« ", form)
