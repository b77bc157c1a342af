"""The round as a library: the same for the same seed, on any link, with the power off at every pause."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reader_kit import SMALL_FLASH
from tla_sim.host.ledger.ledger import LedgerState
from tla_sim.host.transport import Transport
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.verification import verify_fse
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.demo.round import Plug, Round, Step
from tla_sim.tools.simulator.in_process import in_process
from tla_sim.tools.simulator.live_reader import LiveReader

SENT = {
    "190305028": InvoiceState.COMPLETE,
    "190221022": InvoiceState.COMPLETE,
    "190221023": InvoiceState.COMPLETE,
    "190220006": InvoiceState.COMPLETE,
    "190305101": InvoiceState.FINAL,
    "190305102": InvoiceState.FINAL,
    "190305103": InvoiceState.FINAL,
    "190301201": InvoiceState.FINAL,
    "190301202": InvoiceState.FINAL,
}


def over_a_cable(reader: Reader) -> Transport:
    """T=1 at 9600 baud in virtual time."""
    live = LiveReader(reader)
    line = live.transport("serial", 9600)

    def pull_out() -> None:
        line.close()
        live.unplug()

    return InProcessTransport(lambda lad, apdu: line.transmit(apdu, lad), on_close=pull_out)


def play(
    directory: Path, seed: int = 1, *, plug: Plug = in_process, power_cycles: bool = False
) -> list[Step]:
    """A whole round with the shipped practice, its files in `directory`."""
    directory.mkdir()
    practice = demo_practice()
    with Round(
        practice, directory, seed, plug=plug, flash_bytes=SMALL_FLASH, power_cycles=power_cycles
    ) as game:
        return list(game.steps())


def outbox(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((directory / "out").iterdir())}


@pytest.mark.parametrize("plug", [in_process, over_a_cable])
@pytest.mark.parametrize("power_cycles", [False, True])
def test_everyone_with_rights_is_certified_signed_and_transmitted(
    tmp_path: Path, plug: Plug, power_cycles: bool
) -> None:
    play(tmp_path / "a", plug=plug, power_cycles=power_cycles)
    anchors = TrustAnchors.shipped()
    left = [verify_fse(Document(raw), anchors) for raw in outbox(tmp_path / "a").values()]
    assert {each.invoice.number: each.state for each in left} == SENT
    counters = [block.context.counter for each in left for block in each.fse.blocks]
    assert len(set(counters)) == len(counters)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    steps = [play(tmp_path / name, seed) for name, seed in (("a", 3), ("b", 3), ("c", 4))]
    assert steps[0] == steps[1] != steps[2]
    assert outbox(tmp_path / "a") == outbox(tmp_path / "b") != outbox(tmp_path / "c")


def test_the_steps_tell_the_wrong_code_and_what_the_screen_showed(tmp_path: Path) -> None:
    steps = play(tmp_path / "a")
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == ["push", "visit", "pull", "sign", "transmit"]
    screens = [" ".join(" ".join(step.screen).split()) for step in steps]
    assert sum("CODE PORTEUR FAUX RESTE 2 ESSAIS" in screen for screen in screens) == 1
    assert sum("FACTURES SIGNEES" in screen for screen in screens) == 2
    moments = [step.moment for step in steps]
    assert moments == sorted(moments)
    assert "4321" not in repr(steps)
    assert "1234" not in repr(steps)


def test_a_patient_without_rights_is_refused_on_the_screen_and_stays_loaded(tmp_path: Path) -> None:
    practice = demo_practice()
    rose = next(patient for patient in practice.patients if patient.id == "lantier")
    with Round(practice, tmp_path, 1, flash_bytes=SMALL_FLASH) as game:
        list(game.push())
        shown = " ".join(" ".join(step.screen) for step in game.visit(rose))
        list(game.pull())
        states = {line.number: line.state for line in game.ledger.documents()}
    assert "DROITS NON OUVERTS" in shown.upper()
    assert states["190304017"] is LedgerState.LOADED
