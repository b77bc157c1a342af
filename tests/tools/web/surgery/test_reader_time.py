"""The practice's time, by a reader's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.tools.web.surgery.bench_kit import do, running
from tla_sim.tools.simulator.control.running_reader import RunningReader
from tla_sim.tools.web.surgery.reader_time import time_at

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("year", [2038, 2100, 9999])
def test_the_day_is_that_of_the_readers_clock(year: int) -> None:
    with running() as reader:
        _set_on(reader, datetime(year, 12, 31, 12, tzinfo=UTC))
        assert time_at(reader).date() == date(year, 12, 31)


def test_a_clock_past_the_calendars_end_dates_nothing() -> None:
    with running() as reader:
        _set_on(reader, datetime(9999, 12, 31, tzinfo=UTC), timedelta(days=366))
        assert abs(time_at(reader) - datetime.now(UTC)) < timedelta(minutes=1)


def _set_on(reader: RunningReader, moment: datetime, further: timedelta = timedelta()) -> None:
    to_come = (moment - _BEGIN + further) // timedelta(milliseconds=1)
    do(reader, lambda control: control.advance(to_come - control.clock_ms))
