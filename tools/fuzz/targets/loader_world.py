"""The loader and its ledger against a reader whose answers are tampered with on the way.

Reader, flash, cards and cable also suffer the faults of a plan (`tla_sim.tools.faults`).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.ledger.database import LedgerDatabase
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.pull import pull
from tla_sim.host.round.push import push_owner
from tla_sim.host.round.sign import sign
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import ExchangeAbandoned, NoAnswer, TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.tools.cast.people import CODE, MORNING
from tla_sim.tools.faults.plan import Fault, FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.chance import SeededChance, pick
from tla_sim.tools.fuzz.images import PROFILE
from tla_sim.tools.fuzz.mutation import Flaw, mutated, write
from tla_sim.tools.fuzz.targets.started import started_image
from tla_sim.tools.judge.board import CERTIFIED
from tla_sim.tools.judge.ledger import check_certified_kept, check_line, read_ledger
from tla_sim.tools.judge.signatures import ANCHORS, Vouched
from tla_sim.tools.judge.violation import Violation
from tla_sim.tools.simulator.live_reader import LiveReader
from tla_sim.tools.simulator.virtual_cable import cable_transport

MOST_EXCHANGES: Final = 600
"""No operation of the loader takes more exchanges on this practice, whatever the lies."""

_WHEN: Final = datetime(2019, 3, 5, 8)
_OWNERS: Final = players.OWNERS[:2]
_SPOILT_ONE_IN: Final = 24


@dataclass(frozen=True)
class Lie:
    """What happens to an exchange; `at` is its number in the case, from 0."""

    at: int
    how: str
    seed: int


HOWS: Final = (
    "word",
    "mutated",
    "truncated",
    "empty",
    "repeat",
    "other",
    "lost",
    "dropped",
    *(f.name for f in Flaw),
)


@cache
def documents() -> dict[str, tuple[OutgoingDocument, ...]]:
    """Return three prepared documents of each of two owners."""
    return {
        owner: tuple(OutgoingDocument.of(PreparedInvoice.parse(raw)) for raw in players.invoices()[owner][:3])
        for owner in _OWNERS
    }


@cache
def prepared() -> tuple[bytes, sqlite3.Connection]:
    """Return a reader's flash image after a push and a secretary's visit, and the ledger at that moment."""
    with TemporaryDirectory() as directory:
        with Ledger.open(Path(directory) / "ledger.sqlite", clock=lambda: _WHEN) as ledger:
            image = bytearray(started_image())
            reader, _ = _reader(image, "anne", Strikes(FaultPlan()))
            port = reader.attach("host")
            client = ReaderClient(InProcessTransport(port.exchange), SeededEntropy(3).take)
            for owner in _OWNERS:
                ledger.record_prepared(documents()[owner])
                push_owner(client, ledger, owner, documents()[owner][:2])
            port.detach()
            for key in ("VAL", *CODE, "VAL", "VAL"):
                reader.press(Key(key))
            reader.power_off()
        template = sqlite3.connect(":memory:", check_same_thread=False)
        with sqlite3.connect(Path(directory) / "ledger.sqlite") as stored:
            stored.backup(template)
        stored.close()
        return bytes(image), template


def _reader(image: bytearray, ps: str, strikes: Strikes) -> tuple[FaultyReader, SeededEntropy]:
    entropy = SeededEntropy(7)
    board = assemble_board(MORNING, entropy, NorFlash(image))
    reader = FaultyReader(board, strikes, PROFILE)
    _switch_on(reader)
    for slot, name in ((Slot.PS, ps), (Slot.VITALE, "martin")):
        reader.insert(slot, _card(reader, name, entropy))
    _switch_on(reader)
    return reader, entropy


def _switch_on(reader: FaultyReader) -> None:
    """Switch on until the reader stays on: the power may fail meanwhile."""
    while not reader.on:
        reader.power_on()


def _card(reader: FaultyReader, name: str, entropy: SeededEntropy) -> Card:
    return Card(players.cards()[name][0], entropy, reader.tear_writes())


class LoaderWorld:
    """One ledger and one reader; the connection between them lies as planned, and faults strike by plan."""

    def __init__(self, plan: FaultPlan | None = None) -> None:
        image, template = prepared()
        self._strikes = Strikes(plan or FaultPlan())
        self._reader, entropy = _reader(bytearray(image), "maya", self._strikes)
        database = sqlite3.connect(":memory:", isolation_level=None)
        template.backup(database)
        self.ledger = Ledger(LedgerDatabase(database, ":memory:", lambda: _WHEN))
        self._live = LiveReader(self._reader, self._strikes)
        self._exchange = self._reader.attach("host").exchange
        self._lies: dict[int, Lie] = {}
        self._habits: dict[int, Lie] = {}
        self._last = b"\x90\x00"
        self.count = 0
        self.judging = True
        self.outcomes: list[tuple[str, str]] = []
        self.client = ReaderClient(InProcessTransport(self._exchange_tampered), entropy.take)
        self._vouched = Vouched()
        self._certified = self._certified_on_board()

    def close(self) -> None:
        """Close the ledger and switch off the reader."""
        self.ledger.close()
        self._reader.power_off()

    @property
    def struck(self) -> tuple[Fault, ...]:
        """The faults that struck so far."""
        return tuple(self._strikes.struck)

    def lie(self, lie: Lie) -> None:
        """Plan a lie."""
        self._lies[lie.at] = lie

    def habit(self, ins: int, lie: Lie) -> None:
        """Plan a lie for every answer to a command."""
        self._habits[ins] = lie

    def use_cable(self, seed: int) -> None:
        """Use T=1 over a cable that sometimes spoils a piece; both ends are under test."""
        chance = SeededChance(f"cable {seed}")
        settings = LinkSettings(baud=None)
        live = self._live
        live.unplug()

        def damage(data: bytes) -> bytes:
            arriving = live.line_faults.damage(data)
            return mutated(arriving, chance) if arriving and not chance.below(_SPOILT_ONE_IN) else arriving

        transport = cable_transport(live.plug_line(settings, damage), settings)

        self._exchange = lambda lad, apdu: transport.transmit(apdu, lad)

    def plug_in(self) -> None:
        """Connect to the reader by plain calls again."""
        self._reader.unplug()
        self._exchange = self._reader.attach("host").exchange

    def change_card(self, name: str) -> None:
        """Replace the PS card."""
        self._reader.remove(Slot.PS)
        self._reader.insert(Slot.PS, _card(self._reader, name, SeededEntropy(11)))

    def _exchange_tampered(self, lad: Lad, apdu: bytes) -> bytes:
        at, self.count = self.count, self.count + 1
        if at > MOST_EXCHANGES:
            raise Violation("time", "the loader goes on without end")
        lie = self._lies.get(at) or self._habits.get(apdu[1])
        if lie is None:
            self._last = self._exchange(lad, apdu)
            return self._last
        if lie.how == "dropped":
            raise NoAnswer("No answer", "Try again")
        answer: bytes = self._exchange(lad, apdu)
        if lie.how == "lost":
            raise ExchangeAbandoned("The answer was lost", "Try again")
        return _twist(apdu, answer, self._last, lie)

    def operate(self, name: str) -> str:
        """Carry out one operation. Return "done", or the name of its error; untyped errors pass through."""
        try:
            self._carry_out(name)
            outcome = "done"
        except TlaError as error:
            outcome = type(error).__name__
        self._revive()
        self.outcomes.append((name, outcome))
        if self.judging:
            self.judge()
        return outcome

    def _revive(self) -> None:
        """Switch the reader on and plug it in again if it is dark."""
        if not self._reader.on:
            _switch_on(self._reader)
            self.plug_in()

    def _carry_out(self, name: str) -> None:
        if name.startswith("push"):
            owner = _OWNERS[name.endswith("2")]
            push_owner(self.client, self.ledger, owner, documents()[owner])
        elif name == "pull":
            self.client.verify_code(CODE)
            pull(self.client, self.ledger, ANCHORS)
        elif name == "clock":
            self.client.set_clock(MORNING)
        else:
            card = self.client.verify_code(CODE)
            sign(self.client, self.ledger, ANCHORS, card)

    def judge(self) -> None:
        """Check that the ledger holds only what verifies, and that nothing certified was lost."""
        self.ledger.check()
        lines = read_ledger(self.ledger)
        for document, line in lines.items():
            if line.fse:
                check_line(document, line.state, self._vouched.fse(line.fse))
        here = self._certified_on_board()
        self._certified |= here
        for document in self._certified:
            check_certified_kept(document, here.get(document), lines[document].state)

    def finish(self) -> None:
        """Finish without lies: pull what is certified on board, and sign it finally."""
        self._lies.clear()
        self._habits.clear()
        self._revive()
        self.plug_in()
        self.count = 0
        if self._strikes.plan.faults:
            self.operate("clock")
        for card in ("maya", "paul"):
            self.change_card(card)
            self.operate("pull")
            self.operate("sign")
        waiting = self._certified_on_board()
        if waiting and not any(outcome != "done" for _, outcome in self.outcomes[-4:]):
            raise Violation("ledger", "an honest pull leaves certified documents of its cards on the reader")

    def _certified_on_board(self) -> dict[DocumentId, InvoiceState]:
        entries = self._reader.app.store.entries()
        return {entry.key: entry.state for entry in entries if entry.state in CERTIFIED}


def _twist(apdu: bytes, answer: bytes, last: bytes, lie: Lie) -> bytes:
    chance = SeededChance(f"lie {lie.seed}")
    command = COMMANDS.get(apdu[1]) if len(apdu) > 1 and apdu[0] == 0x80 else None
    match lie.how:
        case "word":
            words = tuple(int(status) for status in Status)
            return pick(chance, words).to_bytes(2, "big") if chance.below(4) else chance.data(2)
        case "mutated":
            return mutated(answer[:-2], chance) + answer[-2:]
        case "truncated":
            return answer[: chance.below(len(answer))]
        case "empty":
            return b""
        case "repeat":
            return last
        case "other":
            other = pick(chance, tuple(COMMANDS))
            return write(other.response, chance, Flaw.VALID, players.words()) + b"\x90\x00"
        case _ if command is not None and lie.how in Flaw.__members__:
            return write(command.response, chance, Flaw[lie.how], players.words()) + b"\x90\x00"
        case _:
            return answer
