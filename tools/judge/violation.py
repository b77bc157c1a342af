"""The exception for something that must hold and does not."""

from __future__ import annotations

from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence, fill


class Violation(AssertionError):
    """Something that must hold does not: `family` is the kind of rule, `subject` what failed.

    Both are the same for all findings of one cause, which `cause` says; `detail`, text or an error, belongs
    to this finding. Subject and detail are templates with a named place for each value; `told` is all three
    in one sentence.
    """

    def __init__(self, family: str, subject: str, detail: object = "", /, **values: object) -> None:
        spoken = {name: said(value) for name, value in values.items()}
        self.family: str = Sentence(family)
        self.subject: str = fill(subject, spoken)
        self.detail: str = fill(str(said(detail)), spoken)
        self.cause = Sentence("{family}: {subject}", family=self.family, subject=self.subject)
        self.told = self.cause
        if self.detail:
            self.told = Sentence("{cause} ({detail})", cause=self.cause, detail=self.detail)
        super().__init__(self.told)


def said(value: object) -> object:
    """Return the message and action of an error as a sentence, and any other value as it is.

    Findings pass between processes; not every error does.
    """
    if isinstance(value, TlaError):
        if not value.action:
            return value.message
        return Sentence("{message}. {action}.", message=value.message, action=value.action)
    return str(value) if isinstance(value, BaseException) else value
