"""Traces as the fuzzer writes them: no bytes break reading, decoding, converting or comparing."""

from __future__ import annotations

import pytest

from tla_sim.protocol.errors import TlaError
from tla_sim.tools.capture import reading
from tla_sim.tools.fuzz.chance import SeededChance, pick
from tla_sim.tools.fuzz.mutation import mutated
from tla_sim.tools.fuzz.targets import trace_files
from tla_sim.tools.fuzz.targets.file_kind import FileKind
from tla_sim.tools.judge.violation import Violation

KINDS = {"trace": trace_files.RECORDS, "pcapng": trace_files.PCAPNG}


def judge(kind: FileKind, raw: bytes) -> None:
    """Read a file as the target does; a refusal is right as long as no oracle objects."""
    try:
        kind.read(raw)
    except Violation:
        raise
    except TlaError:
        return


@pytest.mark.parametrize("name", KINDS)
def test_good_files_are_read_without_refusal(name: str) -> None:
    for raw in KINDS[name].good():
        KINDS[name].read(raw)


@pytest.mark.parametrize("name", KINDS)
def test_whatever_is_written_is_read_or_refused(name: str) -> None:
    kind = KINDS[name]
    assert kind.tweaked is not None
    for seed in range(60):
        chance = SeededChance(f"{name} {seed}")
        raw = kind.tweaked(chance) if chance.below(3) else pick(chance, kind.good())
        judge(kind, mutated(raw, chance) if chance.below(2) else raw)


def test_the_oracle_sees_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "blank_code", lambda _lad, command: command)
    with pytest.raises(Violation, match="code stands"):
        trace_files.PCAPNG.read(trace_files.PCAPNG.good()[1])
