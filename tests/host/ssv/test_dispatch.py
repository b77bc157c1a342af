"""Calls carried out by the server's functions, on a reader in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

import tla_sim
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.frames import parse_answer
from tla_sim.host.ssv.functions import LIRE_DATE_LECTEUR
from tla_sim.host.ssv.server.dispatch import answer_call
from tla_sim.host.ssv.server.workstation import Workstation


def test_the_readers_date_has_twelve_digits(tmp_path: Path) -> None:
    with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
        work = Workstation(reader.client(), tmp_path / "ledger.db")
        answer = answer_call(work, LIRE_DATE_LECTEUR, {"reader": b"Log_SV"})
        code, values = parse_answer(LIRE_DATE_LECTEUR, answer)
    assert code == 0
    assert values["moment"].isdigit()
    assert len(values["moment"]) == 12


def test_an_unknown_resource_is_f101(tmp_path: Path) -> None:
    with tla_sim.SimulatedReader.in_memory(seed=1) as reader:
        work = Workstation(reader.client(), tmp_path / "ledger.db")
        with pytest.raises(CallRefused) as refused:
            answer_call(work, LIRE_DATE_LECTEUR, {"reader": b"Nobody"})
    assert refused.value.ssv == 0xF101
