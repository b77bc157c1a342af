"""Numbers that restart each year: another invoice under a taken number is refused, and how to go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.tools.cli.command_line import tla
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.host.practice.file import load_practice
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.transport import in_process
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

CASES = Path(__file__).parents[2] / "cases"
FIRST, SECOND = CASES / "number-reuse-2019.json", CASES / "number-reuse-2020.json"
OWNER, NUMBER, NEW = "75629690", "000000001", "200000001"
BOTH = (
    "FSE 000000001 of 75629690 has other content in the practice file (29/02/2020, D'ALMEIDA Zoé, 25,20 €)"
    " than in the ledger (05/03/2019, D'ALMEIDA Zoé, 12,60 €), where it is "
)


class Surgery:
    """A reader with the people of the practice, and a ledger."""

    def __init__(self, reader: SimulatedReader, directory: Path) -> None:
        self.reader = reader
        self.ledger = directory / "ledger.db"
        self.directory = directory
        self.plug()

    def plug(self) -> None:
        transport = self.reader.transport()
        in_process.withdraw("reuse")
        in_process.offer("reuse", lambda lad, apdu: transport.transmit(apdu, lad))

    def tla(self, *arguments: str | Path) -> Result:
        environment = {"TLA_READER": "memory:reuse", "TLA_LEDGER": str(self.ledger)}
        return tla(*arguments, code=self.reader.code, **environment)

    def done(self, *arguments: str | Path) -> Result:
        result = self.tla(*arguments)
        assert result.exit_code == 0, result.stderr
        return result

    def visit(self) -> None:
        """Off the cable, with the nurse's card and the patient's."""
        self.reader.unplug()
        self.reader.insert_ps("PIQURE2969")
        self.reader.insert_vitale("D'ALMEIDA")
        self.reader.press("VAL", self.reader.code, "VAL")
        self.plug()

    def cancel(self) -> None:
        """Give the invoice up on the reader."""
        self.reader.unplug()
        self.reader.insert_ps("PIQURE2969")
        self.reader.insert_vitale("D'ALMEIDA")
        self.reader.press("DOWN", "MENU", "MENU", "VAL")
        self.plug()

    def lines(self) -> list[tuple[str, int, LedgerState]]:
        with Ledger.open(self.ledger) as ledger:
            return [(each.number, each.total, each.state) for each in ledger.documents()]


@pytest.fixture
def surgery(tmp_path: Path) -> Iterator[Surgery]:
    with SimulatedReader.in_memory(load_practice(FIRST), seed=1) as reader:
        yield Surgery(reader, tmp_path)
        in_process.withdraw("reuse")


def prepared(surgery: Surgery) -> None:
    surgery.done("invoice", "degrade", NUMBER, "--practice", FIRST)


def loaded(surgery: Surgery) -> None:
    surgery.done("push", FIRST)


def signed_on_the_reader(surgery: Surgery) -> None:
    loaded(surgery)
    surgery.visit()


def certified(surgery: Surgery) -> None:
    signed_on_the_reader(surgery)
    surgery.done("pull")


def transmitted(surgery: Surgery) -> None:
    certified(surgery)
    surgery.done("transmit", "--out", surgery.directory / "outbox")


def certified_at_the_desk(surgery: Surgery) -> None:
    surgery.reader.insert_ps("PIQURE2969")
    surgery.reader.insert_vitale("D'ALMEIDA")
    surgery.done("certify", "--invoice", NUMBER, "--practice", FIRST)


def degraded_and_certified(surgery: Surgery) -> None:
    prepared(surgery)
    certified_at_the_desk(surgery)


def rejected(surgery: Surgery) -> None:
    certified(surgery)
    surgery.done("lot", "make")
    outbox = surgery.directory / "outbox"
    surgery.done("send", "--out", outbox)
    (file,) = outbox.glob("tla-*.zip")
    answer = surgery.directory / "arl.json"
    surgery.done("arl", "make", file, "--out", answer, "--reject", NUMBER, "--reason", "NIR")
    surgery.done("arl", "read", answer)


def rectified(surgery: Surgery) -> None:
    rejected(surgery)
    surgery.done("invoice", "rectify", NUMBER, "--as", "190000002", "--date", "2019-03-12")


def erased(surgery: Surgery) -> None:
    loaded(surgery)
    surgery.reader.insert_ps("PIQURE2969")
    surgery.done("erase", "--owner", OWNER)


def cancelled(surgery: Surgery) -> None:
    loaded(surgery)
    surgery.cancel()
    surgery.done("pull")


STAGES: dict[LedgerState, list[Callable[[Surgery], None]]] = {
    LedgerState.PREPARED: [prepared, erased],
    LedgerState.LOADED: [loaded, signed_on_the_reader],
    LedgerState.COMPLETE: [certified, certified_at_the_desk, degraded_and_certified],
    LedgerState.CANCELLED: [cancelled],
    LedgerState.TRANSMITTED: [transmitted, rejected, rectified],
}


@pytest.mark.share(3)
@pytest.mark.parametrize(
    ("state", "stage"),
    [(state, stage) for state, stages in STAGES.items() for stage in stages],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_another_years_invoice_is_refused_by_every_verb_at_every_stage(
    surgery: Surgery, state: LedgerState, stage: Callable[[Surgery], None]
) -> None:
    stage(surgery)
    before = surgery.lines()
    assert (NUMBER, 1_260, state) in before
    surgery.reader.insert_ps("PIQURE2969")
    for arguments in (
        ("push", SECOND),
        ("push", SECOND, "--owner", OWNER),
        ("certify", "--invoice", NUMBER, "--practice", SECOND),
        ("invoice", "degrade", NUMBER, "--practice", SECOND),
        ("invoice", "degrade", NUMBER, "--load", "--practice", SECOND),
        ("invoice", "secure", NUMBER, "--practice", SECOND),
        ("invoice", "show", NUMBER, "--practice", SECOND),
    ):
        result = surgery.tla(*arguments)
        assert result.exit_code == 1, (arguments, result.stdout, result.stderr)
        assert BOTH + state.name in result.stderr
        assert f"such as {NEW}; for a file whose numbers restart each year" in result.stderr
        assert surgery.lines() == before


def test_the_message_is_french_where_the_person_is(surgery: Surgery) -> None:
    transmitted(surgery)
    result = surgery.tla("--lang", "fr", "push", SECOND)
    assert result.exit_code == 1
    assert "25,20 €" in result.stderr
    assert "12,60 €" in result.stderr
    assert "has other content" not in result.stderr
    assert "Give it" not in result.stderr


def test_a_practice_whose_numbers_begin_anew_goes_on_with_the_year_in_front(surgery: Surgery) -> None:
    transmitted(surgery)
    out = surgery.directory / "2020.json"
    result = surgery.done("practice", "renumber", SECOND, "--out", out)
    assert NEW in result.stdout
    assert "1 invoice with a new number" in result.stdout
    surgery.done("push", out)
    assert surgery.lines() == [
        (NUMBER, 1_260, LedgerState.TRANSMITTED),
        (NEW, 2_520, LedgerState.LOADED),
    ]
    again = surgery.directory / "again.json"
    found = surgery.done("practice", "renumber", SECOND, "--out", again, "--json")
    assert [each["new"] for each in json.loads(found.stdout)] == [NEW]
    assert again.read_bytes() == out.read_bytes()
    assert json.loads(surgery.done("push", again, "--json").stdout)[0]["already"] == 1
    before = surgery.tla("push", SECOND)
    assert before.exit_code == 1
    assert f"{NEW} is in the ledger already; if it is this invoice, push the file that" in before.stderr
    assert "such as" not in before.stderr
    taken = surgery.tla("practice", "renumber", SECOND, "--out", FIRST)
    assert taken.exit_code == 2
    assert "already exists" in taken.stderr
    kept = surgery.done("practice", "renumber", FIRST, "--out", surgery.directory / "kept.json")
    assert "Every invoice keeps its number" in kept.stdout
    assert load_practice(surgery.directory / "kept.json") == load_practice(FIRST)


def many(path: Path, year: int, count: int) -> Path:
    """A year's invoices, numbered from 000000001."""
    tree: dict[str, Any] = json.loads(SECOND.read_text())
    (invoice,) = tree["invoices"]
    tree["invoices"] = [
        invoice
        | {"number": f"{number:09}", "date": f"{year}-03-01"}
        | {"acts": [invoice["acts"][0] | {"date": f"{year}-02-28"}]}
        for number in range(1, count + 1)
    ]
    path.write_text(json.dumps(tree))
    return path


@pytest.mark.soak
def test_a_thousand_invoices_of_a_new_year_take_one_command(surgery: Surgery) -> None:
    for year, prefix in ((2020, "00"), (2021, "21"), (2022, "22")):
        file = many(surgery.directory / f"{year}.json", year, 1_000)
        out = surgery.directory / f"{year}-numbered.json"
        with Ledger.open(surgery.ledger):
            pass
        surgery.done("practice", "renumber", file, "--out", out)
        practice = load_practice(out)
        assert [each.number for each in practice.invoices] == [
            f"{prefix}{number:07}" for number in range(1, 1_001)
        ]
        with Ledger.open(surgery.ledger) as ledger:
            ledger.record_prepared(outgoing(prepared_invoices(practice)))
    assert len(surgery.lines()) == 3_000


def test_a_correction_of_what_was_erased_is_loaded_as_ever(surgery: Surgery) -> None:
    erased(surgery)
    tree = json.loads(FIRST.read_text())
    (invoice,) = tree["invoices"]
    invoice["acts"][0]["amount"] = invoice["totals"]["total"] = invoice["totals"]["fund"] = "13.00"
    corrected = surgery.directory / "corrected.json"
    corrected.write_text(json.dumps(tree))
    surgery.done("push", corrected)
    assert surgery.lines() == [(NUMBER, 1_300, LedgerState.LOADED)]


def test_a_degraded_invoice_that_waits_is_not_passed_over_when_the_file_has_it_otherwise(
    surgery: Surgery,
) -> None:
    prepared(surgery)
    tree = json.loads(FIRST.read_text())
    (invoice,) = tree["invoices"]
    invoice["acts"][0]["amount"] = invoice["totals"]["total"] = invoice["totals"]["fund"] = "13.00"
    other = surgery.directory / "other.json"
    other.write_text(json.dumps(tree))
    result = surgery.tla("push", other)
    assert result.exit_code == 1
    assert "12,60" in result.stderr
    assert "13,00" in result.stderr
    assert f"Bill it again: tla invoice degrade {NUMBER}" in result.stderr
    surgery.done("invoice", "degrade", NUMBER, "--practice", other)
    assert "to be signed at the desk" in surgery.tla("push", other).stderr
    assert surgery.lines() == [(NUMBER, 1_300, LedgerState.PREPARED)]


def test_a_year_in_front_that_names_another_invoice_is_refused(surgery: Surgery) -> None:
    transmitted(surgery)
    tree = json.loads(SECOND.read_text())
    (invoice,) = tree["invoices"]
    tree["invoices"].append(invoice | {"number": NEW})
    both = surgery.directory / "both.json"
    both.write_text(json.dumps(tree))
    out = surgery.directory / "out.json"
    result = surgery.tla("practice", "renumber", both, "--out", out)
    assert result.exit_code == 2
    assert f"would become {NEW}, which names another invoice" in result.stderr
    assert not out.exists()
