"""Target: the server behind the C libraries, at its socket: garbage, and frames that are nearly right.

Two programs send to one server on a reader in memory. Each whole frame is answered, or ends the connection;
the reader changes only by commands that the function declares; afterwards a sound program is served.
"""

from __future__ import annotations

from typing import Final

from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.frames import HELLO, LENGTH_BYTES, MAGIC, MAX_FRAME_BYTES, VERSION, record_of
from tla_sim.host.ssv.functions import AT_SERVER
from tla_sim.protocol.sentence import Sentence
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import FLAWS, Flaw, mutated, write
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.ssv_world import PROGRAMS, SsvWorld, hello_frame, words

_NUMBERS: Final = (0, 1, 999, 0xFFFF)
_LENGTHS: Final = (0, 1, 0xFFFF, 70_000, MAX_FRAME_BYTES, MAX_FRAME_BYTES + 1, 0xFFFF_FFFF)
_VERSIONS: Final = (0, VERSION + 1, 0xFFFF)
_LONG: Final = (70_000, 100_000)
"""Bytes behind a call that make its frame need leave, which the longer one never gets."""


class SsvSocketTarget(Target):
    """Frames sound and unsound of two programs, in pieces."""

    name = "ssv_socket"
    unit = "frame"
    summary = Sentence("the server behind the C libraries, at its socket")
    acts = ("send", "hang up", "wait", "cards out")

    def generate(self, chance: Chance) -> Case:
        """Make two to twelve steps; programs mostly begin with a sound hello."""
        steps = [Step("send", str(place), _first(chance)) for place in range(PROGRAMS) if chance.below(8)]
        return (*steps, *(_step(chance) for _ in range(2 + chance.below(10))))

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out the steps, then check that the server is sound."""
        self._run(case, notes, judging=True)

    def bare(self, case: Case) -> int:
        """Carry out the steps without judging."""
        notes = Notes()
        self._run(case, notes, judging=False)
        return notes.units

    def _run(self, case: Case, notes: Notes, *, judging: bool) -> None:
        world = SsvWorld(notes, judging=judging)
        try:
            for step in case:
                _act(world, step)
            if judging:
                world.judge_health()
        finally:
            world.close()

    def describe(self, case: Case) -> list[str]:
        """Return the steps, long bytes cut short."""
        return [_described(step) for step in case]


def _act(world: SsvWorld, step: Step) -> None:
    match step.act:
        case "send":
            world.send(int(step.arg), step.data)
        case "hang up":
            world.hang_up(int(step.arg))
        case "wait":
            world.pass_time()
        case _:
            world.remove_cards()


def _step(chance: Chance) -> Step:
    place = str(chance.below(PROGRAMS))
    match chance.below(24):
        case 0:
            return Step("hang up", place)
        case 1:
            return Step("wait")
        case 2 if not chance.below(3):
            return Step("cards out")
        case 3:
            return Step("send", place, _hello(chance))
        case 4:
            return Step("send", place, chance.data(1 + chance.below(60)))
        case 5:
            return Step("send", place, pick(chance, _LENGTHS).to_bytes(LENGTH_BYTES) + chance.data(8))
        case 6:
            return Step("send", place, _framed(_call(chance) + bytes(pick(chance, _LONG))))
        case 7:
            frame = _framed(_call(chance))
            return Step("send", place, frame[: chance.below(len(frame))])
        case 8:
            return Step("send", place, mutated(_framed(_call(chance)), chance))
        case 9:
            return Step("send", place, _framed(_call(chance)) + _framed(_call(chance)))
        case _:
            return Step("send", place, _framed(_call(chance)))


def _first(chance: Chance) -> bytes:
    """Make what a program sends first, mostly a sound hello."""
    return hello_frame() if chance.below(6) else _hello(chance)


def _hello(chance: Chance) -> bytes:
    """Make a hello, sound, of another version, or not sound."""
    match chance.below(3):
        case 0:
            return hello_frame()
        case 1:
            sound = hello_frame()[LENGTH_BYTES:]
            version = pick(chance, _VERSIONS).to_bytes(2)
            return _framed(sound[: len(MAGIC)] + version + sound[len(MAGIC) + 2 :])
        case _:
            return _framed(write(HELLO, chance, pick(chance, FLAWS)))


def _call(chance: Chance) -> bytes:
    """Make a call, mostly sound."""
    if not chance.below(16):
        return pick(chance, _NUMBERS).to_bytes(2) + chance.data(chance.below(40))
    function: Function = pick(chance, AT_SERVER)
    flaw = Flaw.VALID if chance.below(3) else pick(chance, FLAWS)
    body = write(record_of(function, answers=False), chance, flaw, words())
    return function.number.to_bytes(2) + (1_000).to_bytes(4) + body


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(LENGTH_BYTES) + body


def _described(step: Step) -> str:
    shown = step.data[:80].hex() + ("…" if len(step.data) > 80 else "")
    return " ".join(filter(None, (step.act, step.arg, shown)))
