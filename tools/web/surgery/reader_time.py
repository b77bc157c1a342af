"""The practice's own time: that of a reader's clock, which in the field the workstation sets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tla_sim.host.ledger.ledger import local_time
from tla_sim.tools.simulator.control.running_reader import ReaderGone, RunningReader

_BEGIN: Final = datetime(1970, 1, 1)


def time_at(reader: RunningReader | None) -> datetime:
    """Return the time of a reader's clock, with this machine's zone; without a reader, or past the
    calendar's end, this machine's."""
    if reader is None:
        return local_time()
    try:
        now_ms = reader.call(lambda control: control.clock_ms).result()
        return (_BEGIN + timedelta(milliseconds=now_ms)).astimezone()
    except (ReaderGone, OverflowError, ValueError):
        return local_time()
