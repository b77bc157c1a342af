"""Exchanges, rules and events as answers of the API. May be called in any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tla_sim.protocol.exchange import describe
from tla_sim.tools.language import Language
from tla_sim.tools.simulator.control.events import Event, EventKind
from tla_sim.tools.simulator.control.rules import Matched, Rule
from tla_sim.tools.simulator.control.screens import ScreenShown
from tla_sim.tools.simulator.control.trace_ring import TracedExchange
from tla_sim.tools.web.api.happened import Exchange, FieldTold, MatchedTold, RuleAdded, RuleTold
from tla_sim.tools.web.api.named import DEVICE_WORDS, SLOT_WORDS
from tla_sim.tools.web.spoken import say
from tla_sim.tools.web.telling import tell_screen

_HIDDEN: Final = "•"


def tell_exchange(traced: TracedExchange, language: Language, whole: bool = False) -> Exchange:
    """Return an exchange; `whole` with the fields of its bytes."""
    told = describe(traced.lad, traced.command, traced.response)
    fields: dict[str, list[FieldTold]] = {}
    if whole:
        for name, found in (("request", told.request), ("answer", told.answer)):
            fields[name] = [
                FieldTold.model_validate(each.as_json(lambda text: say(text, language))) for each in found
            ]
    return Exchange(
        number=traced.number,
        clock=traced.clock_ms,
        ms=traced.ms,
        link=traced.link,
        device=DEVICE_WORDS[traced.lad],
        command=traced.command.hex().upper(),
        response=None if traced.response is None else traced.response.hex().upper(),
        name=told.name,
        word=None if told.word is None else f"{told.word:04X}",
        meaning=say(told.meaning, language),
        summary=say(told.summary, language),
        brief=say(told.brief, language),
        request=fields.get("request"),
        answer=fields.get("answer"),
    )


def tell_rule(rule: Rule) -> RuleTold:
    """Return a rule, with every digit of its keys hidden: they may be a code porteur."""
    return RuleTold(
        text=rule.when.text or None,
        regexp=rule.when.regexp or None,
        no_text=rule.when.no_text or None,
        keys=["".join(_HIDDEN if char.isdigit() else char for char in key) for key in rule.keys],
        insert={SLOT_WORDS[slot]: card for slot, card in rule.insert},
        remove=[SLOT_WORDS[slot] for slot in rule.remove],
        fault=rule.fault or None,
        once=rule.once,
    )


def tell_match(matched: Matched, language: Language) -> MatchedTold:
    """Return what a rule matched."""
    told = MatchedTold(revision=matched.screen.revision, lines=list(matched.screen.lines))
    if matched.problem is None:
        return told
    texts = {each.value: say(matched.problem.told, each) for each in Language}
    return told.model_copy(update={"problem": texts[language.value], "translations": texts})


def tell_added(rule: Rule, matched: Sequence[Matched], language: Language) -> RuleAdded:
    """Return a rule with its number, and what it matched at once."""
    return RuleAdded(
        id=rule.id, rule=tell_rule(rule), matched=[tell_match(each, language) for each in matched]
    )


def tell_event(events: Sequence[Event], skipped: int, language: Language) -> Mapping[str, Any]:
    """Return what an event says; several exchanges in a row are told as one.

    `skipped` of its kind were left out before.
    """
    payload = events[-1].payload
    match events[-1].kind:
        case EventKind.EXCHANGE:
            exchanges = [
                tell_exchange(each.payload, language).model_dump(exclude={"request", "answer"})
                for each in events
                if isinstance(each.payload, TracedExchange)
            ]
            return {"exchanges": exchanges, "skipped": skipped}
        case EventKind.SCREEN | EventKind.REWOUND if isinstance(payload, ScreenShown):
            return {**tell_screen(payload).model_dump(), "skipped": skipped}
        case EventKind.FAULT:
            return {"fault": str(payload)}
        case EventKind.RULE if isinstance(payload, Matched):
            rule = tell_rule(payload.rule).model_dump()
            return {
                "id": payload.rule.id,
                "rule": rule,
                "matched": tell_match(payload, language).model_dump(),
            }
        case EventKind.SNAPSHOT:
            return {"name": str(payload)}
        case EventKind.PROGRESS if isinstance(payload, Mapping):
            return dict(payload)
        case _:
            return {}
