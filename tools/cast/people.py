"""The people of the cast: three practitioners, a secretary, two patients, and any number of others.

The shipped practice has its own people, in its file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from tla_sim.reader_fw.cards.issue import TEST_CODE

MORNING: Final = 1_551_772_800_000
"""2019-03-05 08:00 in reader local time, in ms: the day on which everything happens."""

DAY: Final = date(2019, 3, 5)
CODE: Final = TEST_CODE
"""The code porteur of every card."""

WRONG_CODE: Final = "4321"
NURSE: Final = "75600001"
DOCTOR: Final = "75100002"
OTHER: Final = "75600003"
"""Billing numbers of the three practitioners."""

FAMILY_BIRTH: Final = "19550812"


@dataclass(frozen=True)
class Person:
    """A PS: the billing number of the card's only situation, names, national number.

    `keys` is where the card's keys begin in the shipped pool.
    """

    number: str
    last_name: str
    first_name: str
    national_id: str
    keys: int
    billing_key: str = "1"
    speciality: str = "24"
    card_type: str = "0"

    @property
    def name(self) -> str:
        """Last name and first name."""
        return f"{self.last_name} {self.first_name}"


@dataclass(frozen=True)
class Insured:
    """A patient, alone on a Vitale. `keys` is as for Person."""

    nir: str
    last_name: str
    first_name: str = "PAUL"
    birth_date: str = FAMILY_BIRTH
    keys: int = 10

    @property
    def name(self) -> str:
        """Last name and first name."""
        return f"{self.last_name} {self.first_name}"


MAYA: Final = Person(NURSE, "PIQURE2969", "MAYA", "899700000011", 0)
PAUL: Final = Person(DOCTOR, "TOUBIB", "PAUL", "810000000012", 2)
LEA: Final = Person(OTHER, "AUTRE", "LEA", "899700000013", 4)
PRACTITIONERS: Final = (MAYA, PAUL, LEA)

SECRETARY: Final = Person(NURSE, "ACCUEIL", "ANNE", "399900000014", 6)
"""Signs for MAYA, with a CPE or a CPS."""

MARTIN: Final = Insured("1550899999001", "MARTIN")
DESMAUX: Final = Insured("2650199999002", "DESMAUX", "NATHALIE")
PATIENTS: Final = (MARTIN, DESMAUX)


def practitioners(count: int) -> tuple[Person, ...]:
    """Return `count` others, the same each time."""
    return tuple(
        Person(f"{750_000_001 + at}", f"PS{at}", "P", f"{899_700_000_101 + at}", 2 * at)
        for at in range(count)
    )


def patients(count: int) -> tuple[Insured, ...]:
    """Return `count` others, the same each time."""
    return tuple(Insured(f"{1_550_899_000_001 + at}", f"PATIENT{at}", "P") for at in range(count))
