"""What a person's hands do with a reader: keys, cards, switch, cables, the case."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.reader_fw.board.slots import Slot, SlotOccupied
from tla_sim.tools.simulator.body import keys_of
from tla_sim.tools.simulator.control.control_core import ControlCore
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.tray import TrayCard

API_PORT: Final = "api"
"""The name of the cable that a control plugs in unless it is told another."""


class BadBattery(TlaError, ValueError):
    """A battery cannot have this charge."""

    category = Category.BAD_INPUT


class Hands(ControlCore):
    """A control's hands, and the tray of cards beside them."""

    def press(self, *legends: str) -> ScreenShown:
        """Press keys by their legends, digits also as one string. Return the settled screen.

        Raises UnknownKey, before any key is pressed.
        """
        for key in tuple(keys_of(legends)):
            self.reader.press(key)
        return self.screen

    def insert(self, slot: Slot, card: str | Path | bytes) -> ScreenShown:
        """Put a card in, taking the present one out. Return the settled screen.

        A card is named as in the tray or by its holder's last name, or is a file, or the image of one, which
        is added to the tray. Raises UnknownCard, SlotOccupied when it is in the other slot,
        CardFileUnreadable, CardImageCorrupted, CardImageNewer.
        """
        tray = self._controlled.tray
        if isinstance(card, bytes):
            card = tray.add(tray.free_name("card"), card).name
        name = card if isinstance(card, Path) else tray.find(card)
        for other, inside in self._controlled.inside.items():
            if other is not slot and inside == name:
                raise SlotOccupied(
                    "{path} is in the {slot} slot", "Take it out there first", path=name, slot=other.value
                )
        self._controlled.remove(slot)
        self._controlled.insert(slot, name)
        return self.screen

    def remove(self, slot: Slot) -> ScreenShown:
        """Take the card out, if there is one. Return the settled screen."""
        self._controlled.remove(slot)
        return self.screen

    def power(self, on: bool) -> ScreenShown:
        """Switch on or off; off is a power cut, which only the flash survives. Return the settled screen.

        Raises StateDamaged when the flash holds nothing that it can start from.
        """
        self._controlled.power(on)
        return self.screen

    def cable(self, plugged: bool) -> ScreenShown:
        """Plug the cables in, that of the control and those of served links, or pull all out.

        Return the settled screen. Raises PortUnavailable when a served device is lost.
        """
        if plugged:
            self._ports.plug(API_PORT)
            self.on_cable(True)
        else:
            self.on_cable(False)
            self._ports.unplug()
            self._controlled.unplug()
        self._changed()
        return self.screen

    def battery(self, percent: int) -> None:
        """Set the charge of the battery, 0 to 100 per cent. Raises BadBattery."""
        if not 0 <= percent <= 100:
            raise BadBattery("A battery cannot have {percent} %", "Give 0 to 100", percent=percent)
        self.reader.set_battery(percent)
        self._changed()

    def open_case(self) -> None:
        """Open the case: the reader notices for good."""
        self.reader.open_case()
        self._changed()

    @property
    def tray(self) -> tuple[TrayCard, ...]:
        """The cards at hand, those of the practice first."""
        return self._controlled.cards

    @property
    def slots(self) -> dict[Slot, TrayCard | None]:
        """The card in each slot, `None` for an empty one."""
        return {slot: self._controlled.card_in(slot) for slot in Slot}

    def add_card(self, name: str, image: bytes) -> TrayCard:
        """Add a card to the tray. Raises as `Tray.add`."""
        card = self._controlled.tray.add(name, image)
        self._changed()
        return card

    def discard_card(self, name: str) -> None:
        """Take an uploaded card from the tray for good. Raises UnknownCard, CardNeeded."""
        self._controlled.tray.discard(name, self._controlled.inside.values())
        self._changed()
