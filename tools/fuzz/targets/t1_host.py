"""Target: the workstation's end of T=1, connected to a reader's end; both are `tla_sim.protocol.t1.machine`.

The reader's end is honest. The line between them spoils what it carries, and delivers blocks that nobody
sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.t1.actions import (
    Aborted,
    Action,
    Failed,
    LinkSettings,
    MessageReceived,
    Resynchronised,
    Role,
    SendBytes,
)
from tla_sim.protocol.t1.block import (
    Block,
    BlockCutter,
    Edc,
    Fault,
    Information,
    Ready,
    Supervision,
    Supervisory,
)
from tla_sim.protocol.t1.machine import T1, OutOfTurn
from tla_sim.tools.fuzz.case import Case, Step
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.mutation import mutated
from tla_sim.tools.fuzz.targets.base import Notes, Target
from tla_sim.tools.judge.violation import Violation

_HOST_NAD: Final = 0x21
_NADS: Final = (0x12, 0x12, 0x12, 0x12, 0x13, 0x21, 0x00)
_SIZES: Final = (0, 1, 5, 60, 254, 255, 600, 900)
_SAID: Final = (b"\x01", b"\xfe", b"\x20", b"\0", b"\xff")
_TICKS: Final = (1, 24, 26, 201, 1_700, 1_700, 5_000, 60_000)
_SPOILS: Final = ("", "", "", "lose", "flip", "double", "late", "cut", "noise")
_LONGEST_MESSAGE: Final = 800
_PLAIN: Final = LinkSettings(baud=None, longest_message=_LONGEST_MESSAGE, longest_wait=30_000)
_SETTINGS: Final = {
    "CRC": _PLAIN,
    "LRC": replace(_PLAIN, edc=Edc.LRC),
    "SHORT": replace(_PLAIN, ifs=16, baud=9_600, attempts=2),
    "CARD": replace(_PLAIN, announces_ifs=False),
}
_MOST_ROUNDS: Final = 8_000
"""The pieces of the longest messages, both ways, when a forged IFS lets every block carry one byte."""

_LONGEST_MS: Final = 900_000
_ENDS: Final = ("answer", "LinkProtocolError", "NoAnswer", "ExchangeAbandoned")
_MOST_TICKS: Final = 3_000


_ACTS: Final[dict[str, Callable[[_Line, Step], None]]] = {
    "send": lambda line, step: line.send(step.data),
    "connect": lambda line, _: line.connect(),
    "reply": lambda line, step: line.reply(step.data),
    "run": lambda line, step: line.run(*_spoil(step.arg)),
    "tick": lambda line, step: line.tick(int(step.arg)),
    "abort": lambda line, step: line.abort(step.arg),
    "hear": lambda line, step: line.hear(step.arg, step.data),
}


class T1HostTarget(Target):
    """Messages of a workstation over a line that spoils them and adds blocks."""

    name = "t1_host"
    unit = "block"
    summary = Sentence("bytes into the workstation's end of T=1")
    acts = ("settings", *_ACTS)

    def generate(self, chance: Chance) -> Case:
        """Choose settings and 6 to 30 steps."""
        name = pick(chance, tuple(_SETTINGS))
        steps = [Step("settings", name)]
        for _ in range(6 + chance.below(25)):
            steps.append(_step(chance, _SETTINGS[name].edc))
        return tuple(steps)

    def run(self, case: Case, notes: Notes) -> None:
        """Carry out a case and judge it."""
        line = _play(case, notes)
        line.end()

    def bare(self, case: Case) -> int:
        """Carry out a case without the question at the end."""
        notes = Notes()
        _play(case, notes)
        return notes.units

    def declared(self) -> tuple[tuple[str, str], ...]:
        """Return the ways in which a message may end."""
        return tuple(("message", end) for end in _ENDS)


def _play(case: Case, notes: Notes) -> _Line:
    named = [step.arg for step in case if step.act == "settings" and step.arg in _SETTINGS]
    line = _Line(notes, _SETTINGS[named[0] if named else Edc.CRC.name])
    for step in case:
        if step.act in _ACTS:
            _ACTS[step.act](line, step)
    return line


def _step(chance: Chance, edc: Edc) -> Step:
    match chance.below(12):
        case 0 | 1:
            return Step("send", "", chance.data(pick(chance, _SIZES)))
        case 2 | 3:
            return Step("reply", "", chance.data(pick(chance, _SIZES)))
        case 4 | 5 | 6:
            return Step("run", f"{pick(chance, _SPOILS)}:{chance.below(8)}")
        case 7:
            return Step("tick", str(pick(chance, _TICKS)))
        case 8:
            return Step("abort", pick(chance, ("host", "reader")))
        case 9 if not chance.below(4):
            return Step("connect")
        case _:
            blocks = b"".join(_block(chance).build(edc) for _ in range(1 + chance.below(3)))
            raw = blocks if chance.below(6) else mutated(blocks, chance)
            return Step("hear", pick(chance, ("host", "host", "host", "reader")), raw)


def _block(chance: Chance) -> Block:
    nad = pick(chance, _NADS)
    match chance.below(3):
        case 0:
            inf = chance.data(pick(chance, (0, 1, 9, 254)))
            return Block(nad, Information(chance.below(2), not chance.below(3)), inf)
        case 1:
            return Block(nad, Ready(chance.below(2), pick(chance, tuple(Fault))))
        case _:
            control = Supervisory(pick(chance, tuple(Supervision)), not chance.below(2))
            return Block(nad, control, pick(chance, _SAID)[: control.inf_size])


class _Line:
    """Both ends, the bytes under way, and what was asked and answered."""

    def __init__(self, notes: Notes, settings: LinkSettings) -> None:
        self.notes = notes
        self.now = 0
        self.host = T1(Role.WORKSTATION, settings, _HOST_NAD)
        self.reader = T1(Role.READER, settings)
        self.answers: list[bytes] = []
        self.asked: list[bytes] = []
        self._settings = settings
        self._to_reader: list[bytes] = []
        self._to_host: list[bytes] = []
        self._pending = False
        self._connecting = False
        self._out = BlockCutter(settings.edc)

    def send(self, data: bytes) -> None:
        """Send a message from the workstation; refused while another one is under way."""
        if self._in_turn(lambda: self.host.send(data, self.now, _HOST_NAD), self.host.idle):
            self._pending, self._connecting = True, False

    def connect(self) -> None:
        """Connect the workstation: it looks for a reader."""
        if self._in_turn(lambda: self.host.connect(self.now), self.host.idle):
            self._pending, self._connecting = True, True

    def reply(self, data: bytes) -> None:
        """Answer from the reader."""
        try:
            actions = self.reader.send(data, self.now)
        except OutOfTurn:
            if self.reader.working:
                raise Violation("turn", "a reader that owes an answer may not give it") from None
            return
        self._of_reader(actions)

    def abort(self, who: str) -> None:
        """Abort the exchange at one end."""
        if who == "host":
            self._of_host(self.host.abort(self.now))
        else:
            self._of_reader(self.reader.abort(self.now))

    def hear(self, who: str, raw: bytes) -> None:
        """Deliver bytes that nobody sent."""
        self.notes.units += 1
        if who == "host":
            self._of_host(self.host.receive(raw, self.now))
        else:
            self._of_reader(self.reader.receive(raw, self.now))

    def run(self, spoil: str = "", at: int = 0) -> None:
        """Carry what is under way, one piece of it spoilt, until both ends are silent."""
        for number in range(_MOST_ROUNDS):
            if not self._to_reader and not self._to_host:
                return
            outgoing = bool(self._to_reader)
            piece = (self._to_reader if outgoing else self._to_host).pop(0)
            self.notes.units += 1
            if number == at:
                piece = self._spoil_piece(piece, spoil)
            if outgoing:
                self._of_reader(self.reader.receive(piece, self.now))
            else:
                self._of_host(self.host.receive(piece, self.now))
        raise Violation("time", "the two ends never stop talking")

    def _spoil_piece(self, piece: bytes, spoil: str) -> bytes:
        match spoil:
            case "lose":
                return b""
            case "flip":
                return piece[:-1] + bytes((piece[-1] ^ 1,))
            case "double":
                return piece + piece
            case "cut":
                return piece[: len(piece) // 2]
            case "noise":
                return b"\x12\xff\x00" + piece
            case "late":
                self.tick(2_000)
        return piece

    def tick(self, ms: int) -> None:
        """Let time pass, and wake each end when it asks for it."""
        until, ticks = self.now + ms, 0
        while (at := self._wake_at()) is not None and at <= until:
            ticks += 1
            if ticks > _MOST_TICKS:
                raise Violation("time", "an end of the link never comes to rest")
            self.now = max(at, self.now)
            self._of_host(self.host.tick(self.now))
            self._of_reader(self.reader.tick(self.now))
        self.now = until

    def _wake_at(self) -> int | None:
        return min((at for at in (self.host.wake_at, self.reader.wake_at) if at is not None), default=None)

    def _in_turn(self, act: Callable[[], list[Action]], idle: bool) -> bool:
        try:
            actions = act()
        except OutOfTurn:
            if idle:
                raise Violation("turn", "an idle workstation may not send") from None
            return False
        if not idle:
            raise Violation("turn", "a workstation sends before the previous exchange has ended")
        self._pending = True
        self._of_host(actions)
        return True

    def _of_host(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, SendBytes):
                if not self._out.feed(action.data) or self._out.unsettled:
                    raise Violation(
                        "form",
                        "the workstation sends bytes that are not a block",
                        action.data.hex(),
                    )
                self._to_reader.append(action.data)
            elif isinstance(action, (MessageReceived, Failed)) or (
                isinstance(action, Resynchronised) and self._connecting
            ):
                if not self._pending:
                    raise Violation("end", "an exchange ends twice")
                self._pending = self._connecting = False
                self._see_end(action)
            elif isinstance(action, Aborted):
                raise Violation("end", "a workstation is told that the reader's work was aborted")

    def _see_end(self, action: Action) -> None:
        if isinstance(action, MessageReceived):
            self.answers.append(action.data)
            self.notes.pairs["message", "answer"] += 1
            if len(action.data) > self._settings.longest_message:
                raise Violation("memory", "a longer message than the settings allow")
        elif isinstance(action, Failed):
            self.notes.pairs["message", type(action.error).__name__] += 1

    def _of_reader(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, SendBytes):
                self._to_host.append(action.data)
            elif isinstance(action, MessageReceived):
                self.asked.append(action.data)
            elif isinstance(action, Failed):
                raise Violation("end", "a reader's exchange fails like a workstation's")

    def end(self) -> None:
        """End on a clean line: what is under way ends, then a question must be answered."""
        self._settle()
        for attempt in range(3):
            question, answer = bytes((attempt,)) * 40, bytes((attempt ^ 0xFF,)) * 300
            self.answers.clear()
            self.asked.clear()
            self.send(question)
            self._settle(answer)
            if self.answers == [answer] and self.asked[-1:] == [question]:
                return
        raise Violation("recovery", "a question over a clean line stays unanswered three times")

    def _settle(self, answer: bytes = b"") -> None:
        started = self.now
        while True:
            self.run()
            if self.reader.working:
                self.reply(answer)
                continue
            if not self._pending and not self._to_host:
                return
            at = self._wake_at()
            if at is None or self.now - started > _LONGEST_MS:
                raise Violation("end", "a workstation waits for ever")
            self.tick(max(at - self.now, 0))


def _spoil(arg: str) -> tuple[str, int]:
    what, _, at = arg.partition(":")
    return what, int(at or "0")
