"""The desk's lists over HTTP: windows, filters, orders, sums, facets, CSV."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.tools.cli.command_line import tla
from tests.tools.web.bench_kit import TestClient, new_client
from tests.tools.web.practice.lists_kit import DEGRADED, PAPER, SECURED, fill
from tla_sim.host.documents import documents_of
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.invoices import make_invoice
from tla_sim.tools.cast.people import NURSE
from tla_sim.tools.web.bench import Bench

ROOT = "/v1/practice/lists"


@pytest.fixture(autouse=True)
def filled(bench: Bench) -> None:
    fill(bench.surgery)


def _head(client: TestClient, chosen: str) -> list[str]:
    return next(csv.reader(io.StringIO(client.get(f"{ROOT}/{chosen}.csv").text.removeprefix("\ufeff"))))


def numbers(client: TestClient, query: str = "", chosen: str = "1") -> list[str]:
    return [each["number"] for each in client.get(f"{ROOT}/{chosen}?{query}").json()["documents"]]


def test_a_list_has_the_documents_columns_and_squares(client: TestClient) -> None:
    told = client.get(f"{ROOT}/1").json()
    assert (told["count"], told["total"], told["start"], told["files"]) == (4, 61_740, 0, [])
    first = next(each for each in told["documents"] if each["number"] == DEGRADED)
    assert first == {
        "owner": NURSE,
        "owner_name": "PIQURE2969 MAYA",
        "number": DEGRADED,
        "kind": "fse",
        "state": "prepared",
        "state_word": "PREPARED",
        "degraded": True,
        "third_party": True,
        "patient": "MARTIN PAUL",
        "recipient": "CPAM - DEMONSTRATION",
        "made_on": "2019-03-05",
        "total": 15_620,
        "prescribed_on": "2019-01-01",
        "prescription": "paper",
        "sheet": "digital",
        "pieces": [],
        "closed": "",
        "code": "",
        "reason": "",
    }
    squares = {each["number"]: (each["prescription"], each["sheet"]) for each in told["documents"]}
    assert squares == {
        DEGRADED: ("paper", "digital"),
        PAPER: ("paper", "paper"),
        SECURED: ("paper", "none"),
        "190305031": ("none", "none"),
    }
    assert told["owners"] == [
        {"value": NURSE, "name": "PIQURE2969 MAYA", "count": 3},
        {"value": "75100002", "name": "TOUBIB PAUL", "count": 1},
    ]
    assert told["recipients"] == [
        {"value": "CPAM - DEMONSTRATION", "name": "CPAM - DEMONSTRATION", "count": 4}
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"owner={NURSE}", [DEGRADED, PAPER, SECURED]),
        ("owner=piqure", [DEGRADED, PAPER, SECURED]),
        ("patient=desmaux", [SECURED]),
        ("recipient=cpam&patient=nathalie", [SECURED]),
        ("recipient=msa", []),
        ("from=2019-02-21&to=2019-03-04", [PAPER]),
        ("sort=total", [SECURED, DEGRADED, "190305031", PAPER]),
        ("sort=total&descending=false", [PAPER, "190305031", DEGRADED, SECURED]),
        ("sort=sheet", [PAPER, DEGRADED, "190305031", SECURED]),
        ("sort=number&descending=true&limit=2", ["190305031", SECURED]),
        ("sort=number&start=1&limit=2", [PAPER, SECURED]),
        ("start=4", []),
    ],
)
def test_a_list_is_filtered_sorted_and_windowed(client: TestClient, query: str, expected: list[str]) -> None:
    assert numbers(client, query) == expected


def test_the_count_and_total_are_of_the_filter_and_the_facets_of_the_list(client: TestClient) -> None:
    told = client.get(f"{ROOT}/1", params={"patient": "nathalie", "limit": 1}).json()
    assert (told["count"], told["total"], len(told["owners"])) == (1, 25_860, 2)


def test_words_come_in_the_language_asked_for(client: TestClient) -> None:
    told = client.get(f"{ROOT}/1", headers={"Accept-Language": "fr"}).json()
    assert {each["state_word"] for each in told["documents"]} == {"PRÉPARÉE"}


def test_what_others_write_is_seen_at_once(bench: Bench, client: TestClient) -> None:
    assert len(numbers(client)) == 4
    with bench.surgery.open_ledger() as ledger:
        ledger.record_prepared(documents_of(make_invoice("190305032")))
    told = client.get(f"{ROOT}/1").json()
    assert (told["count"], told["total"], told["owners"][0]["count"]) == (5, 77_360, 4)


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("1?sort=lots", "no column lots"),
        ("5?sort=patient", "no column patient"),
        ("1?from=2019-03-06&to=2019-03-05", "expected 2019-03-06 or later"),
        ("1?owner=0123456789", "billing number"),
        ("1?limit=501", "limit"),
        ("1?limit=0", "limit"),
        ("1?start=-1", "start"),
        ("1?order=1", "no such field"),
        ("6", "chosen"),
        ("6.csv", "chosen"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(client: TestClient, path: str, detail: str) -> None:
    answer = client.get(f"{ROOT}/{path}")
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize("chosen", ["2", "3", "4", "5", "rejected", "sent"])
def test_every_list_is_there(client: TestClient, chosen: str) -> None:
    told = client.get(f"{ROOT}/{chosen}").json()
    assert told == {
        "count": 0, "total": 0, "start": 0, "documents": [], "files": [], "owners": [], "recipients": []
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("query", [{}, {"patient": "martin", "sort": "total"}])
def test_the_csv_has_the_lines_of_the_verb(tmp_path: Path, language: str, query: dict[str, str]) -> None:
    book = tmp_path / "book.db"
    bench = Bench(demo_practice(), "e0", book)
    try:
        fill(bench.surgery)
        with new_client(bench) as client:
            answer = client.get(f"{ROOT}/1.csv", params=query, headers={"Accept-Language": language})
    finally:
        bench.close()
    options = [part for name, value in query.items() for part in (f"--{name}", value)]
    said = tla("--lang", language, "desk", "--ledger", book, "--list", "1", "--csv", *options)
    assert answer.text.splitlines()[1:] == said.stdout.splitlines()[1:]
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="fse-a-securiser.csv"'


@pytest.mark.parametrize(("language", "separator", "amount"), [("en", ",", "156.20"), ("fr", ";", "156,20")])
def test_a_spreadsheet_of_the_language_reads_the_csv(
    client: TestClient, language: str, separator: str, amount: str
) -> None:
    raw = client.get(f"{ROOT}/1.csv", params={"language": language}).content
    head, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=separator)
    assert raw.startswith(codecs.BOM_UTF8)
    assert {len(each) for each in (head, *rows)} == {11}
    assert amount in {each[6] for each in rows}


def test_the_csv_has_owners_and_states_where_the_page_has_them(client: TestClient) -> None:
    heads = {chosen: _head(client, chosen)[9:] for chosen in ("1", "3")}
    assert heads == {"1": ["Owner", "State"], "3": []}


def test_hostile_names_are_only_text(bench: Bench, client: TestClient) -> None:
    hostile = "=<img src=x onerror=alert(1)>"
    with bench.surgery.open_ledger() as ledger:
        ledger.record_prepared(documents_of(make_invoice("190305033", recipient=hostile)))
    told = client.get(f"{ROOT}/1", params={"recipient": "<IMG"}).json()
    assert [each["recipient"] for each in told["documents"]] == [hostile]
    rows = list(csv.reader(io.StringIO(client.get(f"{ROOT}/1.csv?recipient=<img").text)))
    assert rows[1][4] == f"'{hostile}"


def test_a_ledger_that_fails_is_told_and_asked_anew(tmp_path: Path) -> None:
    book = tmp_path / "book.db"
    bench = Bench(demo_practice(), "e0", book)
    try:
        fill(bench.surgery)
        with new_client(bench) as client:
            assert len(numbers(client)) == 4
            aside = book.rename(tmp_path / "aside.db")
            for each in tmp_path.glob("book.db-*"):
                each.rename(tmp_path / each.name.replace("book", "aside"))
            book.write_bytes(b"no ledger at all" * 64)
            refused = client.get(f"{ROOT}/1")
            assert (refused.status_code, refused.json()["code"]) == (400, "not-a-ledger")
            aside.rename(book)
            for each in tmp_path.glob("aside.db-*"):
                each.rename(tmp_path / each.name.replace("aside", "book"))
            assert len(numbers(client)) == 4
    finally:
        bench.close()


def test_windows_put_together_are_the_list(bench: Bench, client: TestClient) -> None:
    with bench.surgery.open_ledger() as ledger:
        for at in range(60):
            ledger.record_prepared(documents_of(make_invoice(190_400_000 + at, total=100 * (at % 7 + 1))))
    every = numbers(client, "sort=total&limit=500")
    apart: list[Any] = []
    for start in range(0, len(every), 9):
        apart += numbers(client, f"sort=total&start={start}&limit=9")
    assert apart == every


def test_a_second_bench_on_the_same_ledger_sees_the_same(tmp_path: Path) -> None:
    book = tmp_path / "book.db"
    first, second = (Bench(demo_practice(), "e0", book) for _ in range(2))
    try:
        fill(first.surgery)
        with new_client(first) as mine, new_client(second) as theirs:
            assert numbers(mine) == numbers(theirs) != []
    finally:
        first.close()
        second.close()
