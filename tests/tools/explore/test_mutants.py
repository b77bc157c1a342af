"""Broken firmware, cards and hosts that the explorer must catch: each breaks one promise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tla_sim.host.round.pull import _Pull
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document import Document
from tla_sim.reader_fw.app.handlers import loading as load_commands
from tla_sim.reader_fw.app.store.record_log import RecordLog
from tla_sim.reader_fw.app.store.records import Op
from tla_sim.reader_fw.app.store.sealing import RecordDamaged, Sealer
from tla_sim.reader_fw.app.store.segment_log import Place
from tla_sim.reader_fw.app.store.vault import Vault
from tla_sim.reader_fw.board import block_device
from tla_sim.reader_fw.board.flash import PAGE_SIZE
from tla_sim.reader_fw.board.page_code import DATA_SIZE, Decoded
from tla_sim.reader_fw.cards.code_porteur import CodePorteur
from tla_sim.tools.explore import explorations
from tla_sim.tools.explore.explorations import EXPLORATIONS, POINT, Part
from tla_sim.tools.explore.plan_run import run_plan
from tla_sim.tools.faults.plan import FaultPlan


@pytest.fixture(autouse=True)
def _own_recordings() -> Iterator[None]:
    """What a mutant recorded is of no use to anybody else."""

    def clear() -> None:
        explorations.recording.cache_clear()
        explorations._flash.cache_clear()

    clear()
    yield
    clear()


def caught(name: str, numbers: Sequence[int]) -> list[tuple[str, str]]:
    """What an exploration finds at these points."""
    part = Part(name)
    EXPLORATIONS[name].explore(part, numbers)
    return part.violations


def replays(violations: list[tuple[str, str]]) -> bool:
    """Whether the plan printed with the first violation shows one again."""
    return bool(run_plan(FaultPlan.parse(violations[0][1])).violation)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that acknowledges before its ledger is written."""

    def take(self: _Pull, documents: Sequence[Document]) -> None:
        entries = [self._entry(document) for document in documents]
        self._client.acknowledge_last(entry.fingerprint for entry in entries)
        self._keep(entries, documents)

    monkeypatch.setattr(_Pull, "take", take)


@pytest.mark.usefixtures("hasty")
def test_a_host_that_acknowledges_before_its_ledger_is_written() -> None:
    violations = caught("ledger", range(190, 300, 8))
    assert any("is lost" in problem for problem, _ in violations)
    assert replays(violations)


@pytest.mark.soak
@pytest.mark.usefixtures("hasty")
def test_what_a_cut_cable_shows_in_a_stage_is_shown_again_by_its_point() -> None:
    last = EXPLORATIONS["pull cuts"].points()
    found = next(found for number in range(last - 1, 0, -2) if (found := caught("pull cuts", [number])))
    problem, shown = found[0]
    assert "line.unplug@" in problem, "the plan is told with it"
    assert caught("pull cuts", [int(shown.removeprefix(POINT))]) == found


@pytest.mark.usefixtures("hasty")
def test_what_a_pair_of_faults_shows_is_shown_again_by_its_plan() -> None:
    found = next(found for number in range(40, 440) if (found := caught("pairs", [number])))
    assert replays(found)


def test_a_reader_that_answers_a_commit_before_the_flash_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    write = RecordLog.write

    def lazy(self: RecordLog, writes: Any) -> None:
        if writes[0][0].op is Op.COMMIT:
            for action, _ in writes:
                self.index.apply(action, Place(self._log.newest or 0, 0))
        else:
            write(self, writes)

    monkeypatch.setattr(RecordLog, "write", lazy)
    violations = caught("flash", range(15, 45))
    assert violations
    assert replays(violations)


def test_a_signature_counter_in_ram(monkeypatch: pytest.MonkeyPatch) -> None:
    def next_counter(self: Vault) -> int:
        self._counter += 1
        return self._counter

    monkeypatch.setattr(Vault, "next_counter", next_counter)
    violations = caught("flash", range(40, 60))
    assert any("counter" in problem.lower() for problem, _ in violations)
    assert replays(violations)


def test_a_card_without_a_retry_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def present(self: CodePorteur, block: bytes) -> int:
        if self._matches(block, self._state.salt, self._state.digest):
            return Status.OK
        return Status.CODE_WRONG | 2

    monkeypatch.setattr(CodePorteur, "_present", present)
    assert caught("guesses", [0])


def test_a_card_that_counts_a_try_only_after_comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    def present(self: CodePorteur, block: bytes) -> int:
        left = self._state.tries_left
        if left == 0:
            return Status.CODE_BLOCKED
        if self._matches(block, self._state.salt, self._state.digest):
            return Status.OK
        CodePorteur.told = getattr(CodePorteur, "told", 0) + 1  # type: ignore[attr-defined]
        self._store(type(self._state)(**{**vars(self._state), "tries_left": left - 1}))
        return Status.CODE_WRONG | (left - 1)

    monkeypatch.setattr(CodePorteur, "_present", present)
    monkeypatch.setattr(CodePorteur, "told", 0, raising=False)
    caught("guesses", [1])
    assert CodePorteur.told > 3, "a cut before the write gives a free try"  # type: ignore[attr-defined]


@pytest.mark.soak
def test_records_that_nothing_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Sealer.open

    def unchecked(self: Sealer, sealed: bytes, place: bytes, record: str) -> bytes:
        try:
            return sound(self, sealed, place, record)
        except RecordDamaged:
            return bytes(len(sealed) - 28)

    def uncorrected(raw: bytes) -> Decoded:
        pages = (raw[at : at + DATA_SIZE] for at in range(0, len(raw), PAGE_SIZE))
        return Decoded(b"".join(pages), 0, 0)

    monkeypatch.setattr(block_device, "decode", uncorrected)
    numbers = [number * 999_983 for number in range(600)]
    explorations.recording()
    silent = [problem for problem, _ in caught("rot", numbers)]
    assert not any("silently" in problem for problem in silent), "each record carries its own check"
    monkeypatch.setattr(Sealer, "open", unchecked)
    found = next(each for each in caught("rot", numbers) if "silently" in each[0])
    assert caught("rot", [int(found[1].removeprefix(POINT))]) == [found]


@pytest.mark.soak
def test_a_reader_that_trusts_the_checksum_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Anything(bytes):
        def __eq__(self, other: object) -> bool:
            return True

        def __ne__(self, other: object) -> bool:
            return False

        __hash__ = bytes.__hash__

    monkeypatch.setattr(load_commands, "batch_digest", lambda _: Anything())
    violations = caught("forged", range(10, 60))
    assert any("not what was pushed" in problem or "other content" in problem for problem, _ in violations)
    assert replays(violations)
