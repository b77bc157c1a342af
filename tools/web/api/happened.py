"""What the API tells of what happened: exchanges, rules that acted, waits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tla_sim.tools.web.api.answers import Milliseconds, Screen
from tla_sim.tools.web.api.model import LanguageWord, Told
from tla_sim.tools.web.api.named import DeviceWord, SlotWord

Hex = Annotated[str, Field(pattern="^([0-9A-F]{2})*$")]


class FieldTold(Told):
    """A part of a command or an answer: `start` and `end` are its byte offsets; `shown` is for people."""

    name: str
    text: str
    start: int
    end: int
    value: int | str | bool | None
    lead: int | None = None
    shown: str | None = None
    fields: list[FieldTold] | None = None


class Exchange(Told):
    """One exchange with the reader; `clock` is when it began, `ms` how long it took of the reader's time.

    `word` is the status word, `meaning` its sentence, `summary` what the command does, `brief` its fields in
    one line. The fields themselves are given for one exchange, not in lists. A code porteur is blanked to FF.
    """

    number: int
    clock: Milliseconds
    ms: Milliseconds
    link: str
    device: DeviceWord
    command: Hex
    response: Hex | None
    name: str
    word: str | None
    meaning: str
    summary: str
    brief: str
    request: list[FieldTold] | None = None
    answer: list[FieldTold] | None = None


class Trace(Told):
    """Exchanges, the oldest first.

    `next` is what to ask for next, `newest` the number of the newest, `missed` how many are no longer kept.
    """

    exchanges: list[Exchange]
    next: int
    newest: int
    missed: int


class MatchedTold(Told):
    """A screen that a rule matched, and what kept the rule from acting, if anything did."""

    revision: int
    lines: list[str]
    problem: str | None = None
    translations: dict[LanguageWord, str] | None = None


class RuleTold(Told):
    """A rule: its condition, and what it does. Digits among the keys are not repeated: they may be a code."""

    text: str | None
    regexp: str | None
    no_text: str | None
    keys: list[str]
    insert: dict[SlotWord, str]
    remove: list[SlotWord]
    fault: str | None
    once: bool


class RuleAdded(Told):
    """A rule with its number, and what it matched at once."""

    id: int
    rule: RuleTold
    matched: list[MatchedTold]


class Rules(Told):
    """The rules of a reader, in the order in which they look at a screen."""

    rules: list[RuleAdded]


class WaitEnded(Told):
    """The screen, or the exchange, that met the condition of a wait."""

    matched: bool
    screen: Screen
    exchange: Exchange | None
