"""The deadlines of one end of a T=1 link: how long a silence, an answer and a whole exchange may take."""

from __future__ import annotations

from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import MAX_BLOCK, MAX_IFS, Gap


class Waits:
    """Deadlines in the owner's milliseconds; each grows by the time that its bytes take on the line.

    `character_due` ends a broken block, `answer_due` the wait for the peer, `_give_up_at` the exchange.
    Source: ISO/IEC 7816-3 §11.4.3; the bound on a whole exchange is Project-defined.
    """

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        self._gaps = {
            Gap.BLOCK: 1 + settings.line_time(2),
            Gap.FAULT: settings.fault_wait + settings.line_time(2),
            Gap.CHARACTER: settings.character_wait + settings.line_time(2),
        }
        # A block that began just before its deadline may end; noise that never ends may not hold us for ever.
        self._grace = 2 * settings.character_wait + settings.line_time(2 * MAX_BLOCK)
        # A reader that needs the whole wait asks for time about every half block waiting time. Twice as many
        # requests, and a few for sizes, are more than an honest one sends.
        self._most_replies = 16 + 4 * settings.longest_wait // settings.block_wait
        self._give_up_at = 0
        self._replies = 0
        self._answer_by: int | None = None
        self._unsettled = False
        self._silent_from = 0
        self.character_due: int | None = None

    def begin_exchange(self, now: int) -> None:
        """Start the clock of a new exchange."""
        self._silent_from = now
        self._give_up_at = now + self._settings.longest_wait
        self._replies = 0
        self.settle()

    def note_bytes(self, gap: Gap, now: int) -> None:
        """Note that bytes came; `gap` is the silence that ends a block which is incomplete or was bad."""
        self._silent_from = now
        self._unsettled = gap is not Gap.NONE
        self.character_due = now + self._gaps[gap] if self._unsettled else None

    def settle(self) -> None:
        """Note that nothing is half received any more."""
        self._unsettled = False
        self.character_due = None

    def expect_answer(self, size: int, now: int, multiplier: int = 1) -> None:
        """Wait for the answer to a block of `size` bytes that leaves now."""
        due = now + self._settings.line_time(size) + multiplier * self._settings.block_wait
        self._answer_by = min(due, max(self._give_up_at, now))

    def expect_nothing(self) -> None:
        """Stop waiting: the peer owes nothing."""
        self._answer_by = None

    @property
    def expecting(self) -> bool:
        """Whether an answer is due."""
        return self._answer_by is not None

    def note_progress(self, inf: int) -> None:
        """Extend the exchange by the line time of a block of its message, which does not count as waiting."""
        # Twice, for the block itself and for its acknowledgement or one repetition.
        self._give_up_at += 2 * self._settings.line_time(inf + MAX_BLOCK - MAX_IFS)

    def longer_wait(self, now: int) -> int:
        """Return how many more block waiting times to bear a silence: as long again, 0 after `patience`."""
        silent = now - self._silent_from
        left = self._settings.patience - silent
        return 0 if left <= 0 else -(-min(silent, left) // self._settings.block_wait)

    def is_exhausted(self, now: int) -> bool:
        """Return whether the exchange has taken as long as it may."""
        return now >= self._give_up_at

    def too_many_replies(self) -> bool:
        """Count one more S-block of the peer, and return whether there are more than honest use explains."""
        self._replies += 1
        return self._replies > self._most_replies

    @property
    def answer_due(self) -> int | None:
        """When a missing answer becomes a fault: later while a block is coming in, but not for ever."""
        if self._answer_by is None or not self._unsettled:
            return self._answer_by
        return self._answer_by + self._grace

    @property
    def wake_at(self) -> int | None:
        """The nearer of the two deadlines."""
        answer, character = self.answer_due, self.character_due
        if answer is None or character is None:
            return character if answer is None else answer
        return min(answer, character)
