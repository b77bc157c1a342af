"""The Vitale of the first generation: it refuses every command that is publicly known.

Its class is BC, that of its maker's cards before ISO/IEC 7816-4. A published trial on a card that answers
reset with 3F6525002209699000 got 6E00 for 00A40000023F00 and 6D00 for BCA40000023F00. Which instructions its
class does have is not public, so this one has none, whatever its image holds.
"""

from __future__ import annotations

from typing import Final, NoReturn

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.cards.refusal import CardRefusal

CLASS: Final = 0xBC


def refuse(command: CommandApdu) -> NoReturn:
    """Refuse a command with CardRefusal: 6E00 for another class than BC, else 6D00."""
    if command.cla != CLASS:
        raise CardRefusal(Status.CLASS_NOT_SUPPORTED)
    raise CardRefusal(Status.INSTRUCTION_NOT_SUPPORTED)
