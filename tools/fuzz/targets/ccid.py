"""Target: bytes to the reader's CCID line, framed and not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.ccid import Answer, FrameCutter, Kind, Notice, Request, frame_message
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.links.ccid_link import CcidLink
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import mutated
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.link_world import borrow_reader, feed_link, judge_size, settle
from tla_sim.tools.judge.violation import Violation

_KINDS: Final = tuple(int(kind) for kind in Kind)
_ESCAPES: Final = (b"\x02", b"\x6a", b"\x01\x01\x01", b"\x01\x01\x00", b"")
_APDUS: Final = tuple(
    bytes.fromhex(text)
    for text in ("00A4040C00", "00B09C0000", "0084000008", "00A40400", "FF", "80100000", "00C0000010")
)
_BLOCKS: Final = tuple(
    bytes.fromhex(text) for text in ("21C000E1", "21C101FE1F", "2100058010000000B4", "FF1118F6")
)
_TICKS: Final = (1, 26, 201, 501, 30_000)


def _request(chance: Chance, sequence: int) -> Request:
    kind = pick(chance, _KINDS) if chance.below(3) else pick(chance, (Kind.XFR_BLOCK, Kind.ICC_POWER_ON))
    slot = pick(chance, (0, 1, 2, 0, 1, 2, 3, 4, 5, 255))
    match kind:
        case Kind.XFR_BLOCK:
            data = pick(chance, _APDUS) if slot < 2 else pick(chance, _BLOCKS)
            if not chance.below(6):
                data = chance.data(pick(chance, (0, 1, 261, 262)))
        case Kind.ESCAPE:
            data = pick(chance, _ESCAPES)
        case Kind.SET_PARAMETERS:
            data = chance.data(pick(chance, (5, 7, 4, 8)))
        case _:
            data = chance.data(chance.below(3)) if not chance.below(4) else b""
    special = (0, 0, 0) if chance.below(3) else (chance.below(4), chance.below(3), chance.below(2))
    return Request(kind, slot, sequence, data, *special)


class CcidTarget(Target):
    """Frames and noise to `reader_fw`'s CCID link, then GetSlotStatus, which must be answered."""

    name = "ccid"
    unit = "message"
    summary = Sentence("bytes into the reader's CCID line")
    acts = ("bytes", "tick")

    def generate(self, chance: Chance) -> Case:
        """Make 10 to 50 steps: frames, spoilt frames, noise, time."""
        steps: list[Step] = []
        for at in range(10 + chance.below(40)):
            frame = frame_message(_request(chance, at).build())
            match chance.below(12):
                case 0:
                    steps.append(Step("tick", str(pick(chance, _TICKS))))
                case 1:
                    steps.append(Step("bytes", "", mutated(frame, chance)))
                case 2:
                    steps.append(Step("bytes", "", chance.data(chance.below(8))))
                case _:
                    steps.append(Step("bytes", "", frame))
        return tuple(steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge it."""
        with borrow_reader() as used:
            reader = used.reader
            link = CcidLink(reader.attach("cards"), reader.attach("software"), used.clock)
            out = FrameCutter(reader=False)
            answers: list[Answer] = []

            def see(raw: bytes) -> None:
                for item in out.feed(raw):
                    if isinstance(item, bytes):
                        answers.append(_answer(item))
                    elif item is Notice.FAULT:
                        raise Violation("form", "the reader sends a broken frame", raw.hex()[:80])
                if out.broken:
                    raise Violation("form", "the reader sends bytes that are not a frame", raw.hex()[:80])

            for step in case:
                before = len(answers)
                if step.act == "bytes":
                    see(link.receive(step.data))
                    kind = _kind_of(step.data)
                    for answer in answers[before:]:
                        notes.saw(kind, f"{answer.command.name} {answer.error:02X}")
                    notes.units += before == len(answers)
                else:
                    reader.tick(int(step.arg))
                    see(link.tick())
            settle(used, link, see)
            self._end(link, see, answers)
            if len(case) % 32 == 0:
                judge_size(used, link)
            link.hang_up()

    def _end(self, link: CcidLink, see: Callable[[bytes], None], answers: list[Answer]) -> None:
        for sequence in (77, 78):
            see(link.receive(frame_message(Request(Kind.GET_SLOT_STATUS, 0, sequence).build())))
            if answers and answers[-1].sequence == sequence and answers[-1].kind == Kind.SLOT_STATUS:
                return
        raise Violation("recovery", "after silence GetSlotStatus is not answered")

    def bare(self, case: Case) -> int:
        """Feed the link alone."""
        with borrow_reader() as used:
            reader = used.reader
            feed_link(used, CcidLink(reader.attach("cards"), reader.attach("software"), used.clock), case)
        return len(case)

    def describe(self, case: Case) -> list[str]:
        """Return one line per step, with the kind of its message."""
        return [f"{step.act} {step.arg} {_kind_of(step.data)} {step.data.hex()}" for step in case]


def _answer(message: bytes) -> Answer:
    try:
        return Answer.parse(message)
    except CodecError as error:
        raise Violation("form", "the reader's message is not a CCID answer", error) from None


def _kind_of(frame: bytes) -> str:
    known = {int(kind): kind.name for kind in Kind}
    return known.get(frame[2], "?") if len(frame) > 12 and frame[:2] == b"\x03\x06" else "noise"
