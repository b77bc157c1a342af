"""One reader, its cards and its workstation under a fault plan, all in virtual time.

The world keeps what outlives a power cut or a kill: flash, cards, the ledger's file, the outbox. The host
works as `tla push`, `pull`, `sign` and `transmit` do, each with a ledger opened for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.round.outbox import Outbox
from tla_sim.host.transport import Transport
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.host.transport.passing import PassingTransport
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash, blank_image
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.reader import ReaderOff
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.explore.people import cards
from tla_sim.tools.faults.host import HostFaults
from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.simulator.in_process import in_process
from tla_sim.tools.simulator.live_reader import LiveReader
from tla_sim.tools.simulator.virtual_cable import cable_transport

FLASH_BYTES: Final = 128 * SECTOR_SIZE
KEY_MS: Final = 200
_MOST_STARTS: Final = 8
_DAY_MS: Final = 86_400_000
_HOST_TIME: Final = datetime.fromtimestamp(MORNING / 1000, UTC)


class LetOut(Exception):
    """The firmware raised an error instead of answering: a bug."""


class World(LiveReader):
    """A reader, cards and a workstation, with its files in `directory`.

    `flash` and `card_images` are used as they are; without them both begin fresh. With `line` the host
    reaches the reader over a serial line with these settings, otherwise by plain calls. All random bytes
    follow from `seed`. `line_us` and `carried` add up the line's virtual microseconds and its bytes.
    `on_card_write` is called after a card wrote its memory.
    """

    reader: FaultyReader

    def __init__(
        self,
        directory: Path,
        plan: FaultPlan | None = None,
        *,
        flash: NorFlash | None = None,
        card_images: Mapping[str, CardImage] | None = None,
        seed: int = 1,
        line: LinkSettings | None = None,
    ) -> None:
        strikes = Strikes(plan or FaultPlan())
        self.entropy = SeededEntropy(seed)
        self.flash = flash or NorFlash(blank_image(FLASH_BYTES))
        super().__init__(FaultyReader(assemble_board(MORNING, self.entropy, self.flash), strikes), strikes)
        self.directory = directory
        self.card_images = dict(card_images or cards())
        self.on_card_write: Callable[[], None] = lambda: None
        self.host_faults = HostFaults(self.strikes)
        self.outbox = Outbox(directory / "out")
        self.line = line
        self.line_us = 0
        self.carried = 0
        self._cards: dict[str, Card] = {}
        self._host_entropy = SeededEntropy(seed ^ 0x7C1A)

    @property
    def ledger_path(self) -> Path:
        """The path of the ledger."""
        return self.directory / "ledger.sqlite"

    def power_on(self) -> None:
        """Switch the reader on, again each time the power fails meanwhile."""
        for _ in range(_MOST_STARTS):
            if self.reader.on:
                return
            self.reader.power_on()

    def close(self) -> None:
        """Switch the reader off and release its flash."""
        super().close()
        self.flash.hooks.remove(self.reader.flash_faults)

    def ledger(self) -> Ledger:
        """Open the ledger as a command of `tla` does."""
        return Ledger.open(
            self.ledger_path, clock=lambda: _HOST_TIME, open_database=self.host_faults.open_database
        )

    @contextmanager
    def host(self) -> Iterator[tuple[ReaderClient, Ledger]]:
        """Connect a command of `tla` to the reader and open its ledger; unplug the cable afterwards.

        A reader's clock that is wrong by more than a day is set first (`tla clock --set`).
        """
        with self.connected() as client:
            client.identify()
            if abs(client.clock() - MORNING) > _DAY_MS:
                client.set_clock(MORNING)
            with self.ledger() as ledger:
                yield client, ledger

    def set_clock_if_wrong(self) -> None:
        """Set the reader's clock at the surgery if it is wrong: a flat battery shows on the screen."""
        if self.reader.on and abs(self.reader.app.moment() - MORNING) > _DAY_MS:
            with self.connected() as client:
                client.set_clock(MORNING)

    @contextmanager
    def connected(self) -> Iterator[ReaderClient]:
        """Connect a client by cable; unplug the cable afterwards."""
        transport = self._plug()
        try:
            yield ReaderClient(transport, self._host_entropy.take)
        finally:
            if not self.host_faults.dead:
                transport.close()
            self.unplug()
            if self._cable is not None:
                self.line_us += self._cable.elapsed_us
                self.carried += self._cable.carried
                self._cable = None

    def _plug(self) -> Transport:
        if self.line is not None:
            return _Counted(cable_transport(self.plug_line(self.line), self.line), self._before_exchange)
        port = self.reader.attach("host")

        def exchange(lad: Lad, apdu: bytes) -> bytes:
            self._before_exchange()
            with _catch_let_out():
                return port.exchange(lad, apdu)

        return InProcessTransport(exchange)

    def _before_exchange(self) -> None:
        for _ in self.strikes.next(Counted.EXCHANGES, Where.HOST):
            self._second_program()

    def _second_program(self) -> None:
        """Let another program on another cable interfere: it may be refused, and it must do no harm."""
        transport = in_process(self.reader, "second")
        client = ReaderClient(transport, self._host_entropy.take)
        for attempt in (
            lambda: client.list_documents(),
            lambda: client.unload_next(),
            lambda: client.acknowledge_last([]),
            lambda: client.commit_load(bytes(16), 1),
        ):
            try:
                attempt()
            except TlaError:
                continue
        transport.close()

    def put(self, slot: Slot, name: str) -> None:
        """Insert somebody's card into a slot; the card in it comes out first."""
        card = self._cards.get(name)
        if card is None:
            card = self._cards[name] = Card(
                self.card_images[name],
                self.entropy,
                self.reader.tear_writes(lambda raw: self._keep(name, raw)),
            )
        with _catch_let_out():
            self.reader.remove(slot)
            self.reader.insert(slot, card)

    def _keep(self, name: str, raw: bytes) -> None:
        self.card_images[name] = CardImage.parse(raw)
        self.on_card_write()

    def forget_cards(self) -> None:
        """Take every card out; it is rebuilt from its memory the next time it is inserted."""
        for slot in Slot:
            self.reader.remove(slot)
        self._cards.clear()

    def press(self, *legends: str) -> None:
        """Press keys by their legends, at a person's pace."""
        for legend in legends:
            with _catch_let_out():
                super().press(legend)
            self.wait(KEY_MS)


@contextmanager
def _catch_let_out() -> Iterator[None]:
    """Raise LetOut for an error of the firmware, which must answer with a status or a screen instead."""
    try:
        yield
    except ReaderOff:
        raise
    except TlaError as error:
        raise LetOut(f"{type(error).__name__}: {error}") from error


class _Counted(PassingTransport):
    """A transport that calls `before` ahead of each exchange."""

    def __init__(self, inner: Transport, before: Callable[[], None]) -> None:
        super().__init__(inner)
        self._before = before

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        """Call `before`, then exchange."""
        self._before()
        return super().transmit(apdu, lad)
