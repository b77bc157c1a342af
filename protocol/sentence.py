"""English sentences that remember the template and the values they were made from.

A translation looks the template up whole and puts the same values into it; programs see ordinary text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any, Self


class Sentence(str):
    """Text made from a template: `Sentence("{count} invoices", count=3)` is the string `3 invoices`.

    `template` is the English text with a named place for each value, and `values` what stands in them. A
    value may be a `Sentence` itself. Without values the text is taken as it is, braces included.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Fill the template in English.

        Raises `KeyError` when a place of the template has no value.
        """
        self = super().__new__(cls, template.format(**values) if values else template)
        self.template = template
        self.values = values
        return self

    def __str__(self) -> str:
        """Stay a sentence where text is asked for."""
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, object]]:
        """Copy and unpickle from the template, not from the finished text."""
        return (self.template,), dict(self.values)


class Joined(Sentence):
    """Sentences one behind the other, each of which is translated by itself."""

    parts: tuple[str, ...]

    def __new__(cls, separator: str, parts: Iterable[str]) -> Self:
        told = tuple(parts)
        self = str.__new__(cls, separator.join(told))
        self.template = separator
        self.parts = told
        self.values = {"parts": told}
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, object]]:
        return (self.template, self.parts), {}


class Quantity(Sentence):
    """So many of something, whose word depends on the number: `1 invoice`, `2 invoices`.

    `template` is that for one, `several` that for more.
    """

    several: str
    number: int

    def __new__(cls, count: int, one: str, several: str = "", /) -> Self:
        """`one` is the word for one of them, `several` that for more, if it is not the same with an s."""
        forms = f"{{count:,}} {one}", f"{{count:,}} {several or one + 's'}"
        self = super().__new__(cls, forms[count != 1], count=count)
        self.template, self.several = forms
        self.number = count
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, object]]:
        words = [form.split(" ", 1)[1] for form in (self.template, self.several)]
        return (self.number, *words), {}


def sentences(*texts: str) -> tuple[Sentence, ...]:
    """Return texts without values as sentences: the headings of a table."""
    return tuple(map(Sentence, texts))


def fill(template: str, values: Mapping[str, object]) -> Sentence:
    """Put values into a template that need not have a place for each; a `Sentence` stays as it is."""
    if isinstance(template, Sentence):
        return template
    named = any(name in values for name in _places(template)) if values else False
    return Sentence(template, **values) if named or "{" not in template else Sentence(template)


def _places(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]
