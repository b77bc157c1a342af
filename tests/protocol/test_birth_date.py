"""Birth dates: any two digits for month and day, carried as they are and never counted with."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.birth_date import BirthDate
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import decode_typed, encode_typed
from tla_sim.protocol.groups.invoice import InvoiceBeneficiary
from tla_sim.protocol.groups.line import GroupData, encode_groups


@given(st.integers(1800, 2099), st.integers(0, 99), st.integers(0, 99))
def test_any_month_and_day_are_read_and_shown_as_they_are(year: int, month: int, day: int) -> None:
    born = BirthDate.of_iso(f"{year}-{month:02}-{day:02}")
    assert born == f"{year}{month:02}{day:02}"
    assert born.french == f"{day:02}/{month:02}/{year}"
    assert born.iso == f"{year}-{month:02}-{day:02}"
    who = InvoiceBeneficiary(nir="1550775001001", nir_key="12", birth_date=born, birth_rank="1")
    (again,) = decode_typed(encode_typed([who]))
    assert isinstance(again, InvoiceBeneficiary)
    assert again == who
    assert again.birth_date.french == born.french


@pytest.mark.parametrize(
    "text",
    ["19550812", "12/08/1955", "1955-8-12", "0000-00-00", "1755-01-01", "1955-0a-12", "1955-٠٨-12", ""],
)
def test_another_way_of_writing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        BirthDate.of_iso(text)


@pytest.mark.parametrize("digits", ["1955", "195508121", "1955081a", "1955081٣"])
def test_a_group_holds_eight_digits(digits: str) -> None:
    raw = encode_groups([GroupData(1130, ("", "1550775001001", "12", digits, "1"))])
    with pytest.raises(CodecError, match="Group 1130 field 4 "):
        decode_typed(raw)


@pytest.mark.parametrize(
    ("digits", "day", "after"),
    [
        ("19550812", date(2019, 3, 5), False),
        ("20190306", date(2019, 3, 5), True),
        ("20190305", date(2019, 3, 5), False),
        ("20192001", date(2019, 3, 5), False),
        ("20200000", date(2019, 3, 5), True),
        ("20200230", date(2019, 3, 5), True),
        ("20191200", date(2019, 11, 28), True),
        ("20191100", date(2019, 11, 28), False),
        ("20190230", date(2019, 2, 1), False),
        ("19429931", date(2019, 3, 5), False),
    ],
)
def test_a_birth_lies_ahead_only_for_certain(digits: str, day: date, after: bool) -> None:
    assert BirthDate(digits).after(day) is after


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)), st.dates(date(1800, 1, 1), date(2099, 12, 31)))
def test_a_birth_on_a_day_of_the_calendar_is_compared_as_that_day(born: date, day: date) -> None:
    assert BirthDate.of_iso(born.isoformat()).after(day) is (born > day)
