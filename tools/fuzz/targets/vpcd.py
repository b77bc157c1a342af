"""Target: bytes to the reader's vpcd link."""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.lad import Lad
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.links.vpcd_link import VpcdLink
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import mutated
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.link_world import borrow_reader, feed_link, judge_size, settle
from tla_sim.tools.judge.violation import Violation

_BODIES: Final = tuple(
    bytes.fromhex(text)
    for text in (
        *("00", "01", "02", "04", "04", "04", "05", ""),
        *("00A4040C00", "00B09C0000", "8010000000", "0084000008"),
    )
)
_LADS: Final = ("PS", "VITALE", "LOG_SV")


def _message(body: bytes) -> bytes:
    return len(body).to_bytes(2, "big") + body


class VpcdTarget(Target):
    """Messages to `reader_fw`'s vpcd link, split and merged."""

    name = "vpcd"
    unit = "message"
    summary = Sentence("bytes into the reader's vpcd link")
    acts = ("slot", "bytes")

    def generate(self, chance: Chance) -> Case:
        """Choose a slot, then 10 to 60 pieces of the stream."""
        steps = [Step("slot", pick(chance, _LADS))]
        for _ in range(10 + chance.below(50)):
            raw = _message(pick(chance, _BODIES) if chance.below(4) else chance.data(chance.below(300)))
            if not chance.below(12):
                raw = mutated(raw, chance)
            cut = chance.below(len(raw) + 1) if not chance.below(6) else len(raw)
            steps += [Step("bytes", "", part) for part in (raw[:cut], raw[cut:]) if part]
        return tuple(steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case: the answers must be whole messages, no more than were asked for."""
        with borrow_reader() as used:
            lad = next(
                (Lad[step.arg] for step in case if step.act == "slot" and step.arg in Lad.__members__), Lad.PS
            )
            link = VpcdLink(used.reader.attach("vpcd"), used.clock, lad)
            out = bytearray()
            sent = 0
            for step in case:
                if step.act == "bytes":
                    sent += len(step.data)
                    out += link.receive(step.data)
                    settle(used, link, out.extend)
                    notes.units += 1
            messages = _whole_messages(bytes(out))
            if len(messages) > sent:
                raise Violation("form", "more messages come back than were sent")
            for message in messages:
                notes.pairs[lad.name, f"{message[-2:].hex().upper()}" if len(message) < 40 else "data"] += 1
            if len(case) % 32 == 0:
                judge_size(used, link)
            link.hang_up()
            again = link.receive(_message(b"\x04"))
            if len(_whole_messages(again)) != 1:
                raise Violation("recovery", "a new driver gets no answer to reset")

    def bare(self, case: Case) -> int:
        """Feed the link alone."""
        with borrow_reader() as used:
            feed_link(used, VpcdLink(used.reader.attach("vpcd"), used.clock, Lad.PS), case)
        return len(case)


def _whole_messages(raw: bytes) -> list[bytes]:
    found = []
    while raw:
        size = int.from_bytes(raw[:2], "big")
        if len(raw) < 2 + size:
            raise Violation("form", "the reader sends a message that does not end", raw[:40].hex())
        found.append(raw[2 : 2 + size])
        raw = raw[2 + size :]
    return found
