"""What programs do with a simulated reader, wherever it lives: rules, waits, faults, going back."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path

import pytest

import tla_sim
from tests.tools.simulator.test_simulated_reader import any_reader, made
from tla_sim.protocol.errors import StatusError
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.body import ElsewhereOnly, UnknownKey
from tla_sim.tools.simulator.control.condition import BadCondition
from tla_sim.tools.simulator.control.rules import BadRule, UnknownRule
from tla_sim.tools.simulator.control.snapshots import BadSnapshotName, UnknownSnapshot
from tla_sim.tools.simulator.control.waits import WaitTimedOut
from tla_sim.tools.simulator.history.snapshot_file import NotASnapshot
from tla_sim.tools.simulator.simulated_reader import SimulatedReader

__all__ = ["any_reader"]

NURSE, PATIENT = "PIQURE2969", "MARTIN"
METHODS = sorted(
    name
    for name, member in inspect.getmembers(SimulatedReader)
    if not name.startswith("_") and ">>> " in (inspect.getdoc(member) or "")
)


@pytest.mark.parametrize("name", METHODS)
def test_every_example_of_a_method_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SimulatedReader.in_memory() as reader:
        text = inspect.getdoc(getattr(SimulatedReader, name)) or ""
        scene = {"tla_sim": tla_sim, "reader": reader}
        example = doctest.DocTestParser().get_doctest(text, scene, name, None, None)
        told: list[str] = []
        runner = doctest.DocTestRunner()
        runner.run(example, out=told.append)
        assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_there_are_examples() -> None:
    assert {"add_rule", "wait_for", "rewind", "save", "write_snapshot", "trace"} <= set(METHODS)


def test_a_rule_types_the_code_everywhere(any_reader: SimulatedReader) -> None:
    any_reader.insert_ps(NURSE)
    added = any_reader.add_rule("CODE PORTEUR", keys=[any_reader.code, "VAL"])
    assert not added.matched
    client = any_reader.client()
    for _ in range(2):
        assert client.verify_code_at_reader().verified
    any_reader.remove_rule(added.number)
    with pytest.raises(UnknownRule):
        any_reader.remove_rule(added.number)


def test_a_rule_acts_at_once_and_once(any_reader: SimulatedReader) -> None:
    any_reader.unplug()
    any_reader.insert_vitale(PATIENT)
    any_reader.wait_for("MARTIN PAUL")
    assert any_reader.add_rule("martin paul", keys=["VAL"], remove=[Slot.VITALE], once=True).matched
    any_reader.wait_for(regexp="^TLA 1.40")
    any_reader.insert_vitale(PATIENT)
    assert any_reader.wait_for("MARTIN PAUL")[0] == "MARTIN PAUL"


def test_waiting_ends_with_what_was_waited_for_or_says_what_there_is(any_reader: SimulatedReader) -> None:
    any_reader.unplug()
    assert any_reader.wait_for(no_text="MARTIN")[0].startswith("TLA 1.40")
    with pytest.raises(WaitTimedOut, match="'MARTIN' did not come within 10 ms; the screen shows TLA"):
        any_reader.wait_for("MARTIN", timeout_ms=10)
    with pytest.raises(BadCondition):
        any_reader.wait_for()
    with pytest.raises(BadRule):
        any_reader.add_rule("MARTIN")
    with pytest.raises(UnknownKey):
        any_reader.add_rule("MARTIN", keys=["F1"])


def test_a_moment_is_kept_and_gone_to_everywhere(any_reader: SimulatedReader, tmp_path: Path) -> None:
    client = any_reader.client()
    any_reader.insert_ps(NURSE)
    any_reader.save("a first one")
    for _ in range(2):
        with pytest.raises(StatusError) as wrong:
            client.verify_code("4321")
        assert "2" in str(wrong.value)
        any_reader.restore("a first one")
        client = any_reader.client()
    assert "a first one" in any_reader.snapshots
    file = tmp_path / "there.snapshot"
    any_reader.write_snapshot("a first one", file)
    assert file.stat().st_mode & 0o777 == 0o600
    any_reader.forget("a first one")
    with pytest.raises(UnknownSnapshot):
        any_reader.restore("a first one")
    name = any_reader.read_snapshot(file)
    any_reader.restore(name)
    assert any_reader.client().verify_code(any_reader.code).verified
    with pytest.raises(BadSnapshotName):
        any_reader.save("../x")
    (tmp_path / "no.snapshot").write_bytes(b"nothing")
    with pytest.raises(NotASnapshot):
        any_reader.read_snapshot(tmp_path / "no.snapshot")


def test_what_a_served_reader_cannot_do_says_so(tmp_path: Path) -> None:
    with made("served", tmp_path) as reader:
        for act in (
            reader.trace,
            reader.timeline,
            lambda: reader.control,
            lambda: reader.rewind(revision=1),
            lambda: reader.inject("reader.reset@0"),
            lambda: reader.wait_for(exchange="any"),
            lambda: reader.add_rule("MARTIN", fault="reader.reset@0"),
            lambda: reader.set_battery(7),
            reader.open_case,
        ):
            with pytest.raises(ElsewhereOnly) as elsewhere:
                act()
            assert elsewhere.value.action


def test_a_reader_in_memory_is_set_and_looked_back_on() -> None:
    with SimulatedReader.in_memory() as reader:
        reader.set_battery(7)
        reader.open_case()
        client = reader.client()
        assert client.diagnostics().battery == 7
        assert [exchange.link for exchange in reader.trace()] == ["in process"]
        assert reader.timeline()[-1].lines[0].startswith("ATTENTE ORDRE")
