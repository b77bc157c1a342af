"""The failures of the reader's own software, each with the status word that the workstation receives."""

from __future__ import annotations

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence


class FirmwareFailure(TlaError):
    """The base of everything that keeps the reader's software from doing what was asked.

    `status` is the declared status that Log_SV answers with, `word` the status word as it travels.
    """

    category = Category.REFUSED

    def __init__(self, status: Status, context: str = "", *, low_nibble: int = 0) -> None:
        self.status = status
        self.word = int(status) | low_nibble
        self.ssv = status.ssv
        said = Sentence(status.en)
        if context:
            said = Sentence("{context}: {said}", context=context, said=said)
        super().__init__(said, Sentence(status.en_action))
