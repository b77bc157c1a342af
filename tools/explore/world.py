"""One reader, its people and their workstation under a fault plan, all in virtual time.

Everything that outlives a power cut or a kill is kept here: flash, cards, the ledger's file, the outbox. What
the host does is what `tla push`, `pull`, `sign` and `transmit` do, each with a ledger opened for it.
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
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import SECTOR_SIZE, NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.reader_fw.reader import Reader, ReaderOff
from tla_sim.tools.cast.people import MORNING
from tla_sim.tools.explore.people import cards
from tla_sim.tools.faults.host import HostFaults
from tla_sim.tools.faults.kinds import Counted, Where
from tla_sim.tools.faults.line import LineFaults
from tla_sim.tools.faults.plan import FaultPlan
from tla_sim.tools.faults.reader import FaultyReader
from tla_sim.tools.faults.striking import Strikes
from tla_sim.tools.judge.signatures import ANCHORS
from tla_sim.tools.simulator.in_process import in_process
from tla_sim.tools.simulator.virtual_cable import VirtualCable, cable_transport

FLASH_BYTES: Final = 128 * SECTOR_SIZE
KEY_MS: Final = 200
_DAY_MS: Final = 86_400_000


def sound_reader(flash: NorFlash, seed: int, profile: Profile = TLA_1_40) -> Reader:
    """A reader on a flash, off, to which no faults happen."""
    return Reader(assemble_board(MORNING, SeededEntropy(seed), flash), profile, ANCHORS)


class LetOut(Exception):
    """The firmware let an error out instead of answering: a bug."""


class World:
    """What the round happens to, in `directory`.

    `flash` and `card_images` are taken over as they are, or begin fresh. With `line` the host reaches the
    reader over a serial line of these settings, else by plain calls. `seed` feeds all random bytes.
    """

    def __init__(
        self,
        directory: Path,
        plan: FaultPlan | None = None,
        *,
        flash: NorFlash | None = None,
        card_images: Mapping[str, CardImage] | None = None,
        seed: int = 1,
        clock_ms: int = MORNING,
        line: LinkSettings | None = None,
    ) -> None:
        self.strikes = Strikes(plan or FaultPlan())
        self.directory = directory
        self.entropy = SeededEntropy(seed)
        self.flash = flash or NorFlash(blank_image(FLASH_BYTES))
        self.card_images = dict(card_images or cards())
        self.on_card_write: Callable[[], None] = lambda: None
        self.host_faults = HostFaults(self.strikes)
        self.outbox = Outbox(directory / "out")
        self.reader = self._board(clock_ms)
        self.line_faults = LineFaults(self.strikes, self._unplug)
        self.line = line
        self.line_us = 0
        self.carried = 0
        self._cable: VirtualCable | None = None
        self._cards: dict[str, Card] = {}
        self._host_entropy = SeededEntropy(seed ^ 0x7C1A)

    def _board(self, clock_ms: int) -> FaultyReader:
        board = assemble_board(clock_ms, self.entropy, self.flash)
        return FaultyReader(board, self.strikes, anchors=ANCHORS)

    @property
    def ledger_path(self) -> Path:
        """Where the ledger is."""
        return self.directory / "ledger.sqlite"

    def power_on(self) -> None:
        """Switch the reader on, again and again if the power goes meanwhile."""
        for _ in range(8):
            if self.reader.on:
                return
            self.reader.power_on()

    def close(self) -> None:
        """Switch the reader off; its flash stays."""
        self.reader.power_off()
        self.flash.hooks.remove(self.reader.flash_faults)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, opened as a command of `tla` opens it, and closed after it."""
        with Ledger.open(
            self.ledger_path, clock=self._host_time, open_database=self.host_faults.open_database
        ) as ledger:
            yield ledger

    @contextmanager
    def host(self) -> Iterator[tuple[ReaderClient, Ledger]]:
        """A command's way to the reader, with its ledger; the cable comes out after it.

        The reader's clock is set first when it is wrong by more than a day (`tla clock --set`).
        """
        with self.connected() as client:
            client.identify()
            if abs(client.clock() - self._true_ms) > _DAY_MS:
                client.set_clock(self._true_ms)
            with self.ledger() as ledger:
                yield client, ledger

    def set_clock_if_wrong(self) -> None:
        """A flat battery shows on the screen, and the way to the surgery is short."""
        if self.reader.on and abs(self.reader.app.moment() - self._true_ms) > _DAY_MS:
            with self.connected() as client:
                client.set_clock(self._true_ms)

    @contextmanager
    def connected(self) -> Iterator[ReaderClient]:
        """A client on a cable; the cable comes out after it."""
        transport = self._plug()
        try:
            yield ReaderClient(transport, self._host_entropy.take)
        finally:
            if not self.host_faults.dead:
                transport.close()
            for port in self.reader.ports:
                port.detach()
            if self._cable is not None:
                self.line_us += self._cable.elapsed_us
                self.carried += self._cable.carried
                self._cable = None

    def _plug(self) -> Transport:
        if self.line is not None:
            return self._plug_line(self.line)
        port = self.reader.attach("host")

        def exchange(lad: Lad, apdu: bytes) -> bytes:
            self._before_exchange()
            with _keeping_its_errors():
                return port.exchange(lad, apdu)

        return InProcessTransport(exchange)

    def _plug_line(self, settings: LinkSettings) -> Transport:
        clock = self.reader.board.clock
        link = T1Link(self.reader.attach("line"), clock, settings)
        faults = self.line_faults
        cable = VirtualCable(
            link, clock, self.reader.tick, settings.baud, faults.damage, lambda: faults.late_ms
        )
        self._cable = cable
        transport = cable_transport(cable, settings)
        return _Counted(transport, self._before_exchange)

    def _unplug(self) -> None:
        if self._cable is not None:
            self._cable.plugged = False
        for port in self.reader.ports:
            port.detach()

    def _before_exchange(self) -> None:
        for _ in self.strikes.next(Counted.EXCHANGES, Where.HOST):
            self._second_program()

    def _second_program(self) -> None:
        """Another program on another cable: it may be kept out, and whatever it does must harm nothing."""
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
        """Put somebody's card into a slot, unless it is in it; another one comes out."""
        card = self._cards.get(name)
        if card is None:
            card = self._cards[name] = Card(
                self.card_images[name],
                self.entropy,
                self.reader.tear_writes(lambda raw: self._keep(name, raw)),
            )
        with _keeping_its_errors():
            self.reader.remove(slot)
            self.reader.insert(slot, card)

    def _keep(self, name: str, raw: bytes) -> None:
        self.card_images[name] = CardImage.parse(raw)
        self.on_card_write()

    def forget_cards(self) -> None:
        """Take every card out; the next time they are read from what their memory holds."""
        for slot in Slot:
            self.reader.remove(slot)
        self._cards.clear()

    def press(self, *keys: str) -> None:
        """Press keys by their legends, each as long as a person takes."""
        for key in keys:
            with _keeping_its_errors():
                self.reader.press(Key(key))
            self.reader.tick(KEY_MS)

    @property
    def screen(self) -> tuple[str, ...]:
        """The four lines."""
        return tuple(line.rstrip() for line in self.reader.display)

    @property
    def _true_ms(self) -> int:
        return MORNING

    def _host_time(self) -> datetime:
        return datetime.fromtimestamp(MORNING / 1000, UTC)


@contextmanager
def _keeping_its_errors() -> Iterator[None]:
    """Firmware answers with a status or a screen; an error that it lets out is none of the host's."""
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
        """One exchange."""
        self._before()
        return super().transmit(apdu, lad)
