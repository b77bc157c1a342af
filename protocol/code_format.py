"""The form of a code porteur: 4 to 8 decimal digits. Project-defined, after the CPS."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.errors import CodecError

MIN_CODE: Final = 4
MAX_CODE: Final = 8


class CodeFormatError(CodecError):
    """The code porteur is not 4 to 8 digits. The message never contains the code."""

    ssv = None

    def __init__(self) -> None:
        super().__init__(
            "A code porteur has {least} to {most} digits", "Type it again", least=MIN_CODE, most=MAX_CODE
        )


def check_code(digits: str) -> str:
    """Return the code if it is 4 to 8 decimal digits. Raises CodeFormatError, which does not contain it."""
    if not (MIN_CODE <= len(digits) <= MAX_CODE and digits.isascii() and digits.isdigit()):
        raise CodeFormatError
    return digits
