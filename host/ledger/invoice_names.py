"""Some invoices, by owner and number, as a table of SQL. Tables joined to it are to be searched by index:
`CROSS JOIN` keeps SQLite from reading them whole."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from tla_sim.host.ledger.desk_model import InvoiceName

NAMED: Final = "json_each(?) n"
"""The table; `?` takes `named`."""
NAMED_OWNER: Final = "json_extract(n.value, '$[0]')"
NAMED_NUMBER: Final = "json_extract(n.value, '$[1]')"


def named(invoices: Collection[InvoiceName]) -> tuple[str]:
    """Return the value of the table of these invoices."""
    return (json.dumps(list(invoices)),)
