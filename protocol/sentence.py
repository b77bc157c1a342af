"""English sentences that remember the template and the values that they were made from.

A translation looks up the whole template and fills in the same values; programs see ordinary text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any, Final, Self

_BRACES: Final = frozenset("{}")


class Sentence(str):
    """Text made from a template: `Sentence("{count} invoices", count=3)` is the string `3 invoices`.

    `template` is the English text with a named place for each value; `values` fill them. A value may itself
    be a `Sentence`. Without values the text is taken literally, braces included.
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
        """Return the sentence itself, so that `str(sentence)` can still be translated."""
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, object]]:
        """Make copies and pickles from template and values, not from the finished text."""
        return (self.template,), dict(self.values)


class Joined(Sentence):
    """Several sentences joined by a separator, each of which is translated by itself."""

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
    """A number with its noun in the singular or plural: `1 invoice`, `2 invoices`.

    `template` is the singular, `several` the plural.
    """

    several: str
    number: int

    def __new__(cls, count: int, one: str, several: str = "", /) -> Self:
        """Take the noun in the singular, and in the plural unless that is the same with an s."""
        forms = f"{{count:,}} {one}", f"{{count:,}} {several or one + 's'}"
        self = super().__new__(cls, forms[count != 1], count=count)
        self.template, self.several = forms
        self.number = count
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, object]]:
        words = [form.split(" ", 1)[1] for form in (self.template, self.several)]
        return (self.number, *words), {}


def sentences(*texts: str) -> tuple[Sentence, ...]:
    """Return texts without values, such as the headings of a table, as sentences."""
    return tuple(map(Sentence, texts))


def fill(template: str, values: Mapping[str, object]) -> Sentence:
    """Return the sentence of a template that need not use every value; a `Sentence` stays as it is."""
    if isinstance(template, Sentence):
        return template
    # A text that names none of the values may hold braces of its own, which are not places to fill: it may be
    # what a person wrote or another program said.
    named = any(name in values for name in _places(template)) if values else False
    return Sentence(template, **values) if named or _BRACES.isdisjoint(template) else Sentence(template)


def _places(template: str) -> list[str]:
    try:
        return [name for _, name, _, _ in Formatter().parse(template) if name]
    except ValueError:  # a brace that stands alone
        return []
