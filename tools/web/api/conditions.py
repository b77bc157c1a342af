"""Rules that act on a screen, and waits for a screen or an exchange."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request

from tla_sim.tools.simulator.control.condition import Condition
from tla_sim.tools.simulator.control.reader_control import ReaderControl
from tla_sim.tools.simulator.control.rules import Rule
from tla_sim.tools.simulator.control.waits import Waited, WaitTimedOut
from tla_sim.tools.web.api.asked import Asked, Spoken, StreamsAsked
from tla_sim.tools.web.api.happened import RuleAdded, Rules, WaitEnded
from tla_sim.tools.web.api.named import SLOTS
from tla_sim.tools.web.api.requests import NewCondition, NewRule, NewWait
from tla_sim.tools.web.happenings import tell_added, tell_exchange
from tla_sim.tools.web.problems import BenchStopped
from tla_sim.tools.web.telling import tell_screen

router = APIRouter(prefix="/v1/readers/{reader}", tags=["rules and waits"])

_LOOK_SECONDS: Final = 1.0
RuleId = Annotated[int, Path(ge=1, le=2**53, description="The number of a rule.")]


@router.get("/rules")
async def list_rules(asked: Asked, language: Spoken) -> Rules:
    """Return the rules. The digits among their keys are hidden, since they may be a code."""
    rules = await asked.ask(lambda control: control.rules)
    return Rules(rules=[tell_added(rule, (), language) for rule in rules])


@router.post("/rules", status_code=201)
async def add_rule(new: NewRule, asked: Asked, language: Spoken) -> RuleAdded:
    """Add a rule, and carry it out at once if the present screen meets its condition.

    The answer says what matched.
    """
    insert = tuple((SLOTS[slot], card) for slot, card in (new.insert or {}).items())
    rule = Rule(
        _condition(new),
        tuple(new.keys or ()),
        insert,
        tuple(SLOTS[slot] for slot in new.remove or ()),
        new.fault or "",
        new.once,
    )
    added, matched = await asked.ask(lambda control: control.add_rule(rule))
    return tell_added(added, matched, language)


@router.delete("/rules/{rule}", status_code=204)
async def remove_rule(rule: RuleId, asked: Asked) -> None:
    """Remove a rule."""
    await asked.ask(lambda control: control.remove_rule(rule))


@router.post("/wait")
async def wait(
    wanted: NewWait, request: Request, asked: Asked, streams: StreamsAsked, language: Spoken
) -> WaitEnded:
    """Wait for a text on the screen, for it to go, or for an exchange, in the reader's time.

    On a paused clock the time passes at once.
    """
    condition = _condition(wanted, wanted.exchange)
    ended: list[Waited] = []
    with streams.opened() as waker:

        def begin(control: ReaderControl) -> object:
            def done(waited: Waited) -> None:
                ended.append(waited)
                waker.wake()

            return control.wait(condition, wanted.timeout, done)

        cancel = await asked.ask(begin)
        running = asked.shown.running
        try:
            while not ended and not streams.closing and not await request.is_disconnected():
                running.check_open()
                await waker.wait(_LOOK_SECONDS)
        finally:
            if not ended and callable(cancel):
                running.call(lambda _: cancel())
    if not ended and streams.closing:
        raise BenchStopped
    if not ended or not ended[0].matched:
        raise WaitTimedOut(
            "What was waited for did not come within {ms} ms of the reader's time",
            "Look at the screen, or wait longer",
            ms=wanted.timeout,
        )
    exchange = ended[0].exchange
    return WaitEnded(
        matched=True,
        screen=tell_screen(ended[0].screen),
        exchange=None if exchange is None else tell_exchange(exchange, language),
    )


def _condition(given: NewCondition, exchange: str | None = None) -> Condition:
    return Condition(given.text or "", given.regexp or "", given.no_text or "", exchange or "")
