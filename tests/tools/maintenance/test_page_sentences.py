"""The sentences of the bench's page are found in its scripts."""

from __future__ import annotations

import pytest

from tla_sim.tools.maintenance.page_sentences import NotLiteral, page_sentences


def found(script: str) -> list[str | tuple[str, str]]:
    return list(page_sentences(script, "page.js"))


def test_sentences_are_found_within_the_values_of_others() -> None:
    assert found('put(say("Insert {slot}", { slot: say("PS slot") }), say("It\'s {n}", {n}));') == [
        "Insert {slot}",
        "PS slot",
        "It's {n}",
    ]


def test_a_number_of_things_has_singular_and_plural() -> None:
    script = 'sayMany(list.filter((x) => x > (1, 2)).length, "{count} card", "{count} cards")'
    assert found(script) == [("{count} card", "{count} cards")]


def test_comments_strings_and_the_function_itself_say_nothing() -> None:
    assert found('// say("no")\nexport function say(template) {}\nconst x = "say(";\nvoice.say(x);') == []


@pytest.mark.parametrize(
    "script",
    [
        "say(`Remove ${name}`)",
        "say('Remove')",
        'say(on ? "on" : "off")',
        'say("a" + "b")',
        'sayMany(2, "cards")',
    ],
)
def test_what_nobody_could_look_up_is_refused(script: str) -> None:
    with pytest.raises(NotLiteral, match=r"page\.js:1"):
        found(script)
