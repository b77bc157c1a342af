"""The dictionary of SSV groups: which groups exist, their fields, and where each is known from.

The modules of groups enter theirs when they are imported; here all of them are.
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.groups import invoice, lot, ps_card, reader, vitale
from tla_sim.protocol.groups.declaration import DECLARED, GroupDeclaration

__all__ = ["DICTIONARY", "invoice", "lot", "ps_card", "reader", "vitale"]

DICTIONARY: Final[dict[int, GroupDeclaration]] = dict(sorted(DECLARED.items()))
"""Every declared group by number."""
