"""A reader in virtual time on a table, for tests of firmware and loader."""

from __future__ import annotations

from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.reader import Reader, ReaderPort
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.people import CODE, MAYA, MORNING, Person
from tla_sim.tools.simulator.live_reader import LiveReader

SMALL_FLASH = 2 * 1024 * 1024


class Bench(LiveReader):
    """One reader on the table: everything a test does to it."""

    def __init__(self, seed: int = 1, flash_size: int = SMALL_FLASH, profile: Profile = TLA_1_40) -> None:
        self.image = blank_image(flash_size)
        self.entropy = SeededEntropy(seed)
        self.profile = profile
        super().__init__(self._reader(MORNING))

    def _reader(self, now_ms: int) -> Reader:
        reader = Reader(assemble_board(now_ms, self.entropy, NorFlash(self.image)), self.profile)
        reader.power_on()
        return reader

    def replace_reader(self) -> None:
        """Another board with the same flash image: only what the image holds is left."""
        self.reader = self._reader(self.reader.board.clock.now_ms)

    def card(self, image: CardImage) -> Card:
        """A fresh chip with this image."""
        return Card(image, self.entropy)

    def insert_ps(
        self, person: Person = MAYA, *, cpe: bool = False, cpf: bool = False, may_sign: bool = True
    ) -> Card:
        """Put a person's card in, taking out the one that is there."""
        return self.insert_chip(Slot.PS, ps_image(person, cpe=cpe, cpf=cpf, may_sign=may_sign))

    def insert_vitale(self, image: CardImage | None = None) -> Card:
        """Put a Vitale in, taking out the one that is there."""
        return self.insert_chip(Slot.VITALE, image or vitale_image())

    def type_code(self, code: str = CODE) -> None:
        """Type a code and VAL."""
        self.press(*code, "VAL")

    @property
    def text(self) -> str:
        """The display as one text."""
        return "\n".join(self.screen).rstrip()


def raw(port: ReaderPort, apdu: CommandApdu | bytes, lad: Lad = Lad.LOG_SV) -> ResponseApdu:
    """Exchange any bytes with the reader."""
    return ResponseApdu.parse(port.exchange(lad, apdu if isinstance(apdu, bytes) else apdu.build()))
