"""Generate the reference page of T=1 from its transition table: a diagram of each end, then every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tla_sim.protocol.t1.actions import Role
from tla_sim.protocol.t1.rules import CHOICES, Choice, Rule
from tla_sim.protocol.t1.states import REQUESTS, Event, State
from tla_sim.protocol.t1.table import TABLE

_INTRODUCTION: Final = """# T=1

This page shows how the two ends of a serial line exchange messages. The same machine,
`protocol/t1/machine.py`, runs at both ends; it follows the table of rules in `protocol/t1/table.py`, from
which this page is generated. Rule numbers are those of ISO/IEC 7816-3:2006, §11.6.2 (1 to 5) and §11.6.3 (6
to 9); "ours" means Project-defined. Blocks, their sizes and their error detection code are in
`protocol/t1/block.py`.

Two numbers keep the ends in step. N(S), on an I-block, changes with each new block of a message; a repeated
block keeps its number. N(R), on an R-block, is the number of the I-block that its sender expects next; it
changes once that block was accepted. So an R-block that expects our next block asks us to continue, and one
that expects our last block asks us to repeat it, whatever error the R-block states.
"""


def t1_page(notice: str) -> str:
    """Return the page, under a notice that it is generated."""
    return "\n".join([notice, *_page()]) + "\n"


def _page() -> Iterator[str]:
    yield _INTRODUCTION
    yield "## States\n"
    yield (
        "An exchange is at a certain stage. A request of our own, marked *request*, interrupts that stage: "
        "events for which the request has no rule follow the rules of the interrupted stage.\n"
    )
    yield "| state | |\n| --- | --- |"
    for state in State:
        kind = " (*request*)" if state in REQUESTS else ""
        yield f"| {_name(state)} | {state.value}{kind} |"
    yield "\n## Events\n"
    yield "| event | |\n| --- | --- |"
    yield from (f"| {_name(event)} | {event.value} |" for event in Event)
    for role in Role:
        yield f"\n## The {role.value}\n"
        yield (
            "Transitions from one state to another. A request that ends leads back to its stage; events for "
            "which it has no rule below follow the arrows of that stage.\n"
        )
        yield from _picture(role)
    yield "\n## The rules\n"
    yield (
        "Each rule applies in the given states of the workstation or the reader, on the given events. *Then* "
        "has the **new state**, if it changes, and the event that follows at once, or a *choice* among "
        "several.\n"
    )
    for topic, rules in TABLE.items():
        yield f"### {topic}\n"
        yield "| workstation | reader | event | action | then | rule | why |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        yield from map(_row, rules)
        yield ""
    yield "## Choices\n"
    yield "| choice | outcomes | rule |\n| --- | --- | --- |"
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
    """Yield a state diagram of the rules that change the state, with one arrow per transition."""
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
