"""Birth, prescription, acts, invoice: every date out of that order is named with its place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import make_practice_tree
from tla_sim.host.practice.date_order import InvoiceDates, find_disorder
from tla_sim.host.practice.file import load_practice, parse_practice
from tla_sim.host.practice.problem import PracticeFileError
from tla_sim.protocol.birth_date import BirthDate

TODAY = date(2026, 11, 28)
Tree = dict[str, Any]


def told(tree: Tree, today: date | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(PracticeFileError) as caught:
        parse_practice(json.dumps(tree).encode(), today=today)
    return [(each.place, each.found, each.expected) for each in caught.value.problems]


@pytest.mark.parametrize(
    ("bend", "place", "found", "expected"),
    [
        (
            lambda t: t["invoices"][0]["acts"][1].update(date="2019-03-06"),
            "invoices[0].acts[1].date",
            "2019-03-06",
            "2019-03-05 or earlier, the day of its invoice",
        ),
        (
            lambda t: t["invoices"][0].update(date="2019-03-04"),
            "invoices[0].acts[1].date",
            "2019-03-05",
            "2019-03-04 or earlier, the day of its invoice",
        ),
        (
            lambda t: t["invoices"][0]["prescription"].update(date="2019-03-05"),
            "invoices[0].prescription.date",
            "2019-03-05",
            "2019-03-04 or earlier, the day of its first act",
        ),
        (
            lambda t: t["invoices"][0]["prescription"].update(prior_agreement_date="2018-12-31"),
            "invoices[0].prescription.prior_agreement_date",
            "2018-12-31",
            "2019-01-01 or later, the day of its prescription",
        ),
        (
            lambda t: t["invoices"][0]["prescription"].update(prior_agreement_date="2019-03-06"),
            "invoices[0].prescription.prior_agreement_date",
            "2019-03-06",
            "2019-03-05 or earlier, the day of its invoice",
        ),
        (
            lambda t: t["invoices"][0]["coverage"].update(event_date="2019-03-06"),
            "invoices[0].coverage.event_date",
            "2019-03-06",
            "2019-03-05 or earlier, the day of its invoice",
        ),
        (
            lambda t: t["patients"][0]["beneficiaries"][1].update(birth_date="2019-03-06"),
            "invoices[1].acts[0].date",
            "2019-03-05",
            "2019-03-06 or later, the birth of its patient",
        ),
        (
            lambda t: t["patients"][0]["beneficiaries"][1].update(birth_date="2020-00-00"),
            "invoices[1].acts[0].date",
            "2019-03-05",
            "2020-00-00 or later, the birth of its patient",
        ),
        (
            lambda t: t["patients"][0]["beneficiaries"][0].update(
                mutuelle={"identifier": "1", "start": "2019-01-02", "end": "2019-01-01"}
            ),
            "patients[0].beneficiaries[0].mutuelle.end",
            "2019-01-01",
            "2019-01-02 or later",
        ),
        (
            lambda t: t["patients"][0]["beneficiaries"][0]["rights"][0].update(end="2018-12-31"),
            "patients[0].beneficiaries[0].rights[0].end",
            "2018-12-31",
            "2019-01-01 or later",
        ),
    ],
)
def test_a_date_out_of_order_is_named_with_its_place(
    bend: Any, place: str, found: str, expected: str
) -> None:
    tree = make_practice_tree()
    bend(tree)
    assert told(tree) == [(place, found, expected)]


@pytest.mark.parametrize(
    "bend",
    [
        lambda t: t["invoices"][0]["prescription"].update(date="2019-03-04"),
        lambda t: t["invoices"][0]["prescription"].update(prior_agreement_date="2019-01-01"),
        lambda t: t["invoices"][0]["prescription"].update(prior_agreement_date="2019-03-05"),
        lambda t: t["invoices"][0]["coverage"].update(event_date="2019-03-05"),
        lambda t: t["invoices"][0]["coverage"].update(nature="30", event_date="2019-09-01"),
        lambda t: t["patients"][0]["beneficiaries"][1].update(birth_date="2019-03-05"),
        lambda t: t["patients"][0]["beneficiaries"][1].update(birth_date="2019-03-00"),
        lambda t: t["patients"][0]["beneficiaries"][1].update(birth_date="2019-00-00"),
    ],
)
def test_dates_that_just_fit_are_taken(bend: Any) -> None:
    tree = make_practice_tree()
    bend(tree)
    assert parse_practice(json.dumps(tree).encode(), today=TODAY).invoices


@pytest.mark.parametrize("birth", ["2026-11-29", "2026-12-00", "2027-00-00", "2099-12-31"])
def test_nobody_is_born_in_the_future_where_today_is_known(birth: str, tmp_path: Path) -> None:
    tree = make_practice_tree()
    tree["invoices"] = []
    tree["patients"][0]["beneficiaries"][1]["birth_date"] = birth
    here = "patients[0].beneficiaries[1].birth_date"
    assert told(tree, TODAY) == [(here, f"'{birth}'", "a day up to today, 2026-11-28")]
    assert parse_practice(json.dumps(tree).encode()).patients
    path = tmp_path / "practice.json"
    path.write_text(json.dumps(tree))
    with pytest.raises(PracticeFileError, match="up to today"):
        load_practice(path, today=TODAY)
    assert load_practice(path, today=date(2099, 12, 31)).patients


def test_a_file_read_from_the_disk_knows_today_by_itself(tmp_path: Path) -> None:
    tree = make_practice_tree()
    tree["patients"][0]["beneficiaries"][0]["birth_date"] = "2099-12-31"
    tree["invoices"] = []
    path = tmp_path / "practice.json"
    path.write_text(json.dumps(tree))
    with pytest.raises(PracticeFileError, match="up to today"):
        load_practice(path)


DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(st.lists(DAYS, min_size=4, max_size=12).map(sorted))
def test_dates_in_their_order_have_nothing_out_of_it(days: list[date]) -> None:
    born, prescribed, *acts, made_on = days
    dates = InvoiceDates(
        made_on=made_on,
        acts=acts,
        born=BirthDate.of_iso(born.isoformat()),
        prescribed_on=prescribed,
        agreed_on=prescribed,
        event_on=born,
    )
    assert list(find_disorder(dates)) == []
