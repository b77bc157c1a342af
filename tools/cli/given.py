"""Numbers and days that options and arguments take, checked as those of a practice file before anything is
opened: a `parser` for each, made with the name of what it was given as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date


def new_number(where: str) -> Callable[[str], str]:
    """For the number of an invoice that is to be made. What it gives raises BadValue."""

    def number(text: str) -> str:
        from tla_sim.host.practice.given import new_number

        return new_number(text, where)

    return number


def held_number(where: str) -> Callable[[str], str]:
    """For the number of an invoice that is there. What it gives raises BadValue."""

    def number(text: str) -> str:
        from tla_sim.host.practice.given import held_number

        return held_number(text, where)

    return number


def held_owner(where: str, *, optional: bool = False) -> Callable[[str], str]:
    """For an owner's billing number; with `optional` an empty text stands for none. What it gives raises
    BadValue."""

    def owner(text: str) -> str:
        from tla_sim.host.practice.given import held_owner

        return held_owner(text, where) if text or not optional else ""

    return owner


def day(where: str) -> Callable[[str], date]:
    """For a day. What it gives raises BadValue."""

    def read(text: str) -> date:
        from tla_sim.host.practice.given import given_day

        return given_day(text, where)

    return read
