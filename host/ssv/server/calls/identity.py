"""The reader's clock by SSV. The other functions about the reader follow here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tla_sim.host.ssv.functions import LIRE_DATE_LECTEUR
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.workstation import Workstation


def read_date(work: Workstation, reader: str) -> str:
    """Return the reader's date and time, AAAAMMJJhhmm."""
    work.check_reader(reader)
    moment = datetime.fromtimestamp(work.client.clock() // 1000, UTC)
    return f"{moment.year:04}{moment:%m%d%H%M}"


BOUND: Final[tuple[Bound, ...]] = (bind_call(LIRE_DATE_LECTEUR, read_date),)
"""The functions of this topic."""
