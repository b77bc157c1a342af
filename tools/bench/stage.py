"""A reader, its people and any number of invoices for a benchmark, in virtual time and from a seed."""

from __future__ import annotations

from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.reader_fw.board.board import assemble_board
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import make_alternating_documents
from tla_sim.tools.cast.people import CODE, MORNING, SECRETARY, patients, practitioners
from tla_sim.tools.simulator.in_process import in_process

INVOICES_A_PATIENT: Final = 20


class Stage:
    """One reader, a number of owners, a secretary, and patients with 20 invoices each."""

    def __init__(self, invoices: int, owners: int = 4, seed: int = 1) -> None:
        self.entropy = SeededEntropy(seed)
        self.reader = Reader(assemble_board(MORNING, self.entropy))
        self.reader.power_on()
        self.owners = practitioners(owners)
        self.patients = patients(max(1, invoices // INVOICES_A_PATIENT))
        self.documents = make_alternating_documents(invoices, self.owners, self.patients, acts=5)

    def client(self) -> ReaderClient:
        """Return a host's client on a new cable."""
        return ReaderClient(in_process(self.reader), self.entropy.take)

    def unplug(self) -> None:
        """Unplug every cable."""
        self.reader.unplug()

    def insert(self, slot: Slot, image: CardImage) -> None:
        """Insert a card, replacing the current one."""
        self.reader.remove(slot)
        self.reader.insert(slot, Card(image, self.entropy))

    def visit(self) -> None:
        """Certify everything with the secretary's card, patient by patient, typing the code once for each."""
        self.insert(Slot.PS, ps_image(SECRETARY, cpe=True))
        for patient in self.patients:
            self.insert(Slot.VITALE, vitale_image(patient))
            for key in (Key.VAL, *(Key(digit) for digit in CODE), Key.VAL):
                self.reader.press(key)
        self.reader.remove(Slot.VITALE)
