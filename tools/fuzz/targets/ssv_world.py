"""A server of the SSV functions on a reader in memory, and programs that send it anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tla_sim.host.ssv.caller import CODES
from tla_sim.host.ssv.declaration import TEXTS, Form, Function
from tla_sim.host.ssv.frames import (
    LENGTH_BYTES,
    MAGIC,
    MAX_FRAME_BYTES,
    VERSION,
    WELCOME,
    build_call,
    build_frame,
    parse_answer,
    parse_call,
)
from tla_sim.host.ssv.functions import LIRE_DATE_LECTEUR
from tla_sim.host.ssv.server.conversation import FRAME_S, Conversation
from tla_sim.host.ssv.server.dispatch import FUNCTIONS
from tla_sim.host.ssv.server.memory import FrameMemory
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.reader_place import AtUrl
from tla_sim.host.ssv.server.service import Service
from tla_sim.host.ssv.server.turns import Turns
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.host.transport.passing import PassingTransport
from tla_sim.protocol.commands.cards import READ_PS_CARD, VERIFY_CODE
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.groups.zone import encode_zone
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.grammar import Lexicon
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.started import started_reader
from tla_sim.tools.judge.board import Documents
from tla_sim.tools.judge.signatures import ANCHORS
from tla_sim.tools.judge.violation import Violation
from tla_sim.tools.simulator.live_reader import LiveReader

PROGRAMS: Final = 2
"""Programs that are connected at once."""
MEMORY: Final = 80_000
"""Bytes of long frames at once: little, so that it runs out."""
_VERSION_END: Final = len(MAGIC) + 2


@cache
def words() -> Lexicon:
    """Return wire bytes worth trying, by parameter."""
    zones = [_sized32(zone) for zone in _zones()]
    owners = [_sized16(each.encode()) for each in (*players.OWNERS, "", "75699999", "7" * 10)]
    return {
        "ps_resource": [_sized16(each) for each in (*[b"CPS"] * 12, b"transpa1", b"Log_SV", b"CPS_CPS_9")],
        "reader": [_sized16(each) for each in (*[b"Log_SV"] * 12, b"log_sv", b"CPS", b"", b"Log_SV_99")],
        "code": [_sized16(each) for each in (*[CODE.encode()] * 8, b"", b"9999", b"12")],
        "date": [_sized16(each) for each in (b"", b"20190305", b"201903050000", b"2019")],
        "moment": [_sized16(each) for each in (b"201903050900", b"20190305090001", b"2019")],
        "cdc_version": [_sized16(each) for each in (b"", b"1.40", b"1.31", b"x")],
        "billing": owners,
        "invoice": [_sized16(each) for each in (b"", b"190305001", b"1", b"x")],
        "kind": [_sized16(each) for each in (b"", b"0", b"9")],
        "create": [b"1", b"2", b"3", b"x"],
        "securing": [b"1", b"2", b"3", b"x"],
        "situation": [b"\0", b"\1"],
        "zone": zones,
        "zones": [len(some).to_bytes(2) + b"".join(some) for some in (zones[:1], zones[:3], zones[3:])],
    }


def _zones() -> list[bytes]:
    contents = [each for owner in players.OWNERS[:2] for each in players.invoices()[owner][:2]]
    return [encode_zone(PreparedInvoice.parse(each).groups()) for each in contents]


def _sized16(text: bytes) -> bytes:
    return len(text).to_bytes(2) + text


def _sized32(zone: bytes) -> bytes:
    return len(zone).to_bytes(4) + zone


class _Tap(PassingTransport):
    """What passes everything on, and keeps the names of the commands sent."""

    def __init__(self, inner: InProcessTransport, sent: set[str]) -> None:
        super().__init__(inner)
        self._sent = sent

    def transmit(self, apdu: bytes, lad: Lad = Lad.LOG_SV) -> bytes:
        command = COMMANDS.get(apdu[1])
        self._sent.add(str(lad) if command is None else command.name)
        return super().transmit(apdu, lad)


class SsvWorld:
    """A server with its programs. Each is judged by a second, plain reading of what it sends."""

    def __init__(self, notes: Notes, *, judging: bool) -> None:
        self.notes = notes
        self.judging = judging
        self.now = 1_000.0
        self.folder = TemporaryDirectory(prefix="tla-fuzz-")
        self.live = LiveReader(started_reader())
        self.live.reader.power_on()
        for slot, name in (("PS", "maya"), ("VITALE", "martin")):
            image = players.cards()[name][0]
            self.live.reader.insert(players.SLOT_OF[slot], Card(image, self.live.reader.board.entropy))
        self.sent: set[str] = set()
        self.memory = FrameMemory(MEMORY)
        self.held = ReaderHeld(AtUrl("memory:"), self._open, lambda: self.now, Turns(patience=0))
        path = Path(self.folder.name) / "ledger"
        self.service = Service(self.held, path, anchors=ANCHORS)
        self.mistakes: list[Exception] = []
        self.programs = [self._connect() for _ in range(PROGRAMS)]

    def _open(self, _url: str) -> PassingTransport:
        transport = self.live.transport("memory", None)
        assert isinstance(transport, InProcessTransport)
        return _Tap(transport, self.sent)

    def _connect(self) -> _Program:
        conversation = Conversation(
            self.service.welcome,
            memory=self.memory,
            on_mistake=self.mistakes.append,
            now=lambda: self.now,
        )
        return _Program(conversation)

    def send(self, place: int, data: bytes) -> None:
        """Have a program send bytes, and judge every answer as it comes."""
        program = self.programs[place]
        if program.conversation.ended:
            self.hang_up(place)
            program = self.programs[place]
        program.pending += data
        before = self._documents()
        for frame in program.conversation.receive(data):
            self.notes.units += 1
            if self.judging:
                self._judge(program, frame, before)
                before = self._documents()
                self.sent.clear()
        if self.judging:
            self._judge_rest(program)

    def hang_up(self, place: int) -> None:
        """Have a program vanish, and another one connect."""
        self.programs[place].conversation.close()
        self.programs[place] = self._connect()

    def pass_time(self) -> None:
        """Let time pass, so that half frames are too late and the reader is closed."""
        self.now += FRAME_S
        for place, program in enumerate(self.programs):
            if program.conversation.deadline is not None:
                program.conversation.late()
                self.hang_up(place)
        self.held.close_when_idle()
        if self.judging and self.held.is_open:
            raise Violation("reader", "it stays open when nobody calls")

    def remove_cards(self) -> None:
        """Take both cards out."""
        for slot in Slot:
            self.live.reader.remove(slot)

    def close(self) -> None:
        """End every program and the server."""
        for program in self.programs:
            program.conversation.close()
        self.held.close()
        self.folder.cleanup()

    def _documents(self) -> Documents:
        return {entry.key: entry for entry in self.live.reader.app.store.entries()}

    def _judge(self, program: _Program, frame: bytes, before: Documents) -> None:
        """Judge one answer by the frame that it answers."""
        asked = program.next_asked()
        body = frame[LENGTH_BYTES:]
        if asked is None:
            raise Violation("answer", "an answer to nothing")
        if int.from_bytes(frame[:LENGTH_BYTES]) != len(body):
            raise Violation("answer", "its length is wrong")
        if self.mistakes:
            raise Violation("answer", "an internal error") from self.mistakes[0]
        if not program.greeted:
            self._judge_welcome(program, asked, body)
            return
        function = FUNCTIONS.get(int.from_bytes(asked[:2])) if len(asked) > 1 else None
        code = int.from_bytes(body[:2])
        name = "no function" if function is None else function.name
        self.notes.pairs[name, f"{code:04X}"] += 1
        if code not in CODES:
            raise Violation("answer", "{function} answers an unknown code", function=name)
        if function is None:
            if code not in (0xF0FF, 0xF801) or len(body) != 2:
                raise Violation("answer", "what is no function is answered {code}", code=f"{code:04X}")
        else:
            _check_texts(function, asked, code, sent=bool(self.sent))
            _check_outputs(function, body)
        self._judge_effect(function, name, before)

    def _judge_welcome(self, program: _Program, asked: bytes, body: bytes) -> None:
        welcome = WELCOME.parse(body)
        sound = asked[: len(MAGIC)] == MAGIC
        same = int.from_bytes(asked[len(MAGIC) : _VERSION_END]) == VERSION
        if not sound or welcome.version != VERSION or (welcome.code == 0x800E) == same:
            raise Violation("hello", "a library of another version is taken for one of ours, or the reverse")
        program.greeted = welcome.code == 0
        self.notes.pairs["hello", f"{welcome.code:04X}"] += 1

    def _judge_effect(self, function: Function | None, name: str, before: Documents) -> None:
        declared = set() if function is None else {*function.commands}
        if VERIFY_CODE.name in declared:
            # A code travels under a key that the card has to give first.
            declared.add(READ_PS_CARD.name)
        if undeclared := sorted(self.sent - declared):
            raise Violation("effect", "{function} sends {command}", function=name, command=undeclared[0])
        changing = any(each.changes and each.name in self.sent for each in COMMANDS)
        if not changing and self._documents() != before:
            raise Violation("effect", "the reader's documents change without a command")

    def _judge_rest(self, program: _Program) -> None:
        """Judge that nothing that was asked for stays unanswered."""
        if program.conversation.ended:
            return
        if program.next_asked() is not None:
            raise Violation("answer", "a whole frame has no answer")
        partial = bool(program.pending) or not program.greeted
        if partial != (program.conversation.deadline is not None):
            raise Violation("time", "half a frame may stay for ever, or a rest between calls may not")

    def judge_health(self) -> None:
        """Hang up everywhere, and check that a sound program is served and nothing stays held."""
        for each in self.programs:
            each.conversation.close()
        program = self._connect()
        self.programs = [program]
        self.send(0, hello_frame())
        self.send(0, build_frame(build_call(LIRE_DATE_LECTEUR, {"reader": b"Log_SV"}, 1)))
        if self.notes.pairs[LIRE_DATE_LECTEUR.name, "0000"] < 1 or program.conversation.ended:
            raise Violation("answer", "a sound program is not served any more")
        program.conversation.close()
        if not self.memory.take(MEMORY):
            raise Violation("memory", "bytes of frames that have gone are still counted")


class _Program:
    """A program's connection, and what it has sent that was not answered yet."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.pending = b""
        self.greeted = False

    def next_asked(self) -> bytes | None:
        """Take the next whole frame out of what was sent, by a plain reading; `None` when there is none."""
        if len(self.pending) < LENGTH_BYTES:
            return None
        length = int.from_bytes(self.pending[:LENGTH_BYTES])
        if length > MAX_FRAME_BYTES or len(self.pending) < LENGTH_BYTES + length:
            return None
        body = self.pending[LENGTH_BYTES : LENGTH_BYTES + length]
        self.pending = self.pending[LENGTH_BYTES + length :]
        return body


def hello_frame() -> bytes:
    """Return the hello of a sound library."""
    return build_frame(MAGIC + VERSION.to_bytes(2) + b"\x01" + b"\0\0" + _sized16(b"fuzz"))


def _check_texts(function: Function, asked: bytes, code: int, *, sent: bool) -> None:
    """Check that a call with a text that does not fit is refused before the reader hears of it."""
    try:
        _, values, _ = parse_call(asked, FUNCTIONS)
    except TlaError:
        if code not in (0xF0FF, 0xF801) or sent:
            raise Violation(
                "answer",
                "what is no call of {function} is answered {code}",
                function=function.name,
                code=f"{code:04X}",
            ) from None
        return
    for each in function.inputs:
        if each.form in TEXTS and (len(values[each.name]) > each.longest or b"\0" in values[each.name]):
            if code in (0x8011, 0xF802, 0xF801, 0x0004) and not sent:
                return
            raise Violation("answer", "{function} takes a text that is too long", function=function.name)


def _check_outputs(function: Function, body: bytes) -> None:
    """Check that an answer is as its function declares, and its zones within what programs can take."""
    try:
        code, outputs = parse_answer(function, body)
    except TlaError as error:
        raise Violation(
            "answer", "{function} does not answer as declared", error, function=function.name
        ) from error
    if code:
        return
    for each in function.outputs:
        if each.form is Form.MOMENT_OUT and len(outputs[each.name]) != 12:
            raise Violation("answer", "{function} gives no moment of 12 digits", function=function.name)
