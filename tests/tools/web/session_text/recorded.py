"""Sessions to be told as text, played on readers in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.round.push import push_owner
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.rules import Rule

NURSE = "75629690"
CODE = "1234"


@contextmanager
def made(seed: int = 7, profile: str = "1.40") -> Iterator[ReaderControl]:
    """Make a reader."""
    control = ReaderControl.in_memory(demo_practice(), seed=seed, profile=profile)
    try:
        yield control
    finally:
        control.close()


def client_of(control: ReaderControl) -> ReaderClient:
    """Return a client at the cable of a control."""
    return ReaderClient(InProcessTransport(control.transmit), control.reader.board.entropy.take)


def play_round(control: ReaderControl, folder: Path) -> None:
    """Load, visit with a wrong code first, come back, and be asked for the code in both ways."""
    practice = demo_practice()
    control.cable(True)
    with Ledger.open(folder / "ledger.db") as ledger:
        push_owner(client_of(control), ledger, NURSE, outgoing(prepared_invoices(practice, NURSE)))
    control.cable(False)
    control.insert(Slot.VITALE, "MARTIN")
    control.insert(Slot.PS, "PIQURE2969")
    control.press("VAL")
    for digit in "9999":
        control.press(digit)
        control.advance(700)
    control.press("VAL", "VAL")
    control.press("12", "COR", "234", "VAL")
    control.advance(61_000)
    control.press("VAL")
    control.remove(Slot.VITALE)
    control.cable(True)
    client = client_of(control)
    client.verify_code(CODE)
    client.list_documents()
    control.remove(Slot.PS)
    control.insert(Slot.PS, "TOUBIB")
    control.add_rule(Rule(Condition(text="CODE PORTEUR"), keys=(CODE, "VAL"), once=True))
    client_of(control).verify_code_at_reader()
    control.cable(False)
    control.battery(5)
    control.inject("flash.cut@3")
    control.power(False)
    control.power(True)
