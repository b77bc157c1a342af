"""How a served reader's clock goes: in real time, faster, as fast as it can, or standing still."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.tools.simulator.control.reader_control import ReaderControl

MAX_RATE: Final = 1_000
AS_FAST_AS_IT_CAN: Final = 0
_FOR_EVER: Final = 3_600.0


class BadRate(TlaError, ValueError):
    """A clock cannot go at this rate."""

    category = Category.BAD_INPUT


class ClockDrive:
    """Drives the clock of a control's reader.

    `rate` says how many times faster than real time it goes, 1 to 1,000. At 0 it goes as real time does, but
    nobody waits for a card or the reader: it skips to the answer. While `paused` it does so too, and stands
    still otherwise, except while a code is to be typed for a command. A wait moves a clock that is paused or
    as fast as it can to what is due next, unless a host could still come by a link.
    """

    def __init__(self, control: ReaderControl) -> None:
        self._control = control
        self.rate = 1
        self.paused = False
        self.linked = False
        """Whether hosts can reach the reader by served links."""

    def set_rate(self, rate: int) -> None:
        """Set the rate. Raises BadRate."""
        if not 0 <= rate <= MAX_RATE:
            raise BadRate(
                "A clock cannot go {rate} times as fast",
                "Give 1 to {most}, or 0 for as fast as it can",
                rate=rate,
                most=MAX_RATE,
            )
        self.rate = rate

    def passed(self, real_ms: int) -> int:
        """Return the milliseconds that pass at the reader while `real_ms` pass outside."""
        if self.paused:
            return real_ms if self._busy else 0
        return real_ms * (self.rate or 1)

    def seconds(self, reader_ms: int) -> float:
        """Return the seconds until `reader_ms` milliseconds have passed at the reader."""
        if self.paused and not self._busy:
            return _FOR_EVER
        return reader_ms / 1000 / (1 if self.paused else self.rate or 1)

    @property
    def wake_in(self) -> float | None:
        """The seconds until `tick` has something to do."""
        if self._skip_ms is not None:
            return 0.0
        due = self._control.ms_until_due
        return None if due is None else self.seconds(due)

    def tick(self) -> None:
        """Skip to what is due, where nobody waits for it."""
        while (skip := self._skip_ms) is not None:
            self._control.reader.tick(skip)

    @property
    def _skip_ms(self) -> int | None:
        """The milliseconds to let pass at once, `None` to let them pass as they do."""
        if not self.paused and self.rate:
            return None
        control = self._control
        due = control.answer_due_ms
        if due is not None and due > control.clock_ms:
            return due - control.clock_ms
        if control.waits_alone and not self.linked:
            return control.ms_until_due
        return None

    @property
    def _busy(self) -> bool:
        control = self._control
        return control.command_under_way or (control.waits and (self.linked or not control.waits_alone))
