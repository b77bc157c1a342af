"""What an exchange says, byte by byte: its name, the fields of command and answer with their offsets.

Log_SV's commands are read by their declarations, cards' commands by ISO/IEC 7816-4, orders to a slot by
theirs. `describe` never raises, whatever the bytes.
"""

from tla_sim.protocol.exchange.description import Description, describe
from tla_sim.protocol.wire.located import LocatedField

__all__ = ["Description", "LocatedField", "describe"]
