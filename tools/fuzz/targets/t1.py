"""Target: bytes to the reader's T=1 link, mostly blocks with a correct error detection code."""

from __future__ import annotations

from typing import Any, Final

from tla_sim.protocol.commands.cards import READ_PS_CARD
from tla_sim.protocol.commands.declaration import Command
from tla_sim.protocol.commands.identity import DIAGNOSTICS, IDENTIFY, READ_CLOCK
from tla_sim.protocol.commands.loading import LIST_INVOICES, OPEN_LOAD
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.t1.actions import LinkSettings
from tla_sim.protocol.t1.block import (
    INITIAL_IFS,
    Block,
    BlockCutter,
    Edc,
    Fault,
    Information,
    Ready,
    Supervision,
    Supervisory,
)
from tla_sim.reader_fw.links.t1_link import T1Link
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import FLAWS, mutated, write
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.fuzz.targets.link_world import LinkReader, borrow_reader, feed_link, judge_size, settle
from tla_sim.tools.fuzz.targets.sequences import apdu_of, load_apdus
from tla_sim.tools.judge.violation import Violation

_EDC: Final = Edc.CRC
_SETTINGS: Final = LinkSettings(baud=None)
_NADS: Final = (0x21, 0x21, 0x21, 0x21, 0x31, 0x41, 0x51, 0x12, 0x00)
_TICKS: Final = (1, 24, 26, 201, 1_700, 30_000)
_COMMANDS: Final[tuple[Command[Any, Any], ...]] = (
    *(IDENTIFY, READ_CLOCK, LIST_INVOICES),
    *(READ_PS_CARD, DIAGNOSTICS, OPEN_LOAD),
)
_BLOCKS_A_STEP: Final = 16
_NAD: Final = 0x21
_MOST_BLOCKS: Final = 1_000


def _edges() -> tuple[bytes, ...]:
    controls = [Supervisory(about, response) for about in Supervision for response in (False, True)]
    built = [Block(0x21, control, b"\x20"[: control.inf_size]).build(_EDC) for control in controls]
    built += [Block(0x21, Ready(number, fault)).build(_EDC) for number in (0, 1) for fault in Fault]
    built += [
        Block(0x21, Supervisory(Supervision.IFS, False), bytes((size,))).build(_EDC)
        for size in (0, 1, 254, 255)
    ]
    return tuple(built)


_CONTROLS: Final = _edges()
_IFS_ANSWER: Final = Block(_NAD, Supervisory(Supervision.IFS, True), b"\xfe").build(_EDC)
_RESYNCH: Final = Block(_NAD, Supervisory(Supervision.RESYNCH, False)).build(_EDC)


class T1Target(Target):
    """Blocks and noise to `reader_fw`'s T=1 link, then a question that must be answered."""

    name = "t1"
    unit = "block"
    summary = Sentence("bytes into the reader's T=1 link")
    acts = ("bytes", "tick", "load")

    def generate(self, chance: Chance) -> Case:
        """Make steps of 16 blocks each, with pauses; some bytes are not blocks."""
        steps: list[Step] = []
        number = 0
        flood = not chance.below(24)
        for _ in range(4 + chance.below(8)):
            pieces: list[bytes] = []
            for _ in range(_BLOCKS_A_STEP):
                if flood or chance.below(3):
                    raw, number = _information(chance, number, flood)
                    pieces.append(raw)
                else:
                    pieces.append(pick(chance, _CONTROLS))
            if flood:
                # The reader sends S(IFS request) before it goes on, so the flood must answer it.
                pieces.insert(1, _IFS_ANSWER)
            raw = b"".join(pieces)
            steps.append(Step("bytes", "", raw if flood or chance.below(6) else mutated(raw, chance)))
            if not flood and not chance.below(2):
                steps.append(Step("tick", str(pick(chance, _TICKS))))
        if flood:
            steps *= 30
        if flood or chance.below(8):
            steps.insert(0, Step("bytes", "", _RESYNCH))
        if not chance.below(16):
            steps.append(Step("load"))
        return tuple(steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge it."""
        with borrow_reader() as used:
            conversation = _Conversation(used, notes)
            for step in case:
                conversation.take_step(step)
            if len(case) > 60:
                judge_size(used, conversation.link)
            conversation.end()

    def bare(self, case: Case) -> int:
        """Feed the link alone."""
        with borrow_reader() as used:
            feed_link(used, T1Link(used.reader.attach("t1"), used.clock, _SETTINGS), case)
        return _BLOCKS_A_STEP * sum(step.act == "bytes" for step in case)

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return every kind of block with every kind of answer."""
        kinds = ("Information", "Ready", "Supervisory")
        return tuple((kind, answer) for kind in kinds for answer in kinds)

    def describe(self, case: Case) -> list[str]:
        """Return one line per block."""
        lines: list[str] = []
        for step in case:
            if step.act != "bytes":
                lines.append(f"{step.act} {step.arg}".strip())
                continue
            cutter = BlockCutter(_EDC)
            lines += [
                f"{block.nad:02X} {block.control} {block.inf.hex()}" for block in cutter.feed(step.data)
            ]
            if cutter.unsettled:
                said = Sentence("then bytes that are not a block; in all {data}", data=step.data.hex()[:160])
                lines.append(said)
        return lines


def _information(chance: Chance, number: int, flood: bool) -> tuple[bytes, int]:
    """Return an I-block, mostly with the number that is due, and the number after it."""
    if flood:
        return Block(_NAD, Information(number, True), bytes(254)).build(_EDC), number ^ 1
    more = not chance.below(4)
    if chance.below(4):
        command = pick(chance, _COMMANDS)
        inf = apdu_of(command, write(command.request, chance, pick(chance, FLAWS)))[:254]
    else:
        inf = chance.data(chance.below(40))
    used = number if chance.below(5) else number ^ 1
    return Block(pick(chance, _NADS), Information(used, more), inf).build(_EDC), number ^ 1


class _Conversation:
    """One link, with what was sent and received, judged by the rules of ISO/IEC 7816-3, clause 11."""

    def __init__(self, used: LinkReader, notes: Notes) -> None:
        self._used = used
        self._notes = notes
        self.link = T1Link(used.reader.attach("t1"), used.clock, _SETTINGS)
        self._out = BlockCutter(_EDC)
        self._in = BlockCutter(_EDC)
        self._ifs = INITIAL_IFS
        self._number = 0
        self._due = 0

    def take_step(self, step: Step) -> None:
        """Carry out one step."""
        if step.act == "bytes":
            self._send(step.data)
        elif step.act == "tick":
            self._used.reader.tick(int(step.arg))
            self._see(self.link.tick())
        else:
            self._load()

    def _send(self, data: bytes) -> None:
        sent = self._in.feed(data)
        if self._in.unsettled:
            self._in.clear()
        for block in sent:
            if (
                isinstance(block.control, Supervisory)
                and block.control.about is Supervision.IFS
                and block.inf
            ):
                self._ifs = max(self._ifs, min(block.inf[0], 254))
        answered = self._see(self.link.receive(data))
        notes = self._notes
        notes.units += len(sent)
        if sent and answered:
            kinds = type(sent[-1].control).__name__, type(answered[-1].control).__name__
            notes.pairs[kinds] += 1
        if len(answered) > len(sent) + 1:
            raise Violation("form", "more blocks come back than went in")

    def _see(self, raw: bytes) -> list[Block]:
        if not raw:
            return []
        blocks = self._out.feed(raw)
        if self._out.unsettled:
            raise Violation("form", "the link sends bytes that are not a block", raw[:80].hex())
        for block in blocks:
            control = block.control
            if isinstance(control, Information) and len(block.inf) > self._ifs:
                raise Violation("form", "an I-block is longer than the host takes", len(block.inf))
        return blocks

    def end(self) -> None:
        """Fall silent, resynchronise, and ask a question: the answer must be the reader's."""
        settle(self._used, self.link, self._see)
        self._resynchronise()
        answer = self._ask(apdu_of(IDENTIFY, b""))
        try:
            identity = IDENTIFY.response.parse(answer[:-2])
        except CodecError:
            identity = None
        if identity is None or identity.serial_number != self._used.reader.app.serial_number:
            raise Violation("recovery", "after silence and RESYNCH the link does not answer as it should")
        self.link.hang_up()

    def _resynchronise(self) -> None:
        for _ in range(2):
            answered = self._see(self.link.receive(_RESYNCH))
            if answered and answered[-1].control == Supervisory(Supervision.RESYNCH, True):
                self._ifs, self._number, self._due = INITIAL_IFS, 0, 0
                return
            settle(self._used, self.link, self._see)
        raise Violation("recovery", "RESYNCH is not answered")

    def _load(self) -> None:
        """Send a load in chained blocks: its digest matches only if each block arrived intact and once."""
        settle(self._used, self.link, self._see)
        self._resynchronise()
        opening, batch, _ = load_apdus(players.OWNERS[0], players.invoices()[players.OWNERS[0]][:2])
        for answer in [self._ask(opening), self._ask(batch)]:
            if answer[-2:] != b"\x90\x00":
                raise Violation(
                    "recovery", "a chained load does not arrive as it was sent", answer[-2:].hex()
                )

    def _ask(self, apdu: bytes) -> bytes:
        """Exchange an APDU as a workstation does, after a resynchronisation or another exchange."""
        pieces = [apdu[at : at + 200] for at in range(0, len(apdu), 200)]
        for at, piece in enumerate(pieces):
            control = Information(self._number, at < len(pieces) - 1)
            self._number ^= 1
            blocks = self._see(self.link.receive(Block(_NAD, control, piece).build(_EDC)))
            if control.more and (not blocks or blocks[-1].control != Ready(self._number, Fault.NONE)):
                raise Violation("recovery", "a block of a chain is not acknowledged")
        answer = b""
        for _ in range(_MOST_BLOCKS):
            if not blocks:
                due = self.link.wake_at
                if due is None:
                    raise Violation("recovery", "a question after RESYNCH gets no answer")
                self._used.reader.tick(max(due - self._used.clock.now_ms, 0))
                blocks = self._see(self.link.tick())
                continue
            said = blocks[-1].control
            if isinstance(said, Supervisory):
                reply = Block(_NAD, Supervisory(said.about, True), blocks[-1].inf)
            elif isinstance(said, Information):
                if said.number != self._due:
                    raise Violation("recovery", "an answer's block has the wrong number")
                self._due ^= 1
                answer += blocks[-1].inf
                if not said.more:
                    return answer
                reply = Block(_NAD, Ready(said.number ^ 1, Fault.NONE))
            else:
                raise Violation("recovery", "a question after RESYNCH gets an R-block")
            blocks = self._see(self.link.receive(reply.build(_EDC)))
        raise Violation("recovery", "an answer does not end")
