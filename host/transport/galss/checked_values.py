"""Reading and checking the values of galss.ini: a missing or wrong value is recorded as a problem with its
code."""

from __future__ import annotations

import re
from typing import Final

from tla_sim.host.transport.galss.codes import GalssCode, code_of_key, code_of_section
from tla_sim.host.transport.galss.ini import Ini, Problem, Section, Value
from tla_sim.protocol.sentence import Sentence

MAX_COUNT: Final = 32
"""The greatest count of channels, readers, logical devices or aliases. Project-defined."""

_MAX_DIGITS: Final = 9
_SHOWN: Final = 40


class CheckedValues:
    """A reader of values from the sections of a file that records what is wrong with them in `problems`."""

    def __init__(self, ini: Ini, problems: list[Problem]) -> None:
        self.ini = ini
        self.problems = problems

    def mistake(self, line: int, text: str, action: str, code: GalssCode) -> None:
        """Record a problem that keeps the file from being used."""
        self.problems.append(Problem(line, text, action, code=code))

    def remark(self, line: int, text: str, action: str, code: GalssCode | None = None) -> None:
        """Record a problem that does not."""
        self.problems.append(Problem(line, text, action, remark=True, code=code))

    def value(self, section: Section, key: str) -> Value | None:
        """Return the value of a required key; `None`, with a problem recorded, where it is missing."""
        value = section.values.get(key.lower())
        if value is None:
            self.mistake(
                section.line,
                Sentence("[{section}] has no {key}", section=section.name, key=key),
                Sentence("Add {key}= to it", key=key),
                code_of_key(key),
            )
        return value

    def number(
        self, section: Section, key: str, least: int, most: int, code: GalssCode | None = None
    ) -> int | None:
        """Return a required number from `least` to `most`, `None` otherwise; `code` is for a wrong one."""
        value = self.value(section, key)
        if value is None:
            return None
        text = self._bare(key, value)
        if not (is_number(text) and least <= int(text) <= most):
            said = Sentence(
                "{key}={text} is not a number from {least} to {most}",
                key=key,
                text=text[:_SHOWN],
                least=least,
                most=most,
            )
            self.mistake(value.line, said, Sentence("Correct {key}", key=key), code or code_of_key(key))
            return None
        return int(text)

    def count(self, section: Section, key: str, least: int) -> int:
        """Return how many items follow, 0 where the count is missing or wrong."""
        value = section.values.get(key.lower())
        many = value is not None and is_number(value.text) and int(value.text) > 0
        zero = value is not None and value.text.strip("0") == "" and value.text != ""
        code = GalssCode.CHANNELS if key == "NbCanaux" and (many or zero) else None
        return self.number(section, key, least, MAX_COUNT, code) or 0

    def find_counted(self, name: str, told_by: Section, key: str) -> Section | None:
        """Return a section that a count implies, `None` where it is missing."""
        section = self.ini.sections.get(name.upper())
        if section is None:
            self.mistake(
                self.line(told_by, key),
                Sentence("{key} counts a section [{name}] that is not there", key=key, name=name),
                Sentence("Add it, or correct {key}", key=key),
                code_of_section(name),
            )
        return section

    def line(self, section: Section, key: str) -> int:
        """Return the line of a key, or of its section where it is missing."""
        value = section.values.get(key.lower())
        return section.line if value is None else value.line

    def _bare(self, key: str, value: Value) -> str:
        """Return a number without a comment behind it, which some files have."""
        text, sign, _ = value.text.partition(";")
        text = text.strip()
        if sign and is_number(text):
            self.remark(
                value.line,
                Sentence("A comment follows {key}={text}", key=key, text=text),
                Sentence("Put it on a line of its own"),
            )
            return text
        return value.text


def is_number(text: str) -> bool:
    """Return whether a text is a number of plausible size, at most 9 digits."""
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


def are_numbers(text: str) -> bool:
    """Return whether a text is a list of numbers with commas between them."""
    return all(is_number(each.strip()) for each in text.partition(";")[0].split(","))


def numbered_keys(section: Section, stem: str) -> dict[int, Value]:
    """Return the values of the keys made of `stem` and a number, such as NomAlias1, by number."""
    pattern = re.compile(rf"{stem.lower()}([1-9][0-9]?)")
    found = {pattern.fullmatch(key): value for key, value in section.values.items()}
    return {int(match[1]): value for match, value in found.items() if match is not None}
