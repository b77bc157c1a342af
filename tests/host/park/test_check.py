"""Judging readers: each of the things found in the field, in parallel, without writing to any of them."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from tests.reader_kit import Bench
from tla_sim.host.client import ReaderClient
from tla_sim.host.park.page import html_report
from tla_sim.host.park.park import check_park, shorten_wait
from tla_sim.host.park.rows import csv_report, facts
from tla_sim.host.park.update import update_reader
from tla_sim.host.park.verdict import Checked, Release, Standard, Verdict, duration
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.errors import NoAnswer, PortUnavailable, ReaderHeld, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.version import Version
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.software.profiles import (
    PROFILES,
    TLA_1_31,
    TLA_1_31_FIXED,
    TLA_1_39,
    TLA_1_40_ALTERED,
    TLA_1_40_SINGLE,
)
from tla_sim.reader_fw.app.software.profiles.factory import with_tables
from tla_sim.reader_fw.board.flash_log import FlashLog
from tla_sim.tools.cast.invoices import documents
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import MORNING, NURSE
from tla_sim.tools.simulator.releases import releases

STANDARD = Standard(releases())


class Field:
    """Readers by name, and what was sent to them."""

    def __init__(self, **readers: Bench | TlaError) -> None:
        self.readers = readers
        self.instructions: set[int] = set()

    @contextmanager
    def open(self, url: str) -> Iterator[ReaderClient]:
        """A client of the reader of this name, or its error."""
        reader = self.readers[url]
        if isinstance(reader, TlaError):
            raise reader
        port = reader.reader.attach(url)

        def exchange(_: Lad, apdu: bytes) -> bytes:
            self.instructions.add(apdu[1])
            return port.exchange(Lad.LOG_SV, apdu)

        try:
            yield ReaderClient(InProcessTransport(exchange), reader.entropy.take)
        finally:
            port.detach()

    def check(self, now: int = MORNING, standard: Standard = STANDARD) -> dict[str, Checked]:
        """All of them."""
        found = check_park(list(self.readers), self.open, standard, lambda: now)
        return {each.url: each for each in found}


def only(bench: Bench | TlaError, now: int = MORNING, standard: Standard = STANDARD) -> Checked:
    """One reader, checked."""
    return Field(reader=bench).check(now, standard)["reader"]


@pytest.mark.parametrize(
    ("profile", "verdict", "why"),
    [
        (TLA_1_40, Verdict.UP_TO_DATE, ""),
        (TLA_1_40_SINGLE, Verdict.SINGLE_OWNER_ONLY, "several owners"),
        (TLA_1_39, Verdict.SINGLE_OWNER_ONLY, "partial certification"),
        (TLA_1_31, Verdict.MUST_BE_UPDATED, "1.31"),
        (TLA_1_31_FIXED, Verdict.CANNOT_BE_UPDATED, "over the cable"),
        (TLA_1_40_ALTERED, Verdict.CHECKSUM_WRONG, "not the published 1.40"),
    ],
)
def test_every_version_has_its_verdict_and_its_reason(profile: Profile, verdict: Verdict, why: str) -> None:
    found = only(Bench(profile=profile))
    assert found.verdict is verdict
    assert why in found.leading.why
    assert bool(found.leading.action) is (verdict is not Verdict.UP_TO_DATE)


NEW_TABLES = with_tables(TLA_1_40, b"tables", "2026.1", date(2026, 3, 2))


def test_tables_that_came_by_themselves_are_remarked_and_are_no_alteration() -> None:
    bench = Bench()
    update_reader(bench.client(), NEW_TABLES)
    found = only(bench)
    assert found.verdict is Verdict.UP_TO_DATE
    (remark,) = found.findings
    assert "2026.1" in remark.why
    assert f"{NEW_TABLES.manifest.components[1].checksum:08X}" in remark.why


def test_a_standard_that_knows_the_tables_checks_their_checksum() -> None:
    standard = Standard((*releases(), Release.of(NEW_TABLES.manifest)))
    for image, verdict in (
        (NEW_TABLES, Verdict.UP_TO_DATE),
        (with_tables(TLA_1_40, b"tablEs", "2026.1", date(2026, 3, 2)), Verdict.CHECKSUM_WRONG),
    ):
        bench = Bench()
        update_reader(bench.client(), image)
        found = only(bench, standard=standard)
        assert found.verdict is verdict
        assert ["Tables" in each.why for each in found.findings] == [True] * (
            verdict is not Verdict.UP_TO_DATE
        )


def test_other_tables_of_a_published_version_are_wrong() -> None:
    bench = Bench()
    update_reader(bench.client(), with_tables(TLA_1_40, b"tables", "1.40", date(2026, 3, 2)))
    found = only(bench)
    assert found.verdict is Verdict.CHECKSUM_WRONG
    assert "Tables" in found.leading.why
    assert "Log_SV" not in found.leading.why


def test_altered_software_is_not_excused_by_new_tables() -> None:
    bench = Bench()
    update_reader(
        bench.client(), with_tables(replace(TLA_1_40, code_bytes=12_000), b"t", "9", date(2026, 3, 2))
    )
    found = only(bench)
    assert found.verdict is Verdict.CHECKSUM_WRONG
    assert "Log_SV" in found.leading.why
    assert "Tables" not in found.leading.why


def test_no_version_is_forgotten() -> None:
    for profile in PROFILES:
        assert only(Bench(profile=profile)).reading is not None


def test_an_opened_reader_cannot_be_updated_whatever_else_is_wrong() -> None:
    bench = Bench(profile=TLA_1_31)
    bench.reader.board.tamper.open_case()
    found = only(bench, MORNING + 3_600_000)
    assert found.verdict is Verdict.CANNOT_BE_UPDATED
    assert "opened" in found.leading.why
    assert "manufacturer" in found.leading.action
    assert {each.verdict for each in found.findings} >= {Verdict.CLOCK_WRONG, Verdict.MUST_BE_UPDATED}


@pytest.mark.parametrize(
    ("ahead", "wrong"), [(0, False), (299_000, False), (301_000, True), (-301_000, True)]
)
def test_a_clock_may_be_five_minutes_off(ahead: int, wrong: bool) -> None:
    found = only(Bench(), MORNING - ahead)
    assert (found.verdict is Verdict.CLOCK_WRONG) is wrong
    assert found.reading is not None
    assert found.reading.drift_ms == ahead


@pytest.mark.parametrize(
    ("drift", "text"),
    [
        (0, "on time"),
        (-5_000, "5 s behind"),
        (65_000, "1 min 05 s ahead"),
        (-7_500_000, "2 h 05 min behind"),
        (26 * 3_600_000, "1 day 2 h ahead"),
    ],
)
def test_a_drift_is_said_as_people_say_it(drift: int, text: str) -> None:
    assert duration(drift) == text


@pytest.mark.parametrize(
    ("error", "ssv"),
    [
        (NoAnswer("Mute", "Look"), 0x0400),
        (ReaderHeld("Held", "Wait"), 0x0004),
        (PortUnavailable("No"), 0x800C),
    ],
)
def test_an_unreachable_reader_keeps_its_ssv_code_and_next_step(error: TlaError, ssv: int) -> None:
    found = only(error)
    assert found.verdict is Verdict.UNREACHABLE
    assert (found.leading.ssv, found.leading.action) == (ssv, error.action)


def test_a_reader_held_by_another_program_is_unreachable_and_not_disturbed() -> None:
    bench = Bench()
    bench.insert_ps()
    other = bench.client()
    other.verify_code("1234")
    found = only(bench)
    assert (found.verdict, found.leading.ssv) == (Verdict.UNREACHABLE, 0x0004)
    assert other.identify().minor == 40


def test_battery_and_wear_are_remarked_and_do_not_change_the_verdict() -> None:
    bench = Bench()
    bench.reader.board.power.battery = 7
    found = only(bench)
    assert found.verdict is Verdict.UP_TO_DATE
    assert "7 %" in found.findings[0].why


def test_a_newer_version_than_known_is_not_called_wrong() -> None:
    found = only(Bench(profile=replace(TLA_1_40, name="1.50", version=Version(1, 50))))
    assert found.verdict is Verdict.UP_TO_DATE
    assert "newer" in found.findings[0].why


def test_nothing_is_written_to_a_reader() -> None:
    benches = {str(number): Bench(profile=profile) for number, profile in enumerate(PROFILES)}
    load(benches["4"].client(), documents(NURSE, 2))
    logs = []
    for bench in benches.values():
        bench.unplug()
        logs.append(FlashLog(bench.image))
        bench.reader.board.flash.hooks.append(logs[-1])
    before = [bytes(bench.image) for bench in benches.values()]
    field = Field(**benches)
    field.check()
    assert [len(log) for log in logs] == [0] * len(logs)
    assert [bytes(bench.image) for bench in benches.values()] == before
    changing = {command.ins for command in COMMANDS if command.changes}
    assert field.instructions
    assert not field.instructions & changing


def test_readers_are_read_in_parallel_and_each_once() -> None:
    together = threading.Barrier(4)

    @contextmanager
    def open_reader(_: str) -> Iterator[ReaderClient]:
        together.wait(10)
        raise NoAnswer("Mute")
        yield  # pragma: no cover

    urls = ["a", "b", "c", "d", "a"]
    found = list(check_park(urls, open_reader, STANDARD, lambda: 0))
    assert sorted(each.url for each in found) == ["a", "b", "c", "d"]


def test_an_empty_park_is_checked_at_once() -> None:
    assert list(check_park([], Field().open, STANDARD, lambda: 0)) == []


def test_a_silent_line_is_waited_for_no_longer_than_needed() -> None:
    assert shorten_wait("serial:/dev/ttyS0?baud=9600") == "serial:/dev/ttyS0?baud=9600&wait=3"
    assert shorten_wait("socket://host:1") == "socket://host:1?wait=3"
    assert shorten_wait("socket://host:1?wait=9") == "socket://host:1?wait=9"
    assert shorten_wait("pcsc:TLA") == "pcsc:TLA"


def park() -> list[Checked]:
    """A park with something of everything, and a name that tries to be more than a name."""
    field = Field(
        good=Bench(),
        old=Bench(profile=TLA_1_31, seed=2),
        mute=NoAnswer("The reader <b>does not</b> answer", "=cmd|'/C calc'!A0"),
    )
    return list(field.check().values())


def test_the_csv_report_opens_in_a_spreadsheet_as_text() -> None:
    rows = list(csv.reader(io.StringIO(csv_report(park(), str)), delimiter=";"))
    assert len(rows) == 4
    assert {len(row) for row in rows} == {len(rows[0])}
    by_reader = {row[0]: row for row in rows}
    assert by_reader["old"][2] == "must be updated"
    assert by_reader["mute"][4].startswith("'=cmd")
    assert by_reader["mute"][5] == "SSV 0400"
    written = {cell for row in rows[1:] for cell in row if cell}
    numbers = {cell for cell in written if cell.isdigit()}
    assert {"0", "1", "100", "2000"} <= numbers
    for text in written - numbers:
        assert not re.match(r"[=+\-@]|[\d.,/]+$", text), "neither a formula nor like a number or date"


@pytest.mark.parametrize(
    "serial", ["=1+1", "-2", "@SUM(A1)", "+33", " =1", "0400", "1.40", "3/12", "1E5", "2026-01-02"]
)
def test_what_a_reader_says_of_itself_is_a_text_to_a_spreadsheet(serial: str) -> None:
    found = only(Bench())
    assert found.reading is not None
    odd = replace(found, reading=replace(found.reading, serial_number=serial))
    row = list(csv.reader(io.StringIO(csv_report([odd], str)), delimiter=";"))[1]
    assert row[1] == f"'{serial}"


def test_a_name_cannot_turn_the_text_around_it() -> None:
    found = only(Bench())
    assert found.reading is not None
    odd = replace(found, reading=replace(found.reading, serial_number="TLA\u202e1\n2"))
    assert "TLA\ufffd1\ufffd2" in csv_report([odd], str)
    assert "TLA\ufffd1\ufffd2" in html_report([odd], "x", STANDARD, str, "en")


def test_a_command_to_type_is_set_apart() -> None:
    def worded(text: str) -> str:
        return text.replace("Update it", "Update it: tla update IMAGE --reader old")

    page = html_report(park(), "x", STANDARD, worded, "en")
    assert "<code>tla update IMAGE --reader old</code>" in page


def test_the_html_report_says_every_reader_and_escapes_what_they_say() -> None:
    page = html_report(park(), "23/11/2026, 08:00", STANDARD, str, "en")
    assert "<b>does not</b>" not in page
    for text in (
        "must be updated",
        "up to date",
        "unreachable",
        "SSV 0400",
        "23/11/2026, 08:00",
        "version 1.40",
        "5 min",
    ):
        assert text in page
    opened: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
            if tag not in ("meta",):
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Checker().feed(page)
    assert opened == []
    assert "http" not in page, "nothing beside the page is needed"


def test_the_report_is_translated_sentence_by_sentence() -> None:
    page = html_report(park(), "x", STANDARD, lambda text: f"[{text}]", "fr")
    assert "[must be updated]" in page
    assert '<html lang="fr">' in page


def test_facts_are_json_ready() -> None:
    found = {each["reader"]: each for each in json.loads(json.dumps([facts(each) for each in park()]))}
    assert found["mute"]["identification"] is None
    assert found["old"]["identification"]["version"] == "1.31"
    assert found["old"]["findings"][0]["verdict"] == "must_be_updated"
