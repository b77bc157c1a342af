"""What a card is: its profile, and whether it is a test card or a real one (Project-defined values)."""

from __future__ import annotations

from enum import IntEnum


class CardProfile(IntEnum):
    """Whose card it is: a professional's, an establishment employee's, or a patient's."""

    CPS = 0
    CPE = 1
    VITALE = 2


class CardKind(IntEnum):
    """Test and real cards never work together (SSV code F026). Here REAL is a simulation of real cards."""

    TEST = 0
    REAL = 1
