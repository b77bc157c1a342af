"""Days as people write them: those that exist, those that do not, and what is not written like a day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.host.practice.day import read_day
from tla_sim.host.practice.problem import Unfit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-02-29", "a day that exists: 2019-02 has 28 days"),
        ("2100-02-29", "a day that exists: 2100-02 has 28 days"),
        ("2020-02-30", "a day that exists: 2020-02 has 29 days"),
        ("2019-04-31", "a day that exists: 2019-04 has 30 days"),
        ("2019-03-00", "a day that exists: 2019-03 has 31 days"),
        ("2019-03-99", "a day that exists: 2019-03 has 31 days"),
        ("2019-13-01", "a day that exists: a year has 12 months"),
        ("2019-00-10", "a day that exists: a year has 12 months"),
        ("0000-02-30", "a day that exists: 0000-02 has 28 days"),
        ("1899-12-31", "a year from 1900 to 2099"),
        ("2100-01-01", "a year from 1900 to 2099"),
        ("2019-3-5", "a date written YYYY-MM-DD"),
        ("05/03/2019", "a date written YYYY-MM-DD"),
        ("20190305", "a date written YYYY-MM-DD"),
        ("2019-03-05T08:00", "a date written YYYY-MM-DD"),
        ("٢٠١٩-٠٣-٠٥", "a date written YYYY-MM-DD"),
        ("2019-03-05\n", "a date written YYYY-MM-DD"),
        ("", "a date written YYYY-MM-DD"),
        (20190305, "a date written YYYY-MM-DD"),
        (None, "a date written YYYY-MM-DD"),
    ],
)
def test_what_is_wrong_with_a_day_is_said(text: object, expected: str) -> None:
    with pytest.raises(Unfit) as caught:
        read_day(text)
    assert str(caught.value) == expected


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_of_two_centuries_is_read(day: date) -> None:
    assert read_day(day.isoformat()) == day


@given(
    st.integers(1, 9_999), st.integers(0, 99) | st.integers(1, 12), st.integers(0, 99) | st.integers(1, 31)
)
def test_every_text_in_the_form_is_a_day_or_told_why_not(year: int, month: int, day: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}"
    try:
        date.fromisoformat(text)
    except ValueError:
        expected = "a day that exists: "
    else:
        expected = text if 1900 <= year <= 2099 else "a year from 1900 to 2099"
    try:
        found = read_day(text).isoformat()
    except Unfit as unfit:
        found = str(unfit)
    assert found.startswith(expected)
