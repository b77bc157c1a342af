"""What every way of telling a session has in common: each kind of step becomes lines of text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.display import Screen
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.web.session_text import session as did
from tla_sim.tools.web.session_text.asked import Asked

CARD_WORDS: Final = {Slot.PS: "ps", Slot.VITALE: "vitale"}


class Teller(ABC):
    """Tells a session step by step; each method returns the lines for a step of its kind."""

    def tell(self, steps: Iterable[did.SessionStep | Asked]) -> Iterator[str]:
        """Yield the lines of all steps."""
        for step in steps:
            yield from self._lines(step).splitlines()

    def _lines(self, step: did.SessionStep | Asked) -> str:
        match step:
            case did.Inserted(slot, card):
                return self.inserted(slot, card)
            case did.Removed(slot):
                return self.removed(slot)
            case did.Pressed(legends):
                return self.pressed(legends)
            case did.CodeTyped(right):
                return self.code_typed(right)
            case did.CodeVerified(right):
                return self.code_verified(right)
            case did.Waited(ms):
                return self.waited(ms)
            case did.Switched(on):
                return self.switched(on)
            case did.Cabled(plugged):
                return self.cabled(plugged)
            case did.Sent(lad, apdu, at_keypad):
                return self.waits_for_code(lad, apdu) if at_keypad else self.sent(lad, apdu)
            case Asked(sent, pressed):
                return self.asked(sent.lad, sent.apdu, pressed)
            case did.Injected(plan):
                return self.injected(plan)
            case did.Charged(percent):
                return self.charged(percent)
            case did.CaseOpened():
                return self.case_opened()
            case did.Left(what):
                return f"# left out: {what}"
            case did.Shown(screen):
                return self.shown(screen)
        assert_never(step)

    @abstractmethod
    def inserted(self, slot: Slot, card: str) -> str:
        """Put a card in, by its name."""

    @abstractmethod
    def removed(self, slot: Slot) -> str:
        """Take a card out."""

    @abstractmethod
    def pressed(self, legends: tuple[str, ...]) -> str:
        """Press keys."""

    @abstractmethod
    def code_typed(self, right: bool) -> str:
        """Type a code and VAL."""

    @abstractmethod
    def code_verified(self, right: bool) -> str:
        """Have a host verify a code."""

    @abstractmethod
    def waited(self, ms: int) -> str:
        """Let time pass."""

    @abstractmethod
    def switched(self, on: bool) -> str:
        """Switch on or off."""

    @abstractmethod
    def cabled(self, plugged: bool) -> str:
        """Plug the cable in, or pull it out."""

    @abstractmethod
    def sent(self, lad: Lad, apdu: bytes) -> str:
        """Send a command."""

    @abstractmethod
    def waits_for_code(self, lad: Lad, apdu: bytes) -> str:
        """Send a command that waits for a code at the keypad, and leave it waiting."""

    def asked(self, lad: Lad, apdu: bytes, pressed: Iterable[did.Pressed | did.CodeTyped]) -> str:
        """Send a command that waits for a code, with the keys that answer it at hand."""
        return "\n".join((self.waits_for_code(lad, apdu), *self.tell(pressed)))

    @abstractmethod
    def injected(self, plan: str) -> str:
        """Plan faults."""

    @abstractmethod
    def charged(self, percent: int) -> str:
        """Set the battery."""

    @abstractmethod
    def case_opened(self) -> str:
        """Open the case."""

    @abstractmethod
    def shown(self, screen: Screen) -> str:
        """Compare the screen; an empty text for one that cannot be compared."""
