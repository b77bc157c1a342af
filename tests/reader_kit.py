"""A reader in virtual time on a table, for tests of firmware and loader."""

from __future__ import annotations

from dataclasses import dataclass, field

from tla_sim.host.client import ReaderClient
from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import Board, assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import CODE, MAYA, MORNING, Person
from tla_sim.tools.simulator.in_process import in_process

SMALL_FLASH = 2 * 1024 * 1024


@dataclass
class Bench:
    """One reader on the table: everything a test does to it."""

    seed: int = 1
    flash_size: int = SMALL_FLASH
    profile: Profile = TLA_1_40
    image: bytearray = field(init=False, repr=False)
    reader: Reader = field(init=False)
    entropy: SeededEntropy = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.image = blank_image(self.flash_size)
        self.entropy = SeededEntropy(self.seed)
        self.reader = Reader(self._board(MORNING), self.profile)
        self.reader.power_on()

    def _board(self, now_ms: int) -> Board:
        return assemble_board(now_ms, self.entropy, NorFlash(self.image))

    def replace_reader(self, image: bytearray | None = None) -> None:
        """Another board with the same flash image: only what the image holds is left."""
        now = self.reader.board.clock.now_ms
        if image is not None:
            self.image = image
        self.reader = Reader(self._board(now), self.profile)
        self.reader.power_on()

    def card(self, image: CardImage) -> Card:
        """A fresh chip with this image."""
        return Card(image, self.entropy)

    def insert_ps(self, person: Person = MAYA, *, cpe: bool = False, may_sign: bool = True) -> Card:
        """Put a person's card in, taking out the one that is there."""
        self.reader.remove(Slot.PS)
        card = self.card(ps_image(person, cpe=cpe, may_sign=may_sign))
        self.reader.insert(Slot.PS, card)
        return card

    def insert_vitale(self, image: CardImage | None = None) -> Card:
        """Put a Vitale in, taking out the one that is there."""
        self.reader.remove(Slot.VITALE)
        card = self.card(image or vitale_image())
        self.reader.insert(Slot.VITALE, card)
        return card

    def client(self, name: str = "host") -> ReaderClient:
        """A host on a new cable."""
        return ReaderClient(in_process(self.reader, name), self.entropy.take)

    def unplug(self) -> None:
        """Take every cable out."""
        self.reader.unplug()

    def press(self, *keys: str) -> None:
        """Press keys by their legends."""
        for key in keys:
            self.reader.press(Key(key))

    def type_code(self, code: str = CODE) -> None:
        """Type a code and VAL."""
        self.press(*code, "VAL")

    @property
    def screen(self) -> str:
        """The display as one text."""
        return "\n".join(line.rstrip() for line in self.reader.display).rstrip()


def raw(port: ReaderPort, apdu: CommandApdu | bytes, lad: Lad = Lad.LOG_SV) -> ResponseApdu:
    """Exchange any bytes with the reader."""
    return ResponseApdu.parse(port.exchange(lad, apdu if isinstance(apdu, bytes) else apdu.build()))
