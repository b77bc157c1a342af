"""Parsers for the numbers and days in options and arguments, which are checked like those of a practice
file, before anything is opened. Each is made with the option's name, for its messages.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date


def new_number(where: str) -> Callable[[str], str]:
    """Return a parser for the number of a new invoice. The parser raises BadValue."""

    def number(text: str) -> str:
        from tla_sim.host.practice.given import new_number

        return new_number(text, where)

    return number


def held_number(where: str) -> Callable[[str], str]:
    """Return a parser for the number of an existing invoice. The parser raises BadValue."""

    def number(text: str) -> str:
        from tla_sim.host.practice.given import held_number

        return held_number(text, where)

    return number


def held_owner(where: str, *, optional: bool = False) -> Callable[[str], str]:
    """Return a parser for an owner's billing number; with `optional`, an empty text means none. The parser
    raises BadValue.
    """

    def owner(text: str) -> str:
        from tla_sim.host.practice.given import held_owner

        return held_owner(text, where) if text or not optional else ""

    return owner


def day(where: str) -> Callable[[str], date]:
    """Return a parser for a day. The parser raises BadValue."""

    def read(text: str) -> date:
        from tla_sim.host.practice.given import given_day

        return given_day(text, where)

    return read
