"""The profile of a card, its model, and whether it is a test card or a real one (values Project-defined)."""

from __future__ import annotations

from enum import IntEnum


class CardProfile(IntEnum):
    """The holder's role: a professional, an establishment's employee, or a patient."""

    CPS = 0
    CPE = 1
    VITALE = 2


class CardKind(IntEnum):
    """Test or real: the two never work together (SSV code F026). REAL cards are simulated here, too."""

    TEST = 0
    REAL = 1


class CardModel(IntEnum):
    """The generation of a card: what its chip answers, apart from whom it belongs to."""

    CPS3 = 0
    CPS4 = 1
    VITALE_2 = 2
    VITALE_1 = 3
