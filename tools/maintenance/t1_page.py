"""The reference page of T=1, drawn from its transition table: a picture of each end, then every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tla_sim.protocol.t1.actions import Role
from tla_sim.protocol.t1.rules import CHOICES, Choice, Rule
from tla_sim.protocol.t1.states import REQUESTS, Event, State
from tla_sim.protocol.t1.table import TABLE

_INTRODUCTION: Final = """# T=1

How the two ends of a serial line exchange messages. One machine, `protocol/t1/machine.py`, runs at both ends
from one table of rules, `protocol/t1/table.py`, which is this page. The numbers of rules are those of ISO/IEC
7816-3:2006, §11.6.2 (1 to 5) and §11.6.3 (6 to 9); "ours" is Project-defined. Blocks, their sizes and their
error detection code are in `protocol/t1/block.py`.

Two numbers hold an exchange together. N(S), on an I-block, moves when the next block of a message is cut; a
block that is repeated keeps its number. N(R), on an R-block, is the number of the I-block that its sender
expects; it moves when that block was taken. So an R-block asks to go on when it expects our next block, and
to repeat when it expects our last one, whatever fault it names.
"""


def t1_page(notice: str) -> str:
    """The page, under a notice that it is generated."""
    return "\n".join([notice, *_page()]) + "\n"


def _page() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## Where an end stands\n"
    yield (
        "An exchange has a stage. A request of our own, marked *request*, interrupts it: what the request "
        "has no rule for is decided by the stage that it interrupted.\n"
    )
    yield "| state | |\n| --- | --- |"
    for state in State:
        kind = " (*request*)" if state in REQUESTS else ""
        yield f"| {_name(state)} | {state.value}{kind} |"
    yield "\n## What can happen\n"
    yield "| event | |\n| --- | --- |"
    yield from (f"| {_name(event)} | {event.value} |" for event in Event)
    for role in Role:
        yield f"\n## The {role.value}\n"
        yield "What leads from one state to another; a request that ends leads back to its stage.\n"
        yield from _picture(role)
    yield "\n## The rules\n"
    yield (
        "In which state of the workstation or the reader, on which event; what is done, **where** that end "
        "stands then if it moves, and what follows at once: an event, or a *choice* among several.\n"
    )
    for topic, rules in TABLE.items():
        yield f"### {topic}\n"
        yield "| workstation | reader | event | what is done | then | rule | why |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        yield from map(_row, rules)
        yield ""
    yield "## What follows\n"
    yield "| choice | among | how |\n| --- | --- | --- |"
    for choice in CHOICES:
        yield f"| {choice.name} | {_names(choice.outcomes)} | {choice.text} |"


def _name(word: State | Event) -> str:
    return word.name.lower().replace("_", " ")


def _names(words: Iterable[State | Event]) -> str:
    return ", ".join(map(_name, words))


def _row(rule: Rule) -> str:
    done = "" if rule.does is None else (rule.does.__doc__ or "").partition("\n")[0].rstrip(".")
    then = "" if rule.to is None else f"**{_name(rule.to)}**"
    if rule.then is not None:
        then += ("; " if then else "") + _follow(rule.then)
    cells = (
        _names(rule.workstation),
        _names(rule.reader),
        _names(rule.events),
        done,
        then,
        rule.source,
        rule.text,
    )
    return f"| {' | '.join(cells)} |"


def _follow(then: Choice | Event) -> str:
    return f"*{then.name}*" if isinstance(then, Choice) else _name(then)


def _picture(role: Role) -> Iterator[str]:
    """A state diagram: rules that end elsewhere than they began, several events of one way on one arrow."""
    ways: dict[tuple[State, State], list[Event]] = {}
    for rules in TABLE.values():
        for rule in rules:
            for state in rule.workstation if role is Role.WORKSTATION else rule.reader:
                if rule.to is not None and rule.to not in (state, State.STAGE):
                    ways.setdefault((state, rule.to), []).extend(rule.events)
    yield "```mermaid\nstateDiagram-v2"
    yield f"    [*] --> {(State.APART if role is Role.WORKSTATION else State.IDLE).name}"
    for (state, to), events in ways.items():
        yield f"    {state.name} --> {to.name}: {_names(events)}"
    yield "```"
