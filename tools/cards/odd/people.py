"""Odd people: what the practice file could not say is said of everyone in the practice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from tla_sim.host.practice.model import MAX_SITUATIONS, Beneficiary, Period, Practice, Situation
from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.groups.vitale import MAX_BENEFICIARIES

Change = Callable[[Practice], Practice]

ENDED: Final = date(2016, 12, 31)
LATE: Final = date(2045, 12, 31)
"""The last day on which the test authorities' certificates are valid."""

UNKNOWN_BIRTH: Final = BirthDate("19559900")
_LONG: Final = "ANNE-CHARLOTTE MARIE-ANTOINETTE SAINT-EXUPERY DE LA TOUR D'AI"
_PAST: Final = Period.model_construct(start=date(2015, 1, 1), end=date(2016, 12, 31))
_FUTURE: Final = Period.model_construct(start=date(2044, 1, 1), end=LATE)
_OPEN: Final = Period.model_construct(start=date(2015, 1, 1))


def holders(**changes: Any) -> Change:
    """Return the change that gives every holder of any card these values, where it has them."""

    def change(practice: Practice) -> Practice:
        return _each(
            practice,
            ("practitioners", "staff", "patients"),
            lambda who: {key: value for key, value in changes.items() if hasattr(who, key)},
        )

    return change


def situations(change_all: Callable[[Sequence[Situation]], Sequence[Situation]]) -> Change:
    """Return the change of every practitioner's situations."""

    def change(practice: Practice) -> Practice:
        return _each(
            practice, ("practitioners",), lambda who: {"situations": tuple(change_all(who.situations))}
        )

    return change


def rights(**values: bool) -> Change:
    """Return the change of every situation's rights to sign."""
    return situations(lambda given: [each.model_copy(update=values) for each in given])


def many_situations(given: Sequence[Situation]) -> Sequence[Situation]:
    """Return the first situation as often as a practice file may, with a billing number of its own each."""
    first = given[0]
    return [
        first.model_copy(
            update={"logical_number": at + 1, "billing_number": f"{int(first.billing_number) + at:08}"}
        )
        for at in range(MAX_SITUATIONS)
    ]


def beneficiaries(change_all: Callable[[Sequence[Beneficiary]], Sequence[Beneficiary]]) -> Change:
    """Return the change of the beneficiaries on every Vitale."""

    def change(practice: Practice) -> Practice:
        return _each(
            practice, ("patients",), lambda who: {"beneficiaries": tuple(change_all(who.beneficiaries))}
        )

    return change


def beneficiary(**values: Any) -> Change:
    """Return the change that gives every beneficiary these values."""
    return beneficiaries(lambda given: [each.model_copy(update=values) for each in given])


def with_rights(*periods: Period) -> Change:
    """Return the change of every beneficiary's periods of AMO rights."""
    return beneficiary(rights=periods)


def past_rights(practice: Practice) -> Practice:
    """Let all rights have ended in 2016."""
    return with_rights(_PAST)(practice)


def future_rights(practice: Practice) -> Practice:
    """Let all rights begin in 2044."""
    return with_rights(_FUTURE)(practice)


def open_rights(practice: Practice) -> Practice:
    """Let all rights last without an end."""
    return with_rights(_OPEN)(practice)


def large_family(given: Sequence[Beneficiary]) -> Sequence[Beneficiary]:
    """Return the beneficiaries, and children up to as many as a card may have."""
    first = given[0]
    born = [
        first.model_copy(
            update={
                "first_name": f"ENFANT {at}",
                "birth_date": BirthDate(f"{2000 + at}0101"),
                "birth_rank": "1",
                "quality": "6",
                "certified_nir": None,
                "certified_nir_key": None,
            }
        )
        for at in range(1, MAX_BENEFICIARIES + 1 - len(given))
    ]
    return [*given, *born]


def long_names(practice: Practice) -> Practice:
    """Give everyone names of 60 characters, the most a card's groups hold."""
    practice = holders(last_name=_LONG[:60], first_name=_LONG[1:61])(practice)
    return beneficiary(last_name=_LONG[:60], first_name=_LONG[1:61])(practice)


def accented_names(practice: Practice) -> Practice:
    """Give everyone names with letters beyond ASCII, all of them in Latin-1."""
    practice = holders(last_name="L'HÉRAULT-MUÑOZ", first_name="ANAÏS-ZOË")(practice)
    return beneficiary(last_name="L'HÉRAULT-MUÑOZ", first_name="ANAÏS-ZOË")(practice)


def _each(practice: Practice, sections: Sequence[str], change: Callable[[Any], dict[str, Any]]) -> Practice:
    """Return the practice with the values that `change` gives for each person of these sections."""
    return practice.model_copy(
        update={
            section: tuple(who.model_copy(update=change(who)) for who in getattr(practice, section))
            for section in sections
        }
    )
