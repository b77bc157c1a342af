"""A reader, its people and any number of invoices for a benchmark, in virtual time and from a seed."""

from __future__ import annotations

from typing import Final

from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.cast.images import ps_image, vitale_image
from tla_sim.tools.cast.invoices import make_alternating_documents
from tla_sim.tools.cast.people import CODE, SECRETARY, patients, practitioners
from tla_sim.tools.simulator.live_reader import LiveReader, sound_reader

INVOICES_A_PATIENT: Final = 20


class Stage(LiveReader):
    """One reader, a number of owners, a secretary, and patients with 20 invoices each."""

    def __init__(self, invoices: int, owners: int = 4) -> None:
        super().__init__(sound_reader(NorFlash(blank_image()), seed=1))
        self.reader.power_on()
        self.owners = practitioners(owners)
        self.patients = patients(max(1, invoices // INVOICES_A_PATIENT))
        self.documents = make_alternating_documents(invoices, self.owners, self.patients, acts=5)

    def visit(self) -> None:
        """Certify everything with the secretary's card, patient by patient, typing the code once for each."""
        self.insert_chip(Slot.PS, ps_image(SECRETARY, cpe=True))
        for patient in self.patients:
            self.insert_chip(Slot.VITALE, vitale_image(patient))
            self.press("VAL", CODE, "VAL")
        self.remove(Slot.VITALE)
