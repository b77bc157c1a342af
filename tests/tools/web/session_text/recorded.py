"""Sessions to be told as text, played on readers in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import outgoing
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.practice.invoices import prepared_invoices
from tla_sim.host.round.push import push_owner
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import StatusError
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast import demo_practice
from tla_sim.tools.cast.images import ps_image
from tla_sim.tools.cast.people import LEA, MORNING
from tla_sim.tools.cast.tray import CardTray
from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.rules import Rule
from tla_sim.tools.web.session_text.start import session_start
from tla_sim.tools.web.session_text.text import read_session

NURSE = "75629690"
CODE = "1234"


VERIFY_AT_KEYPAD: Final = bytes.fromhex("8024000003000000")


def new(seed: int = 7, profile: str = "1.40") -> ReaderControl:
    """A reader in memory."""
    return ReaderControl.in_memory(demo_practice(), seed=seed, profile=profile)


@contextmanager
def made(seed: int = 7, profile: str = "1.40") -> Iterator[ReaderControl]:
    """Make a reader."""
    with closing(new(seed, profile)) as control:
        yield control


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


def _loaded(control: ReaderControl, folder: Path) -> None:
    practice = demo_practice()
    control.cable(True)
    with Ledger.open(folder / "ledger.db") as ledger:
        push_owner(client_of(control), ledger, NURSE, outgoing(prepared_invoices(practice, NURSE)))
    control.cable(False)


def _certify(control: ReaderControl) -> None:
    control.insert(Slot.PS, "PIQURE2969")
    control.press("VAL")
    control.press("9999", "VAL", "VAL")
    control.press(CODE, "VAL")
    control.advance(1_000)


def _rewound(folder: Path) -> ReaderControl:
    control = new()
    _loaded(control, folder)
    there = control.insert(Slot.VITALE, "MARTIN")
    _certify(control)
    control.rewind(revision=there.revision)
    _certify(control)
    return control


def _restored(folder: Path) -> ReaderControl:
    control = new()
    _loaded(control, folder)
    control.insert(Slot.VITALE, "MARTIN")
    control.save("there")
    control.remove(Slot.VITALE)
    control.power(False)
    control.restore("there")
    _certify(control)
    control.power(False)
    control.power(True)
    return control


def _on_the_cable(folder: Path) -> ReaderControl:
    """Restored elsewhere in the middle of a host's session, for which the code was verified before."""
    with closing(new(profile="1.31")) as first:
        _loaded(first, folder)
        first.insert(Slot.PS, "PIQURE2969")
        first.cable(True)
        client_of(first).verify_code(CODE)
        first.save("verified")
        first.write_snapshot("verified", folder / "verified.snapshot")
    control = new(seed=2)
    control.restore(control.read_snapshot(folder / "verified.snapshot").name)
    client = client_of(control)
    assert len(client.list_documents()) > 0
    control.advance(5_000)
    control.cable(False)
    return control


def _half_typed(folder: Path) -> ReaderControl:
    control = new()
    _loaded(control, folder)
    control.insert(Slot.VITALE, "MARTIN")
    control.insert(Slot.PS, "PIQURE2969")
    control.press("VAL", "12")
    control.save("typing")
    control.press("ANN")
    control.restore("typing")
    control.press(CODE, "VAL")
    return control


def _in_a_directory(folder: Path) -> ReaderControl:
    """With one card of its tray in the slot since before, and one of a file elsewhere."""
    home = folder / "reader"
    with closing(ReaderControl.on_directory(home, demo_practice(), profile="1.31", moment=MORNING)) as first:
        _loaded(first, folder)
        first.insert(Slot.VITALE, "MARTIN")
    control = ReaderControl.on_directory(home, demo_practice(), moment=MORNING + 3_600_000, name="kept")
    CardTray(demo_practice(), folder).path("PIQURE2969").rename(folder / "my nurse.card")
    control.insert(Slot.PS, folder / "my nurse.card")
    control.press("DOWN", "VAL")
    control.press(CODE, "VAL")
    return control


def _with_an_uploaded_card(_folder: Path) -> ReaderControl:
    control = new()
    control.add_card("lea.2", ps_image(LEA).build())
    control.insert(Slot.PS, "lea.2")
    control.cable(True)
    client_of(control).verify_code(CODE)
    control.cable(False)
    return control


def _at_another_time(_folder: Path) -> ReaderControl:
    control = ReaderControl.in_memory(demo_practice(), seed=9, moment=MORNING + 90_000_000)
    control.insert(Slot.VITALE, "MARTIN")
    control.remove(Slot.VITALE)
    return control


def _with_a_pulled_card(_folder: Path) -> ReaderControl:
    control = new()
    control.cable(True)
    control.insert(Slot.PS, "TOUBIB")
    control.inject("ps.pull@0")
    with suppress(StatusError):
        client_of(control).read_ps_card()
    assert control.slots[Slot.PS] is None
    control.insert(Slot.PS, "PIQURE2969")
    control.cable(False)
    return control


def _given_up(_folder: Path) -> ReaderControl:
    """A code that was asked for at the keypad: given up, then waited for in vain."""
    control = new()
    control.cable(True)
    control.insert(Slot.PS, "TOUBIB")
    for keys in (("98", "ANN"), ()):
        client_of(control).read_ps_card()
        control.begin(Lad.LOG_SV, VERIFY_AT_KEYPAD, lambda _: None)
        control.press(*keys)
        control.advance(100_000)
    control.cable(False)
    return control


SESSIONS: Final[dict[str, Callable[[Path], ReaderControl]]] = {
    "rewound": _rewound,
    "restored": _restored,
    "on the cable": _on_the_cable,
    "half typed": _half_typed,
    "in a directory": _in_a_directory,
    "uploaded card": _with_an_uploaded_card,
    "another time": _at_another_time,
    "pulled card": _with_a_pulled_card,
    "given up": _given_up,
}
"""Readers at the end of sessions that began, or went on, in other ways than with a new reader alone."""
FROM_NEW: Final = ("rewound", "pulled card", "given up")
"""Those that a text can do again from the making of the reader."""


def write_start(control: ReaderControl, folder: Path) -> None:
    """Write the start of a session, as the bench gives it."""
    (folder / read_session(control).start_file).write_bytes(session_start(control))
