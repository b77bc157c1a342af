"""The steps of a flow: what was asked and answered, whatever number of exchanges it took.

Not counted are what the reader itself says to the cards in its slots, answers to reset, and memory zones. One
step are: a command with its GET RESPONSE, one repeated with another Le, a chained one; a command that changes
nothing, repeated while its answer stays the same, as polling does, or since none came; and the batches into
which a line's speed divides a load, a list, an unload or signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.exchange.description import Description, word_sentence
from tla_sim.protocol.lad import Lad
from tla_sim.protocol.slot_order import CLA as SLOT_CLA
from tla_sim.protocol.slot_order import SlotOrder
from tla_sim.protocol.wire.forms import Differs, Many
from tla_sim.protocol.wire.located import Fields, LocatedField
from tla_sim.protocol.wire.record import Record
from tla_sim.tools.capture.flow_leaves import Leaf, find_leaves
from tla_sim.tools.capture.reading import Read, ReadExchange
from tla_sim.tools.capture.tracer import SLOT

_MOST_FIELDS: Final = 100_000
"""More than an APDU has bytes that could be fields."""
_MOST_BATCHES: Final = 10_000
"""Of one run, several times what any reader holds."""
_LONGEST_ANSWER: Final = 65_538
_CHAINED: Final = 0x10
_PROPRIETARY: Final = 0x80
_SECURE: Final = 0x0C
_MORE: Final = 0x61
_OTHER_LE: Final = 0x6C
HEADER: Final = frozenset(("CLA", "INS", "P1", "P2", "P1-P2"))
"""The fields of a command APDU before its data."""


class Step:
    """One step: the numbers of its first and last exchange in its file, from 1, and when it began."""

    def __init__(self, number: int, exchange: ReadExchange) -> None:
        self.number = self.last = number
        self.ns = exchange.started_ns
        self.lad = exchange.lad
        self.command = exchange.command
        self.response = exchange.response
        self.batches: list[tuple[bytes, bytes]] = []

    @cached_property
    def description(self) -> Description:
        """What its first exchange says."""
        return Description(self.lad, self.command, self.response, _MOST_FIELDS)

    @property
    def name(self) -> str:
        """The command's name."""
        return self.description.name

    @property
    def key(self) -> tuple[Lad, str]:
        """Addressee and command."""
        return self.lad, self.name

    @property
    def word(self) -> int | None:
        """The status word, `None` when no answer came."""
        return self.description.word

    @property
    def meaning(self) -> str:
        """The status in words."""
        return self.description.meaning if self.word is None else word_sentence(self.word)

    @property
    def asked(self) -> tuple[Leaf, ...]:
        """What was asked, as leaves."""
        fields = self.description.request
        if self.batches:
            more = [Description(self.lad, each, b"", _MOST_FIELDS).request for each, _ in self.batches]
            fields = _joined(self._declared.request, [fields, *more], is_request=True)
        instruction = self.description.instruction
        if instruction is not None and (instruction.asks_at_random or self._is_secure):
            fields = tuple(each for each in fields if each.name in HEADER)
        return tuple(find_leaves(fields))

    @property
    def answered(self) -> tuple[Leaf, ...]:
        """What was answered, as leaves, without the status."""
        instruction = self.description.instruction
        if instruction is not None and (instruction.answers_at_random or self._is_secure):
            return ()
        fields = self.description.answer
        if self.batches:
            more = [Description(self.lad, *each, _MOST_FIELDS).answer for each in self.batches]
            fields = _joined(self._declared.response, [fields, *more], is_request=False)
        return tuple(find_leaves(fields))

    @property
    def changes_nothing(self) -> bool:
        """Whether the command is one that only asks."""
        declared = self.description.declared
        if declared is not None:
            return not declared.changes
        return self.command[:2] == bytes((SLOT_CLA, SlotOrder.LOOK))

    def is_same_as(self, other: Step) -> bool:
        """Return whether both are the same, byte by byte."""
        return (
            self.command == other.command
            and self.response == other.response
            and self.lad is other.lad
            and self.batches == other.batches
        )

    def repeats(self, before: Step) -> bool:
        """Return whether this asks again what changes nothing, and is told the same."""
        if self.command != before.command or self.lad is not before.lad or not self.changes_nothing:
            return False
        if self.response == before.response:
            return True
        alike = len(self.response) == len(before.response) and self.word == before.word
        return alike and [each.value for each in self.answered] == [each.value for each in before.answered]

    def tries_again(self, before: Step) -> bool:
        """Return whether this asks again what got no answer, and changes nothing."""
        return (
            not before.response
            and self.command == before.command
            and self.lad is before.lad
            and self.changes_nothing
        )

    @cached_property
    def batch(self) -> tuple[object, ...] | None:
        """What the batches of one run have in common; `None` for what is not a batch."""
        declared = self.description.declared
        if declared is None or not declared.in_batches or self.word != Status.OK:
            return None
        try:
            asked = declared.request.parse(CommandApdu.parse(self.command).data)
        except TlaError:
            return None
        fixed = [name for name, wire in declared.request.fields.items() if not _is_of_batch(wire)]
        return (declared.name, *(getattr(asked, name) for name in fixed))

    def add(self, batch: Step) -> None:
        """Take in the next batch of the same run."""
        self.batches += [(batch.command, batch.response), *batch.batches]
        self.last = max(self.last, batch.last)

    @property
    def _declared(self) -> Command[Any, Any]:
        declared = self.description.declared
        assert declared is not None
        return declared

    @property
    def _is_secure(self) -> bool:
        return bool(self.command[0] & _SECURE)


def find_steps(reads: Iterable[Read]) -> Iterator[Step]:
    """Yield the steps of a flow. Raises what `reads` raises, behind those before it."""
    return _batched(_without_repeats(_whole_commands(_numbered(reads))))


def _numbered(reads: Iterable[Read]) -> Iterator[Step]:
    number = 0
    for each in reads:
        if isinstance(each, ReadExchange):
            number += 1
            if each.link != SLOT:
                yield Step(number, each)


def _whole_commands(steps: Iterable[Step]) -> Iterator[Step]:
    """Put together what a card's protocol divides: chained commands, and answers that wait."""
    before: Step | None = None
    for step in steps:
        if before is None:
            before = step
        elif not _continue(before, step):
            yield before
            before = step
    if before is not None:
        yield before


def _continue(before: Step, step: Step) -> bool:
    """Take in a step that continues the one before, and return whether it does."""
    if step.lad is not before.lad or len(step.command) < 4 or len(before.command) < 4:
        return False
    first = before.response[-2:-1]
    if len(before.response) > _LONGEST_ANSWER:
        return False
    if first == bytes((_MORE,)) and step.command[1] == CardIns.GET_RESPONSE:
        before.response = before.response[:-2] + step.response
    elif first == bytes((_OTHER_LE,)) and step.command[:4] == before.command[:4]:
        before.command, before.response = step.command, step.response
    elif _is_chained(before.command) and step.command[1] == before.command[1]:
        try:
            head, tail = CommandApdu.parse(before.command), CommandApdu.parse(step.command)
            joined = tail._replace(data=head.data + tail.data)
            before.command = joined.build()
        except TlaError:
            return False
        before.response = step.response
    else:
        return False
    before.last = step.number
    return True


def _is_chained(command: bytes) -> bool:
    return command[0] < _PROPRIETARY and bool(command[0] & _CHAINED)


def _without_repeats(steps: Iterable[Step]) -> Iterator[Step]:
    before: Step | None = None
    for step in steps:
        if before is not None:
            if step.repeats(before):
                before.last = step.last
                continue
            if not step.tries_again(before):
                yield before
        before = step
    if before is not None:
        yield before


def _batched(steps: Iterable[Step]) -> Iterator[Step]:
    """Join the batches of each run, also of two commands of which one confirms the other in turns."""
    held: list[Step] = []
    for step in steps:
        if step.batch is None:
            yield from held
            held = []
            yield step
        elif held and held[-1].batch == step.batch and len(held[-1].batches) < _MOST_BATCHES:
            held[-1].add(step)
        elif len(held) == 3 and held[1].batch == step.batch:
            held[0].add(held.pop())
            held[1].add(step)
        elif len(held) == 2 and held[0].batch == step.batch and _confirms(held[1], held[0]):
            held.append(step)
        else:
            kept = [held[-1]] if held and _confirms(step, held[-1]) else []
            yield from held[: len(held) - len(kept)]
            held = [*kept, step]
    yield from held


def _confirms(second: Step, first: Step) -> bool:
    declared, confirmed = second.description.declared, first.description.declared
    return declared is not None and confirmed is not None and declared.confirms is confirmed.ins


def _is_of_batch(wire: Any) -> bool:
    return wire.differs is not None or isinstance(wire.form, Many)


def _joined(record: Record[Any], batches: Sequence[Fields], *, is_request: bool) -> Fields:
    """Return the fields of batches as if they were one.

    Lists follow one another, a name that a request repeats once; of what stands beside them the last counts.
    """
    named = [{each.name: each for each in batch} for batch in batches]
    found = []
    for field in batches[0]:
        wire = record.fields.get(field.name)
        all_of_it = [batch[field.name] for batch in named if field.name in batch]
        if wire is None:
            found.append(field)
        elif isinstance(wire.form, Many):
            found.append(_one_list(wire.nested, all_of_it, is_request))
        elif wire.differs is Differs.ADDS_UP:
            total = sum(each.value for each in all_of_it if isinstance(each.value, int))
            found.append(replace(field, value=total))
        else:
            found.append(field if is_request else all_of_it[-1])
    return tuple(found)


def _one_list(nested: Record[Any] | None, lists: Sequence[LocatedField], is_request: bool) -> LocatedField:
    items: list[LocatedField] = []
    known: set[object] = set()
    for one in lists:
        more = list(one.fields)
        if nested is not None and items and more and _is_continued(nested, items[-1], more[0]):
            both = (items[-1].fields, more.pop(0).fields)
            items[-1] = replace(items[-1], fields=_joined(nested, both, is_request=is_request))
        for each in more:
            said = _said(each) if is_request else None
            if said is None or said not in known:
                known.add(said)
                items.append(each)
    numbered = tuple(replace(each, name=str(place)) for place, each in enumerate(items, 1))
    return replace(lists[0], value=None if numbered else lists[0].value, fields=numbered)


def _is_continued(nested: Record[Any], last: LocatedField, first: LocatedField) -> bool:
    """Return whether a list inside an item was cut by the end of a batch."""
    lists = {name for name, wire in nested.fields.items() if isinstance(wire.form, Many)}
    return bool(lists) and [_said(each) for each in last.fields if each.name not in lists] == [
        _said(each) for each in first.fields if each.name not in lists
    ]


def _said(field: LocatedField) -> tuple[tuple[tuple[str, ...], object], ...]:
    return tuple((each.path, each.value) for each in find_leaves((replace(field, name=""),)))
