"""A fault plan: what goes wrong and when, as a value that prints as one line and parses from it.

seed=7,flash.cut@120:half-bits,line.bits:1e-4,ps.pull@17
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final, Self

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.faults.kinds import KINDS, MAX_NUMBER, Counted, FaultKind, Where

MAX_FAULTS: Final = 64
_SEED: Final = "seed="


class PlanMalformed(TlaError):
    """The text is not a fault plan."""

    category = Category.BAD_INPUT

    def __init__(self, message: str) -> None:
        names = ", ".join(KINDS)
        super().__init__(
            message, "Write for example seed=7,flash.cut@120:half-bits; the faults are {names}", names=names
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the name of its kind, the count at which it strikes (0 if its kind has none), its value."""

    name: str
    at: int = 0
    value: str = ""

    @property
    def kind(self) -> FaultKind:
        """The declaration of its kind."""
        return KINDS[self.name]

    def __str__(self) -> str:
        number = "" if self.kind.counted is Counted.NOTHING else f"@{self.at}"
        return self.name + number + (f":{self.value}" if self.value else "")


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Faults, in order, and the seed of everything that they draw at random.

    >>> plan = tla_sim.FaultPlan.parse("reader.reset@1")
    >>> with tla_sim.SimulatedReader.in_memory(faults=plan) as shaky:
    ...     client = shaky.client()
    ...     _ = client.identify(), client.identify()
    ...     shaky.struck
    ('reader.reset@1:1',)
    """

    seed: int = 0
    faults: tuple[Fault, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a plan of at most 64 faults. Raises PlanMalformed."""
        seed = 0
        faults: list[Fault] = []
        for item in (part.strip() for part in text.split(",")):
            if item.startswith(_SEED):
                seed = _natural(item.removeprefix(_SEED), item)
            elif item:
                faults.append(_fault(item))
            if len(faults) > MAX_FAULTS:
                raise PlanMalformed(Sentence("More than {most} faults", most=MAX_FAULTS))
        return cls(seed, tuple(faults))

    @classmethod
    def draw(cls, seed: int, counts: Mapping[Counted, int], faults: int = 1) -> Self:
        """Draw a plan at random; `counts` gives the number of each counted thing in a run without faults."""
        chance = Random(seed)
        kinds = [kind for kind in KINDS.values() if kind.counted in counts]
        drawn = []
        for _ in range(faults):
            kind = chance.choice(kinds)
            at = 0 if kind.counted is Counted.NOTHING else chance.randrange(max(counts[kind.counted], 1))
            drawn.append(Fault(kind.name, at, kind.draw(chance) if kind.draw else ""))
        return cls(seed, tuple(drawn))

    def of(self, *wheres: Where) -> FaultPlan:
        """Return the plan of the faults that strike these parts only."""
        return FaultPlan(self.seed, tuple(fault for fault in self.faults if fault.kind.where in wheres))

    def named(self, name: str) -> tuple[Fault, ...]:
        """Return the faults of one kind, such as `line.bits`."""
        return tuple(fault for fault in self.faults if fault.name == name)

    def __str__(self) -> str:
        return ",".join((f"{_SEED}{self.seed}", *map(str, self.faults)))


def _fault(item: str) -> Fault:
    head, _, value = item.partition(":")
    name, marked, number = head.partition("@")
    kind = KINDS.get(name)
    if kind is None:
        raise PlanMalformed(Sentence("There is no fault '{name}'", name=name[:40]))
    if bool(marked) != (kind.counted is not Counted.NOTHING):
        needs = (
            Sentence("takes no number")
            if marked
            else Sentence("needs a number: {name}@N counts {counted}", name=name, counted=kind.counted.value)
        )
        raise PlanMalformed(Sentence("{name} {needs}", name=name, needs=needs))
    at = _natural(number, item) if marked else 0
    value = value or kind.usual
    if kind.values is None and value:
        raise PlanMalformed(Sentence("{name} takes no value", name=name))
    if not kind.takes(value):
        raise PlanMalformed(Sentence("'{value}' is not a value for {name}", value=value[:40], name=name))
    return Fault(name, at, value)


def _natural(text: str, item: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 20 or int(text) >= MAX_NUMBER**2:
        raise PlanMalformed(Sentence("'{item}' needs a whole number", item=item[:40]))
    return int(text)
