"""Comparing two flows by what was asked and answered: the first difference, or all of them.

What differs from run to run does not count: it is declared where the fields are, as
`tla_sim.protocol.wire.forms.Differs` and its like for groups and for the instructions of cards.
`tla_sim.tools.capture.flow_steps` says which repeats are no difference either. Behind a difference both flows
are aligned by what they ask.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from itertools import islice
from typing import Final

from tla_sim.protocol.errors import CodecError
from tla_sim.tools.capture.flow_leaves import Leaf, find_unlike
from tla_sim.tools.capture.flow_steps import Step, find_steps
from tla_sim.tools.capture.reading import Read

_AHEAD: Final = 100
"""Steps on each side within which the flows are aligned again."""
_BEFORE: Final = 4
_MOST_FIELDS: Final = 20
"""Of one step: a list that is shifted by one differs everywhere."""


class DifferenceKind(Enum):
    """In what two flows differ."""

    EXTRA = "extra"
    MISSING = "missing"
    ORDER = "order"
    COMMAND = "command"
    REQUEST = "request"
    STATUS = "status"
    ANSWER = "answer"
    YOURS_ENDS = "yours-ends"
    REFERENCE_ENDS = "reference-ends"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: the steps at which both flows stand, `None` for one that has ended.

    `leaves` are the fields that differ, yours and the reference's, `None` where it is absent; only for
    REQUEST and ANSWER. `count` is how many steps are extra, missing, or follow. `before` are the last steps
    in which both agree.
    """

    kind: DifferenceKind
    yours: Step | None
    reference: Step | None
    leaves: tuple[Leaf | None, Leaf | None] = (None, None)
    count: int = 1
    before: tuple[tuple[Step, Step], ...] = ()


def diff_flows(yours: Iterable[Read], reference: Iterable[Read]) -> Iterator[Difference]:
    """Yield the differences in order, those of one step field by field; both are read as far as is needed for
    the next.

    Raises CodecError, behind the differences before it, where a trace was cut off or is damaged.
    """
    ours, theirs = _Ahead(yours), _Ahead(reference)
    before: deque[tuple[Step, Step]] = deque(maxlen=_BEFORE)
    while True:
        mine, other = ours.head(), theirs.head()
        if mine is None and other is None:
            return
        if mine is None:
            yield Difference(DifferenceKind.YOURS_ENDS, None, other, before=tuple(before))
            return
        if other is None:
            yield Difference(DifferenceKind.REFERENCE_ENDS, mine, None, before=tuple(before))
            return
        found = None if mine.is_same_as(other) else _compare(mine, other)
        if found is None:
            before.append((mine, other))
            ours.skip(1)
            theirs.skip(1)
            continue
        kind, leaves, extra, missing = _align(found, ours, theirs)
        count = max(extra - ours.repeats(extra), missing - theirs.repeats(missing), 1)
        for pair in leaves:
            yield Difference(kind, mine, other, pair, count, tuple(before))
        if kind in (DifferenceKind.STATUS, DifferenceKind.ANSWER, DifferenceKind.REQUEST):
            before.append((mine, other))
        ours.skip(extra)
        theirs.skip(missing)


class _Ahead:
    """The steps of a flow, of which some are looked at before their turn."""

    def __init__(self, reads: Iterable[Read]) -> None:
        self._steps = find_steps(self._until_damage(reads))
        self._waiting: deque[Step] = deque()
        self._problem: CodecError | None = None
        self._last: Step | None = None

    def head(self) -> Step | None:
        """Return the next step, `None` at the end. Raises CodecError when it is damaged there."""
        self._look(1)
        if self._waiting:
            return self._waiting[0]
        if self._problem is not None:
            raise self._problem
        return None

    def several(self) -> list[Step]:
        """Return the next steps, as many as are looked at."""
        self._look(_AHEAD)
        return list(islice(self._waiting, _AHEAD))

    def skip(self, count: int) -> None:
        """Go on."""
        for _ in range(count):
            self._last = self._waiting.popleft()

    def repeats(self, count: int) -> int:
        """Return how many of the next `count` steps, at their end, say again what was said before them.

        The other flow has them, too: they followed what is missing there, and became one with it.
        """
        last = self._last
        several = list(islice(self._waiting, count))
        found = 0
        while last is not None and several and several.pop().repeats(last):
            found += 1
        return found

    def _look(self, count: int) -> None:
        self._waiting.extend(islice(self._steps, max(0, count - len(self._waiting))))

    def _until_damage(self, reads: Iterable[Read]) -> Iterator[Read]:
        try:
            yield from reads
        except CodecError as error:
            self._problem = error


_Pair = tuple[Leaf | None, Leaf | None]
_Found = tuple[DifferenceKind, tuple[_Pair, ...]]
_NO_LEAVES: Final[tuple[_Pair, ...]] = ((None, None),)


def _compare(mine: Step, other: Step) -> _Found | None:
    if mine.key != other.key:
        return DifferenceKind.COMMAND, _NO_LEAVES
    if asked := tuple(islice(find_unlike(mine.asked, other.asked), _MOST_FIELDS)):
        return DifferenceKind.REQUEST, asked
    if mine.word != other.word:
        return DifferenceKind.STATUS, _NO_LEAVES
    if answered := tuple(islice(find_unlike(mine.answered, other.answered), _MOST_FIELDS)):
        return DifferenceKind.ANSWER, answered
    return None


def _align(found: _Found, ours: _Ahead, theirs: _Ahead) -> tuple[DifferenceKind, tuple[_Pair, ...], int, int]:
    """Return what the difference is, and how many steps lie before the next that both take."""
    kind, leaves = found
    if kind in (DifferenceKind.STATUS, DifferenceKind.ANSWER):
        return kind, leaves, 1, 1
    mine, others = ours.several(), theirs.several()
    signatures = _signatures(mine), _signatures(others)
    extra, missing = _until_alike(*signatures)
    if extra and missing:
        # Neither asks exactly this again soon: the same command otherwise, or by its name elsewhere.
        if kind is DifferenceKind.REQUEST:
            return kind, leaves, 1, 1
        extra, missing = _until_alike(
            [each.key for each in mine[:extra]], [each.key for each in others[:missing]]
        )
    if extra and missing:
        return DifferenceKind.COMMAND, _NO_LEAVES, 1, 1
    here, there = signatures if extra else signatures[::-1]
    if here.count(here[0]) <= there.count(here[0]):
        return DifferenceKind.ORDER, _NO_LEAVES, extra, missing
    return DifferenceKind.EXTRA if extra else DifferenceKind.MISSING, _NO_LEAVES, extra, missing


def _signatures(steps: list[Step]) -> list[object]:
    return [(each.key, tuple((leaf.path, leaf.value) for leaf in each.asked)) for each in steps]


def _until_alike(mine: list[object], others: list[object]) -> tuple[int, int]:
    """Return how many of each come before the first that they share."""
    matcher = SequenceMatcher(None, mine, others, autojunk=False)
    tag, _, extra, _, missing = matcher.get_opcodes()[0]
    return (0, 0) if tag == "equal" else (extra, missing)
